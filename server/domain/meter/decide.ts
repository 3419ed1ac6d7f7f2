/** The meter: validates readings, measures consumption, and holds which state of its breaker or valve is wanted. */
import { assert, assertNever } from '../assert.ts';
import {
  refuse,
  type Decision,
  type Effect,
  type MeterMessage,
  type ReadingInput,
  type Send,
  type WalletMessage,
} from '../messages.ts';
import {
  endExpired,
  endUncut,
  followTag,
  noteSwitch,
  observeSwitch,
  opened,
  restore,
  switchBy,
  tryToOpen,
  wakeAtEnd,
} from './breaker.ts';
import { Outcome, type MeterContext } from './outcome.ts';
import { correct } from './correct.ts';
import { emergencyCut, emergencyOver } from './emergency.ts';
import { groupSwitch, groupUndo } from './group.ts';
import { alarmsOfReading, say } from './alarms.ts';
import { chargeItself, showMoney } from './itself.ts';
import { choosePlan, followControl } from './control.ts';
import { watchCut } from './cutHeld.ts';
import { charge, measure, plausible } from './measure.ts';
import { place, tryToPlace } from './place.ts';
import { renew } from './renew.ts';
import { chooseTariff, isTariffWake, takeTariffUp } from './tariff.ts';
import { judge, type Doubt } from './reading.ts';
import type { MeterEvent, MeterLive, MeterState } from './state.ts';
import { tileOf } from './view.ts';

/** A doubtful value is read again; what persists over three reads is quarantined (rules.md, "Readings"). */
const DOUBTS_BEFORE_QUARANTINE = 3;

/** `live` is changed in place: it is volatile and belongs to this actor alone. */
export function decideMeter(
  state: MeterState,
  live: MeterLive,
  message: MeterMessage,
  context: MeterContext,
): Decision<MeterEvent> & { readonly state: MeterState } {
  const out = new Outcome(state, live, context);
  let monoMs: number | null = null;
  if (message.type === 'Register') out.emit({ type: 'MeterRegistered', config: message.config, place: message.place });
  else if (state.config !== null) {
    if (message.type === 'TakeReading') monoMs = message.reading.monoMs;
    handle(out, message);
    watchCut(out);
  } else assert(false, `meter ${context.id} is not registered`);
  show(out, monoMs);
  return out;
}

function handle(out: Outcome, message: Exclude<MeterMessage, { type: 'Register' }>): void {
  switch (message.type) {
    case 'TakeReading':
      return takeReading(out, message.reading);
    case 'NoteSilence':
      return noteSilence(out, message.silentForMs);
    case 'NoteLink':
      out.live.online = message.online;
      if (!message.online) out.live.actual = 'unknown';
      return;
    case 'NoteSwitch':
      return noteSwitch(out, message);
    case 'CutForMoney':
      if (message.wallet !== out.state.place.wallet) return;
      if (out.state.cutSinceMs === null) out.emit({ type: 'CutRequested', sinceMs: out.context.nowMs });
      return tryToOpen(out);
    case 'RestoreForMoney':
      return message.wallet === out.state.place.wallet ? restore(out) : undefined;
    case 'ChargeItself':
      return chargeItself(out, message);
    case 'OpeningGranted':
      return opened(out);
    case 'OpeningHeld':
      // An answer that comes after the money did is of no cut.
      if (out.state.cutSinceMs !== null) out.live.interlock = 'held';
      return;
    case 'Switch':
      return switchBy(out, message);
    case 'EmergencyCut':
      return emergencyCut(out, message);
    case 'EmergencyOver':
      return emergencyOver(out, message.job);
    case 'GroupSwitch':
      return groupSwitch(out, message);
    case 'GroupUndo':
      return groupUndo(out, message);
    case 'ReadNow':
      out.effects.push({ type: 'readNow', meter: out.context.id });
      return out.answer(message.request, { ok: true });
    case 'ResolveQuarantine':
      return resolve(out, message);
    case 'CorrectReading':
      if (correct(out, message)) sayQuarantine(out);
      return;
    case 'Renew':
      return renew(out, message);
    case 'Configure':
      return configure(out, message);
    case 'ChooseTariff':
      return chooseTariff(out, message);
    case 'Place':
      return place(out, message);
    case 'ChoosePlan':
      choosePlan(out, message);
      return followControl(out, null);
    case 'Wake':
      endExpired(out);
      followControl(out, null);
      endUncut(out);
      if (message.name === 'tag' || message.name === 'rules') followTag(out);
      tryToPlace(out);
      if (isTariffWake(message.name)) takeTariffUp(out);
      return tryToOpen(out);
    default:
      return assertNever(message);
  }
}

/** Tariff and multiplier have ways of their own, and may have changed since this was asked. */
function configure(out: Outcome, { config, by }: Extract<MeterMessage, { type: 'Configure' }>): void {
  const now = out.state.config;
  assert(now !== null, 'the meter is registered');
  out.emit({ type: 'MeterConfigured', config: { ...config, tariff: now.tariff, ct: now.ct, pt: now.pt }, by });
  out.note('MeterConfigured', by, {});
}

/** Only an answer ends the alarm: after a restart the silence is counted anew. */
function noteSilence(out: Outcome, silentForMs: number): void {
  if (silentForMs < out.context.rules.meterSilentMs) return;
  const minutes = Math.round(silentForMs / 60_000);
  out.sends.push(...say(out.context.id, out.state, out.live, 'meterSilent', true, { minutes }));
}

function takeReading(out: Outcome, reading: ReadingInput): void {
  const { live, context } = out;
  const config = out.state.config;
  assert(config !== null, 'the meter is not registered');
  // Asked before the multiplier changed: its values are on another scale.
  if (reading.times !== undefined && reading.times !== config.ct * config.pt) return;
  const wrong =
    reading.number !== null && config.number !== undefined && Number(reading.number) !== Number(config.number);
  out.sends.push(...say(context.id, out.state, live, 'wrongMeter', wrong, { found: reading.number ?? '' }));
  const anchor = out.state.anchor;
  const last =
    anchor && live.lastSeenMs !== null && live.lastSeenMs > anchor.atMs
      ? { index: anchor.index, atMs: live.lastSeenMs }
      : anchor;
  const verdict = wrong
    ? ({ kind: 'doubtful', why: 'wrongNumber' } as const)
    : agreesWithJump(out.state, reading)
      ? ({ kind: 'doubtful', why: 'jump' } as const)
      : judge(reading.index, reading.atMs, last, plausible(out.state));
  live.online = true;
  sayQuarantine(out);
  if (verdict.kind === 'doubtful') {
    doubt(out, reading, verdict.why);
    return;
  }
  live.doubtsInARow = 0;
  live.volts = reading.volts;
  live.amps = reading.amps;
  // What closes has a load at once: that is no step.
  const isNext = live.lastReadingMs !== null && reading.atMs - live.lastReadingMs <= 2 * config.pollIntervalMs;
  live.wattsBefore = isNext && live.actual === 'closed' ? live.watts : null;
  live.watts = reading.watts;
  live.flow = reading.flow;
  live.powerFactor = reading.powerFactor;
  live.lastReadingMs = reading.atMs;
  if (out.state.quarantine?.waiting && !context.moneyOnHold) out.emit({ type: 'QuarantineWaited', waiting: false });
  if (!context.moneyOnHold) measure(out, reading, verdict);
  showMoney(out, reading);
  observeSwitch(out, reading);
  out.sends.push(...alarmsOfReading(context.id, out.state, live, reading, context.localNowMs));
  endExpired(out);
  followControl(out, reading.watts);
  endUncut(out);
  tryToPlace(out);
  takeTariffUp(out);
  tryToOpen(out);
}

/** Time alone makes no jump believable that is held, or was discarded: what agrees with it waits with it, or is held again. */
function agreesWithJump({ quarantine, discarded }: MeterState, reading: ReadingInput): boolean {
  const jump = quarantine === null ? discarded : quarantine.why === 'jump' ? quarantine.index : null;
  return jump != null && typeof reading.index === 'number' && reading.index >= jump;
}

function doubt(out: Outcome, reading: ReadingInput, why: Doubt): void {
  const { live, state, context } = out;
  if (context.moneyOnHold) return;
  live.doubtsInARow += 1;
  if (live.doubtsInARow < DOUBTS_BEFORE_QUARANTINE) {
    out.effects.push({ type: 'readNow', meter: context.id });
    return;
  }
  const index = typeof reading.index === 'number' ? reading.index : null;
  if (state.quarantine === null) {
    const lastGood = state.anchor?.index ?? 0;
    out.emit({
      type: 'ReadingQuarantined',
      quarantine: { why, index, lastGood, sinceMs: reading.atMs, waiting: true },
    });
    out.note('ReadingQuarantined', null, { why, lastGood, index: index ?? '' });
    sayQuarantine(out);
  } else if (!state.quarantine.waiting) out.emit({ type: 'QuarantineWaited', waiting: true });
}

/** A lower value is a new start only while nothing was charged after it was held (law 2). */
function liesBehind({ quarantine, anchor }: MeterState): boolean {
  if (!quarantine || quarantine.index === null || !anchor) return false;
  return quarantine.index < anchor.index && quarantine.lastGood !== anchor.index;
}

/** The alarm follows what is durable, so that the first reading after a crash puts right what the crash cut off. */
function sayQuarantine(out: Outcome): void {
  const { state, live, context } = out;
  const held = state.quarantine;
  const detail = held ? { why: held.why, lastGood: held.lastGood, index: held.index ?? '' } : {};
  out.sends.push(...say(context.id, state, live, 'quarantine', held !== null, detail));
}

function resolve(out: Outcome, message: Extract<MeterMessage, { type: 'ResolveQuarantine' }>): void {
  const { state, live, context } = out;
  const held = state.quarantine;
  const { request } = message;
  if (held === null) return void out.effects.push(refuse(request, 'nothingHeld', 'no reading of this meter is held'));
  if (message.action === 'release' && (held.index === null || held.why === 'wrongNumber'))
    return void out.effects.push(refuse(request, 'invalid', 'not a value of this meter; it can only be discarded'));
  if (message.action === 'release' && liesBehind(state))
    return void out.effects.push(
      refuse(
        request,
        'invalid',
        'charged past it since: counting from it would charge again; it can only be discarded',
      ),
    );
  out.emit({ type: 'QuarantineResolved', action: message.action, by: request.operator, reason: message.reason });
  if (message.action === 'release' && held.index !== null) {
    const anchor = out.state.anchor;
    if (anchor && held.index > anchor.index)
      charge(
        out,
        held.index,
        held.index - anchor.index,
        anchor.atMs,
        Math.max(anchor.atMs, held.sinceMs),
        null,
        context.nowMs,
      );
    else if (anchor?.index !== held.index)
      out.emit({ type: 'IndexAnchored', anchor: { index: held.index, atMs: held.sinceMs, bands: null } });
  }
  live.doubtsInARow = 0;
  if (message.action === 'release') live.lastSeenMs = null;
  sayQuarantine(out);
  out.note('QuarantineResolved', request.operator, { action: message.action, reason: message.reason });
  out.effects.push({ type: 'readNow', meter: context.id });
  out.answer(request, { ok: true });
}

function show(out: Outcome, monoMs: number | null): void {
  const room = out.state.place.room;
  const config = out.state.config;
  if (room === null || config === null) return;
  const { utility } = config;
  const tile = tileOf(out.context.id, out.state, out.live, out.context);
  const at = out.state.pending.length === 1 ? out.sends.findIndex(isCharge) : -1;
  const charge = out.sends[at];
  // Room and meter are shown together, unless the wallet is behind: what the meter shows must not wait for it.
  if (charge && isCharge(charge))
    out.sends[at] = { ...charge, message: { ...charge.message, shown: { room, utility, tile } } };
  else out.sends.push({ to: 'room', id: room, message: { type: 'MeterShown', utility, tile, monoMs } });
}

type Charge = Extract<Send, { to: 'wallet' }> & {
  readonly message: Extract<WalletMessage, { type: 'ChargeConsumption' }>;
};
const isCharge = (send: Send): send is Charge => send.to === 'wallet' && send.message.type === 'ChargeConsumption';

/** What the state still intends: released at recovery, before the lines open. */
export function outstandingOfMeter(state: MeterState): Effect[] {
  const effects: Effect[] = [];
  for (const entry of [...Object.values(state.causes), state.operatorHold]) {
    if (entry?.untilMs != null) effects.push(wakeAtEnd(entry.untilMs));
  }
  return effects;
}
