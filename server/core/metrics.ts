/** The core's own Prometheus registry; the gateway adds its own behind /metrics. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Decision } from '../domain/messages.ts';
import type { MeterEvent, MeterState } from '../domain/meter/state.ts';

const COMMIT_BUCKETS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];
/** Commit times kept for the system page. */
const RECENT = 512;

export class Metrics {
  readonly registry = new Registry();
  readonly pulses = new Counter({
    name: 'wattroom_pulses_total',
    help: 'Readings by what became of them',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  readonly commands = new Counter({
    name: 'wattroom_commands_total',
    help: 'Switching and operator commands by result',
    labelNames: ['result'],
    registers: [this.registry],
  });
  readonly #commit = new Histogram({
    name: 'wattroom_store_commit_seconds',
    help: 'From sealing a commit until it is durable',
    buckets: COMMIT_BUCKETS,
    registers: [this.registry],
  });
  readonly imbalance = new Gauge({
    name: 'wattroom_ledger_imbalance_micro',
    help: 'Sum of all ledger accounts plus what the wallets differ by; 0 or an alarm',
    registers: [this.registry],
  });
  readonly utilisation = new Gauge({
    name: 'wattroom_line_utilisation_ratio',
    help: 'Busy wire time over time',
    labelNames: ['line'],
    registers: [this.registry],
  });
  readonly mailbox = new Gauge({
    name: 'wattroom_actor_mailbox_depth_max',
    help: 'Deepest mailbox since the last scrape',
    registers: [this.registry],
  });
  readonly deadLetters = new Gauge({
    name: 'wattroom_dead_letters_total',
    help: 'Messages to nobody or over a mailbox bound',
    registers: [this.registry],
  });
  readonly parked = new Gauge({
    name: 'wattroom_actors_parked',
    help: 'Actors that threw and wait for a restart',
    registers: [this.registry],
  });
  #recent: number[] = [];

  readonly commitSeconds = {
    observe: (seconds: number): void => {
      this.#commit.observe(seconds);
      this.#recent.push(seconds * 1000);
      if (this.#recent.length > RECENT) this.#recent.shift();
    },
  };

  get lastCommitMs(): number | null {
    return this.#recent.at(-1) ?? null;
  }

  /** Milliseconds below which the share q of the recent commits lay; 0 without any. */
  commitQuantileMs(q: number): number {
    const sorted = [...this.#recent].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
  }

  /** Counters that have not counted yet are shown as 0: a rate over a series that comes out of nothing misses its first. */
  constructor() {
    for (const outcome of outcomes) this.pulses.inc({ outcome }, 0);
    this.commands.inc({ result: 'done' }, 0);
  }

  pulse(before: MeterState, decision: Decision<MeterEvent>): void {
    this.pulses.inc({ outcome: outcomeOf(before, decision) });
  }
}

const outcomes = ['charged', 'anchored', 'noted', 'quarantined', 'waiting', 'unchanged'] as const;

function outcomeOf(before: MeterState, decision: Decision<MeterEvent>): (typeof outcomes)[number] {
  for (const event of decision.events) {
    if (event.type === 'ConsumptionMeasured') return 'charged';
    if (event.type === 'IndexAnchored') return 'anchored';
    if (event.type === 'IndexNoted') return 'noted';
    if (event.type === 'ReadingQuarantined') return 'quarantined';
  }
  return before.quarantine?.waiting ? 'waiting' : 'unchanged';
}
