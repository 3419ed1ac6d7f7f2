/** After loading, before the lines open: rooms, outstanding intentions, and what a crash left between meter and wallet. */
import { leftByEarlierRun, outstandingOfAlarms } from '../domain/alarm/alarms.ts';
import { outstandingOfInterlock } from '../domain/interlock.ts';
import { outstandingOfMeter } from '../domain/meter/decide.ts';
import { outstandingOfWallet } from '../domain/wallet/decide.ts';
import { isCutForMoney } from '../domain/meter/view.ts';
import type { MeterCell, WalletCell } from './cells.ts';
import type { Core } from './core.ts';

export function resume(core: Core): void {
  for (const room of core.directory.rooms.keys()) core.room(room);
  core.tenancies.resume();
  core.emergencies.resume();
  core.takeovers.resume();
  core.siteImports.resume();
  for (const { kind, active, meter } of Object.values(core.alarms.alarms)) {
    const cell = meter === null ? undefined : core.meters.get(meter);
    // Said by an earlier run: this one ends it where the crash came between the cut and the word of it.
    if (kind === 'cutHeld' && active && cell) cell.live.alarms.cutHeld = true;
  }
  for (const [id, cell] of core.meters) resumeMeter(core, id, cell);
  for (const [id, cell] of core.wallets) resumeWallet(core, id, cell);
  const asksStill = (meter: string): boolean => {
    const state = core.meters.get(meter)?.state;
    return state?.cutSinceMs != null && isCutForMoney(state, core.context());
  };
  for (const send of outstandingOfInterlock(core.interlock, asksStill)) core.send(send);
  for (const send of leftByEarlierRun(core.alarms)) core.send(send);
  core.perform('alarms:site', outstandingOfAlarms(core.alarms));
  for (const { id, room, active, suppressedBy, shelved, priority } of Object.values(core.alarms.alarms)) {
    if (room !== null && active && !suppressedBy && !shelved)
      core.send({ to: 'room', id: room, message: { type: 'AlarmShown', id, priority } });
  }
}

/** Increments that were measured and not yet charged are sent again; the wallet ignores what it has. */
function resumeMeter(core: Core, id: string, { state }: MeterCell): void {
  core.perform(`meter:${id}`, outstandingOfMeter(state));
  core.send({ to: 'meter', id, message: { type: 'Wake', name: 'start' } });
  const { wallet } = state.place;
  if (wallet === null) return;
  const charged = core.chargedSequence(id);
  const monoMs = core.options.clock.mono();
  for (const consumption of state.pending) {
    if (consumption.sequence > charged)
      core.send({ to: 'wallet', id: wallet, message: { type: 'ChargeConsumption', meter: id, consumption, monoMs } });
  }
}

function resumeWallet(core: Core, id: string, { state }: WalletCell): void {
  const { rules, nowMs, localDay } = core.context();
  const { utilityOf } = core.pricing;
  const around = { warnBeforeCutMs: rules.warnBeforeCutMs, utilityOf, day: localDay(nowMs) };
  const { effects, sends } = outstandingOfWallet(id, state, around);
  core.perform(`wallet:${id}`, effects);
  for (const send of sends) {
    // Meters that were never told to open need no word to close again: spares a start ten thousand messages.
    const cell = send.to === 'meter' && !state.exhausted ? core.meters.get(send.id) : undefined;
    if (!cell || cell.state.cutSinceMs !== null || cell.state.causes.moneyExhausted) core.send(send);
  }
  core.send({ to: 'wallet', id, message: { type: 'Wake', name: 'start' } });
}
