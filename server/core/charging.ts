/**
 * What wallets have to do at meters that keep their money: one exclusive task per wallet, from what is durable alone. The
 * wallet decides (domain/charging); here a task is built, run and told.
 */
import type { ProfileName } from '../../protocol/site.ts';
import type { CurrentOrder, Charging as ChargingState, Standing } from '../domain/charging/state.ts';
import { CHARGING_WAKE, mustSetUp } from '../domain/charging/decide.ts';
import { believed, litreMicro, type Shown } from '../domain/charging/volume.ts';
import { planWrite, type WritePlan } from '../domain/charging/write.ts';
import { litresProgram, lookProgram, purchaseProgram, setUpProgram } from '../lines/money.ts';
import { createProfiles } from '../lines/profiles/index.ts';
import type { MoneySpec } from '../lines/profiles/profile.ts';
import type { FieldTask, TaskOutcome } from '../lines/tasks.ts';
import type { Core } from './core.ts';
import { MeterChecks } from './meterChecks.ts';

/** The lines are not up yet, or the meter is described anew just now. */
const NOT_YET_MS = 2_000;

type Half = { readonly order: string; readonly shown: number; readonly real: number; readonly index: number };

/** Where only the first half arrived, what stood there before is what counts. */
function whole(shown: Shown, half: Half): Shown {
  const used = shown.index - half.index;
  const isHalf = Math.abs((shown.litres ?? 0) - (half.shown - used)) <= 1;
  return isHalf && half.shown !== half.real ? { ...shown, litres: half.real - used } : shown;
}

export class Charging {
  readonly checks: MeterChecks;
  readonly #core: Core;
  /** Wallets with a task under way. */
  readonly #under = new Set<string>();
  /** Why a wallet's last task came to nothing; forgotten at a start. */
  readonly #troubles = new Map<string, string>();
  /** Of wallets whose meter may have taken one half of a number: forgotten at a start, and then a person says. */
  readonly #halves = new Map<string, Half>();
  #tasks = 0;
  #profiles: ReturnType<typeof createProfiles> | null = null;

  constructor(core: Core) {
    this.#core = core;
    this.checks = new MeterChecks(core);
  }

  trouble(wallet: string): string | null {
    return this.#troubles.get(wallet) ?? null;
  }

  /** How a model's money is written; null: not at all. */
  specFor(profile: ProfileName): MoneySpec | null {
    this.#profiles ??= createProfiles(this.#core.directory.site.profileOptions);
    return this.#profiles[profile].money;
  }

  /** What its meter says now, in money; null: it has not been read since the start. */
  seen(charging: ChargingState): Pick<Standing, 'count' | 'remainingMicro' | 'atMs'> | null {
    const { live, state } = this.#core.meters.get(charging.meter) ?? {};
    if (!live?.money) return null;
    const { count, remainingMicro, atMs } = believed(charging, { ...live.money, index: state?.anchor?.index ?? 0 });
    return { count: Math.max(0, count), remainingMicro, atMs };
  }

  /** After the commit that asked for it; what other commits hold meanwhile is looked up when its turn comes. */
  run(wallet: string): void {
    setImmediate(() => this.#begin(wallet));
  }

  #begin(wallet: string): void {
    const { lines, wallets, meters } = this.#core;
    const cell = wallets.get(wallet);
    const charging = cell?.durableCharging;
    if (!cell || !charging || charging.held || this.#under.has(wallet)) return;
    const { config, place } = meters.get(charging.meter)?.state ?? {};
    const spec = config ? this.specFor(config.profile) : null;
    if (!lines || !config || !spec || place?.wallet !== wallet) return this.#later(wallet);
    const order = charging.current;
    if (!mustSetUp(charging) && order === null) return;
    this.#under.add(wallet);
    if (order === null) this.#setUp(wallet, charging, config.line, spec);
    else this.#purchase(wallet, charging, order, config.line, spec);
  }

  #later(wallet: string): void {
    const { timers } = this.#core;
    timers.set(`wallet:${wallet}`, CHARGING_WAKE, this.#core.context().nowMs + NOT_YET_MS);
  }

  #task<Result>(
    wallet: string,
    meterId: string,
    next: FieldTask<Result>['next'],
    mayWrite: FieldTask['mayWrite'],
  ): FieldTask<Result> {
    this.#tasks += 1;
    return { id: `charging:${wallet}:${this.#tasks}`, target: { meterId }, priority: 'credit', mayWrite, next };
  }

  #setUp(wallet: string, charging: ChargingState, line: string, spec: MoneySpec): void {
    const { clock } = this.#core.options;
    const site = (): number => clock.site();
    const next = spec.keeps === 'litres' ? lookProgram(spec, site) : setUpProgram(spec, charging.settings, site);
    const hung = this.#hung(charging.meter);
    const mayWrite = (): boolean => {
      const now = this.#still(wallet);
      return now !== null && mustSetUp(now);
    };
    this.#core.lines?.run(line, this.#task(wallet, charging.meter, next, mayWrite), (outcome) => {
      this.#ended(wallet, outcome);
      // Another one hangs there by now: what stood in the old one says nothing of it.
      const same = this.#hung(charging.meter) === hung;
      const found = same && outcome.kind === 'done' && outcome.result.ok ? outcome.result.found : null;
      if (outcome.kind === 'done' && !outcome.result.ok) this.#troubles.set(wallet, 'notKept');
      this.#core.send({ to: 'wallet', id: wallet, message: { type: 'MeterSetUp', found } });
    });
  }

  #purchase(wallet: string, charging: ChargingState, order: CurrentOrder, line: string, spec: MoneySpec): void {
    const { clock } = this.#core.options;
    let before: Standing | null = null;
    const site = (): number => clock.site();
    const plan = (fresh: Standing): WritePlan => planWrite(order, fresh);
    const half = this.#halves.get(wallet);
    const program =
      spec.keeps === 'yuan'
        ? purchaseProgram(spec, plan, site, (standing) => (before = standing))
        : litresProgram(spec, {
            ...{ plan, site, litreMicro: litreMicro(charging.settings) },
            believe: (shown) => believed(charging, half?.order === order.id ? whole(shown, half) : shown),
            saw: (standing, written) => {
              before = standing;
              this.#halves.set(wallet, { order: order.id, ...written });
            },
          });
    const mayWrite = (): boolean => {
      const now = this.#still(wallet);
      return now?.current?.id === order.id && now.current.count === order.count;
    };
    this.#core.lines?.run(line, this.#task(wallet, charging.meter, program, mayWrite), (outcome) => {
      this.#ended(wallet, outcome);
      const { stopped, ...seen } = outcome.kind === 'done' ? outcome.result : { before, after: null, stopped: null };
      const message = { type: 'MeterTaskEnded', order: order.id, seen, stopped } as const;
      this.#core.send({ to: 'wallet', id: wallet, message });
    });
  }

  /** As it is now, while nothing stands against a write. */
  #still(wallet: string): ChargingState | null {
    const charging = this.#core.wallets.get(wallet)?.state.charging;
    if (!charging || charging.held) return null;
    return this.#core.meters.get(charging.meter)?.state.place.wallet === wallet ? charging : null;
  }

  /** Which meter it is: its number, or how it is reached. */
  #hung(meter: string): string {
    const { profile, number, unitId } = this.#core.meters.get(meter)?.state.config ?? {};
    return JSON.stringify([profile, number, unitId]);
  }

  #ended(wallet: string, outcome: TaskOutcome<unknown>): void {
    this.#under.delete(wallet);
    if (outcome.kind === 'failed') this.#troubles.set(wallet, outcome.reason);
    else this.#troubles.delete(wallet);
  }
}
