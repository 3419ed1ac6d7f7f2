/** What the next shift must know, as the site is now. */
import {
  SECTION_LINES_MAX,
  type HandoverLine,
  type HandoverSection,
  type HandoverSheet,
} from '../../protocol/handover.ts';
import { formatCents } from '../domain/money.ts';
import { jobsOf } from '../domain/group/state.ts';
import type { WalletState } from '../domain/wallet/state.ts';
import type { CauseEntry } from '../domain/switching.ts';
import type { Core } from './core.ts';

/** Of a group order. */
const PLACES_MAX = 5;
type Sections = Record<HandoverSection, HandoverLine[]>;

export function handoverSheet(core: Core): HandoverSheet {
  const { nowMs } = core.context();
  const all: Sections = {
    ...{
      alarms: [],
      shelved: [],
      emergencies: [],
      workTags: [],
      overrides: [],
      keepPower: [],
      control: [],
      temporaryPower: [],
    },
    ...{ operatorHolds: [], unconfirmed: [], heldOpenings: [], groups: [], parameterWrites: [], meterMoney: [] },
    approvals: [],
  };
  alarmLines(core, all);
  const held = new Set(core.interlock.held);
  for (const id of core.meters.keys()) meterLines(core, id, held.has(id), nowMs, all);
  for (const { place, by, reason, atMs } of Object.values(core.emergencies.state.jobs))
    all.emergencies.push(line({ what: 'emergencyCut', place: place.name, by, reason, sinceMs: atMs }));
  for (const { on, by, holder, phone, reason, sinceMs } of Object.values(core.tags.state.tags)) {
    const place = on.kind === 'room' ? roomName(core, on.id) : (core.directory.get(on.kind, on.id)?.name ?? on.id);
    all.workTags.push(line({ what: 'workTag', place, by, reason: `${reason} · ${holder} ${phone}`, sinceMs }));
  }
  walletLines(core, all);
  for (const { action, by, reason, atMs, items } of jobsOf(core.groups.state))
    all.groups.push(line({ what: action, place: meterNames(core, items), by, reason, sinceMs: atMs }));
  for (const { meter, name, writing } of core.parameters.waiting())
    all.parameterWrites.push(line({ ...placeOf(core, meter), what: name, ...writing }));
  for (const { op, proposer, reason, atMs, expiresMs } of Object.values(core.approvals.state.open))
    all.approvals.push(line({ what: op, by: proposer, reason, sinceMs: atMs, untilMs: expiresMs }));
  const section = (lines: HandoverLine[]): HandoverSheet['sections'][HandoverSection] => {
    lines.sort((a, b) => (a.sinceMs ?? 0) - (b.sinceMs ?? 0));
    return { total: lines.length, lines: lines.slice(0, SECTION_LINES_MAX) };
  };
  const entries = Object.entries(all).map(([name, lines]) => [name, section(lines)]);
  return { atMs: nowMs, sections: Object.fromEntries(entries) as HandoverSheet['sections'] };
}

const line = (given: Partial<HandoverLine> & { readonly what: string }): HandoverLine => ({
  ...{ place: '', meter: null, by: null, reason: null, sinceMs: null, untilMs: null },
  ...given,
});

function alarmLines(core: Core, all: Sections): void {
  for (const { kind, room, line: id, meter, active, sinceMs, shelved, suppressedBy } of Object.values(
    core.alarms.alarms,
  )) {
    if (!active || suppressedBy !== null) continue;
    const place =
      room === null
        ? id === null
          ? (meter ?? '')
          : (core.directory.get('line', id)?.name ?? id)
        : roomName(core, room);
    if (shelved) all.shelved.push(line({ what: kind, place, meter, sinceMs, ...shelved }));
    else all.alarms.push(line({ what: kind, place, meter, sinceMs }));
  }
}

function walletLines(core: Core, all: Sections): void {
  for (const { state } of core.wallets.values()) {
    moneyLines(core, state, all);
    if (!state.temporary) continue;
    const { by, reason, sinceMs, untilMs, debtMicro } = state.temporary;
    const place = state.rooms.map((room) => roomName(core, room)).join(', ') || state.holder;
    const debt = debtMicro === null ? null : `≤ ¥${formatCents(debtMicro)}`;
    const why = [reason, debt].filter((part) => part !== null).join(' · ');
    all.temporaryPower.push(line({ what: 'temporaryPower', place, by, reason: why, sinceMs, untilMs }));
  }
}

/** Orders paid and not on the meter yet. */
function moneyLines(core: Core, { charging }: WalletState, all: Sections): void {
  if (!charging) return;
  for (const { kind, order, amountMicro } of [charging.current ?? [], charging.queue].flat()) {
    if (kind !== 'up' && kind !== 'down') continue;
    const amount = `¥${formatCents(Math.abs(amountMicro))}`;
    const about = { by: order?.by ?? null, reason: amount, sinceMs: order?.atMs ?? null };
    all.meterMoney.push(
      line({ ...placeOf(core, charging.meter), what: kind === 'up' ? 'recharge' : 'refund', ...about }),
    );
  }
}

function placeOf(core: Core, meter: string): Pick<HandoverLine, 'place' | 'meter'> {
  const room = core.meters.get(meter)?.state.place.room ?? null;
  return { place: room === null ? meter : roomName(core, room), meter };
}

const meterNames = (core: Core, items: readonly { readonly meter: string }[]): string => {
  const places = [...new Set(items.map(({ meter }) => placeOf(core, meter).place))];
  return places.length > PLACES_MAX ? `${places.slice(0, PLACES_MAX).join(', ')} …` : places.join(', ');
};

const roomName = (core: Core, room: string): string => core.directory.rooms.get(room)?.name ?? room;

function meterLines(core: Core, id: string, held: boolean, nowMs: number, all: Sections): void {
  const cell = core.meters.get(id);
  if (!cell) return;
  const { causes, operatorHold } = cell.state;
  const where = placeOf(core, id);
  const put = (section: HandoverSection, what: string, entry: CauseEntry | null | undefined): void => {
    if (!entry || (entry.untilMs !== null && entry.untilMs <= nowMs)) return;
    const { by, sinceMs, untilMs, holder, phone } = entry;
    const reason = [entry.reason, `${holder ?? ''} ${phone ?? ''}`.trim()].filter((part) => part !== '').join(' · ');
    all[section].push(line({ ...where, what, by, reason, sinceMs, untilMs }));
  };
  put('workTags', 'workTag', causes.workTag);
  put('overrides', 'forcedTrip', causes.forcedTrip);
  put('overrides', 'forcedClose', causes.forcedClose);
  put('overrides', 'safetyLock', causes.safetyLock);
  put('keepPower', 'keepPower', causes.keepPower);
  put('control', 'control', causes.control);
  put('operatorHolds', 'operatorHold', operatorHold);
  const { mismatchSinceMs } = cell.live;
  if (mismatchSinceMs !== null) all.unconfirmed.push(line({ ...where, what: 'unconfirmed', sinceMs: mismatchSinceMs }));
  if (held) all.heldOpenings.push(line({ ...where, what: 'interlock', sinceMs: cell.state.cutSinceMs }));
}
