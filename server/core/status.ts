/** How the core is: for the wall's header, /healthz and /metrics. */
import type { InternalAnswer } from '../../protocol/ipc.ts';
import type { Status } from '../../protocol/wall.ts';
import { isFlood } from '../domain/alarm/kinds.ts';
import { EPOCH_STALE_MS } from '../domain/switching.ts';
import type { Core } from './core.ts';

/** Commits get through, and where there is nothing to commit, the store answers: its epoch is asked for all the time. */
const keeps = (core: Core): boolean => core.committer.keeping && core.context().epochAgeMs <= EPOCH_STALE_MS;

export function statusOf(core: Core): Status {
  const { clock, storeKind } = core.options;
  let metersOnline = 0;
  for (const cell of core.meters.values()) if (cell.live.online) metersOnline += 1;
  return {
    siteTimeMs: clock.site(),
    speed: clock.speed,
    core: true,
    money: keeps(core) ? 'ok' : 'onHold',
    ledgerImbalanceMicro: core.ledger.imbalanceMicro,
    commitMs: core.metrics.lastCommitMs,
    store: storeKind,
    flood: isFlood(Object.values(core.alarms.alarms), clock.site()),
    interlockHeld: core.interlock.held.length,
    emergencies: { seq: core.emergencies.state.seq, open: Object.keys(core.emergencies.state.jobs).length },
    groups: { seq: core.groups.state.seq, open: Object.keys(core.groups.state.jobs).length },
    approvals: { seq: core.approvals.state.seq, open: Object.keys(core.approvals.state.open).length },
    counts: {
      rooms: core.rooms.size,
      meters: core.meters.size,
      lines: core.directory.all('line').length,
      metersOnline,
      linesUp: core.linesUp(),
    },
  };
}

/** Unhealthy: a scheduler stands still, the store does not keep, money does not add up, or an actor is parked. */
export function healthOf(core: Core): InternalAnswer['health'] {
  const silentMeters: string[] = [];
  for (const [id, cell] of core.meters) if (cell.live.online === false) silentMeters.push(id);
  const ledgerZero = core.ledger.imbalanceMicro === 0;
  const store = keeps(core);
  const schedulers = core.schedulersRun();
  const { parked } = core.actors;
  const healthy = ledgerZero && store && schedulers && parked.length === 0;
  return { healthy, schedulers, store, ledgerZero, parked, silentLines: core.silentLines(), silentMeters };
}

/** Prometheus text. */
export function scrape(core: Core): Promise<string> {
  core.metrics.imbalance.set(core.ledger.imbalanceMicro);
  core.metrics.mailbox.set(core.actors.takeMailboxMax());
  core.metrics.deadLetters.set(core.actors.deadLetters);
  core.metrics.parked.set(core.actors.parked.length);
  core.beforeScrape();
  return core.metrics.registry.metrics();
}
