/**
 * Allowances of a wallet. What a period grants is used before money and never paid out. In yuan it is money: granting moves it
 * from the ledger account `allowance` to `allowance:<wallet>`. In kWh or m³ it is worth what is used of it: that is paid
 * from `allowance` at the line's own price. Either way the sum over all accounts stays 0.
 */
import { z } from 'zod';
import { allowanceUnits, type AllowanceRule, type AllowanceUnit } from '../../../protocol/allowances.ts';
import type { Transfer } from '../ledger.ts';
import type { RecordChange } from '../messages.ts';
import { parseYuan } from '../money.ts';
import { parseQuantity } from '../quantity.ts';
import type { Outcome } from './outcome.ts';
import { firstDayOf, kindOfPeriod, nextPeriod, periodOf } from './period.ts';
import { ownMicro, standingMicro } from './standing.ts';
import type { WalletState } from './state.ts';

const unit = z.enum(allowanceUnits);
const unused = z.enum(['expires', 'carriesOver']);
/** Wh, litres or micro-yuan, by the period it was granted for. */
const left = z.array(z.strictObject({ period: z.string(), left: z.int() }));

export const allowanceStateSchema = z.strictObject({
  unit,
  unused,
  /** The last period that was granted, or named as skipped: none is granted twice. */
  granted: z.string(),
  /** The same of years where it is a month, and of months where it is a year. */
  grantedOther: z.string().optional(),
  /** What carries over is one lot, under its newest period. */
  lots: left,
  /** Taken back: nothing is left, and what was granted is remembered. */
  ended: z.literal(true).optional(),
});
export type AllowanceState = z.infer<typeof allowanceStateSchema>;

const transfers = z.array(z.strictObject({ from: z.string(), to: z.string(), amountMicro: z.int() }));
export const allowanceEvents = [
  z.strictObject({
    type: z.literal('AllowanceGranted'),
    ...{ unit, unused, period: z.string(), quantity: z.int(), atMs: z.int() },
    /** How many accounts, rooms or persons it was multiplied by. */
    share: z.int(),
    transfers,
  }),
  /** Too long ago to be granted: the system was away, or its clock was wrong. */
  z.strictObject({
    type: z.literal('AllowanceSkipped'),
    ...{ unit, unused, from: z.string(), to: z.string(), atMs: z.int() },
  }),
  z.strictObject({
    type: z.literal('AllowanceExpired'),
    ...{ unit, period: z.string(), quantity: z.int(), atMs: z.int(), transfers },
  }),
  /** Taken back, or changed to other periods: all that is left goes. */
  z.strictObject({ type: z.literal('AllowanceEnded'), ...{ unit, quantity: z.int(), atMs: z.int(), transfers } }),
] as const;
export type AllowanceEvent = z.infer<(typeof allowanceEvents)[number]>;

/** A year of months, or a dozen years. What was missed before that is skipped by name. */
const LATE_MAX = 12;

export const ALLOWANCE = 'allowance';
export const allowanceAccount = (wallet: string): string => `allowance:${wallet}`;

type Some = Pick<WalletState, 'allowances'>;

/** What may be used on a local day. */
export function usableOf({ allowances = [] }: Some, of: AllowanceUnit, day: string): number {
  const own = allowances.find((one) => one.unit === of);
  if (!own) return 0;
  return own.lots.reduce((sum, lot) => (fits(own, lot.period, day) ? sum + lot.left : sum), 0);
}

/** Whether a lot pays for use on a local day. */
export const fits = ({ unused: rest, granted }: AllowanceState, period: string, day: string): boolean =>
  rest === 'carriesOver' || period === periodOf(kindOfPeriod(granted), day);

export const unitOf = (utility: 'electricity' | 'water'): AllowanceUnit => (utility === 'electricity' ? 'kWh' : 'm3');

/** What stands between the tenant and a cut: money, and an allowance of money. */
export const availableMicro = (state: WalletState, day: string): number =>
  ownMicro(state) + usableOf(state, 'yuan', day);

export function evolveAllowances(allowances: readonly AllowanceState[], event: AllowanceEvent): AllowanceState[] {
  const others = allowances.filter((one) => one.unit !== event.unit);
  const own = allowances.find((one) => one.unit === event.unit);
  switch (event.type) {
    case 'AllowanceGranted': {
      const { period, quantity } = event;
      const lots = own?.lots ?? [];
      const before = event.unused === 'carriesOver' ? lots.reduce((sum, lot) => sum + lot.left, 0) : 0;
      const kept = event.unused === 'carriesOver' ? [] : lots;
      const next = { unit: event.unit, unused: event.unused, ...grantedNow(own, period) };
      return [...others, { ...next, lots: [...kept, { period, left: before + quantity }] }];
    }
    case 'AllowanceSkipped':
      return [
        ...others,
        { unit: event.unit, unused: event.unused, ...grantedNow(own, event.to), lots: own?.lots ?? [] },
      ];
    case 'AllowanceExpired':
      return own ? [...others, { ...own, lots: own.lots.filter(({ period }) => period !== event.period) }] : others;
    case 'AllowanceEnded':
      return own ? [...others, { ...own, lots: [], ended: true }] : others;
  }
}

type Granted = Pick<AllowanceState, 'granted' | 'grantedOther'>;

function grantedNow(before: Granted | undefined, granted: string): Granted {
  const isOther = before !== undefined && kindOfPeriod(before.granted) !== kindOfPeriod(granted);
  const other = isOther ? before.granted : before?.grantedOther;
  return { granted, ...(other !== undefined && { grantedOther: other }) };
}

/** Whatever is due now: what ended goes, each period that has begun is granted once, what is over expires. */
export function followAllowances(out: Outcome): void {
  const { context } = out;
  const rules = context.allowances();
  const have = out.state.allowances ?? [];
  if ((rules.length === 0 && have.length === 0) || out.state.settled) return;
  for (const own of have) {
    const rule = rules.find((one) => one.unit === own.unit);
    if (!rule || kindOfPeriod(own.granted) !== rule.period) endAllowance(out, own);
  }
  const today = context.localDay(context.nowMs);
  for (const rule of rules) {
    grantDue(out, rule, periodOf(rule.period, today));
    expireOld(out, rule.unit, periodOf(rule.period, today));
  }
  if (rules.length === 0) return;
  const minute = context.localMinute(context.nowMs);
  const midnightMs = context.nowMs - (context.nowMs % 60_000) + (24 * 60 - minute) * 60_000;
  out.effects.push({ type: 'wake', name: 'allowance', atMs: midnightMs });
}

function grantDue(out: Outcome, rule: AllowanceRule, current: string): void {
  const share = out.context.shareOf(rule.per);
  // Nobody is known to give it to: it waits until somebody is.
  if (share === 0) return;
  const own = out.state.allowances?.find((one) => one.unit === rule.unit);
  const missed: string[] = [];
  const last = [own?.granted, own?.grantedOther].find((one) => one !== undefined && kindOfPeriod(one) === rule.period);
  const next = last === undefined ? rule.from : nextPeriod(last);
  // Given anew after it was taken back: the time between is nobody's.
  const first = next > rule.from ? next : rule.from;
  for (let period = first; period <= current; period = nextPeriod(period)) missed.push(period);
  const late = missed.slice(-LATE_MAX);
  const skipped = missed.slice(0, -LATE_MAX);
  const { nowMs: atMs } = out.context;
  const [from, to] = [skipped[0], skipped.at(-1)];
  if (from !== undefined && to !== undefined) {
    out.emit({ type: 'AllowanceSkipped', unit: rule.unit, unused: rule.unused, from, to, atMs });
    keep(out, 'allowanceSkipped', rule.unit, `${from} – ${to}`, 0);
  }
  for (const period of late) {
    const each = rule.unit === 'yuan' ? parseYuan(rule.amount) : parseQuantity(rule.amount);
    const quantity = each * share;
    out.emit({
      ...{ type: 'AllowanceGranted', unit: rule.unit, unused: rule.unused, period, quantity, share, atMs },
      transfers: moved(rule.unit, ALLOWANCE, allowanceAccount(out.context.id), quantity),
    });
    keep(out, 'allowanceGranted', rule.unit, period, quantity);
  }
}

/** A lot goes once no late reading can bring use of its period any more; of a meter that stays silent, after a year. */
function expireOld(out: Outcome, of: AllowanceUnit, current: string): void {
  const own = out.state.allowances?.find((one) => one.unit === of);
  if (!own || own.unused === 'carriesOver') return;
  for (const [i, { period, left: quantity }] of own.lots.entries()) {
    if (period >= current) continue;
    if (i >= own.lots.length - 1 - LATE_MAX && mayCome(out, of, firstDayOf(nextPeriod(period)))) continue;
    out.emit({
      ...{ type: 'AllowanceExpired', unit: of, period, quantity, atMs: out.context.nowMs },
      transfers: moved(of, allowanceAccount(out.context.id), ALLOWANCE, quantity),
    });
    if (quantity > 0) keep(out, 'allowanceExpired', of, period, quantity);
  }
}

/** A meter that it pays for has not been charged up to a local day. */
function mayCome({ state, context }: Outcome, of: AllowanceUnit, day: string): boolean {
  return state.meters.some(
    ({ id, tariff }) =>
      (of === 'yuan' || unitOf(context.utilityOf(tariff)) === of) &&
      (state.charged.find(({ meter }) => meter === id)?.openLines.day ?? '') < day,
  );
}

export function endAllowance(out: Outcome, { unit: of, granted, lots, ended }: AllowanceState): void {
  if (ended) return;
  const quantity = lots.reduce((sum, lot) => sum + lot.left, 0);
  out.emit({
    ...{ type: 'AllowanceEnded', unit: of, quantity, atMs: out.context.nowMs },
    transfers: moved(of, allowanceAccount(out.context.id), ALLOWANCE, quantity),
  });
  keep(out, 'allowanceEnded', of, granted, quantity);
}

/** Only yuan are money before they are used. */
const moved = (of: AllowanceUnit, from: string, to: string, amountMicro: number): Transfer[] =>
  of === 'yuan' && amountMicro > 0 ? [{ from, to, amountMicro }] : [];

export type AllowanceEntry = {
  readonly id: string;
  readonly kind: 'allowanceGranted' | 'allowanceSkipped' | 'allowanceExpired' | 'allowanceEnded';
  readonly unit: AllowanceUnit;
  readonly period: string;
  readonly quantity: number;
  readonly balanceAfterMicro: number;
  readonly atMs: number;
};

/** A line of the statement. */
function keep(out: Outcome, kind: AllowanceEntry['kind'], of: AllowanceUnit, period: string, quantity: number): void {
  const { id, nowMs } = out.context;
  const value: AllowanceEntry = {
    ...{ id: `${id}-${of}-${period}-${kind}-${nowMs}`, kind, unit: of, period, quantity, atMs: nowMs },
    balanceAfterMicro: standingMicro(out.state),
  };
  const change: RecordChange = { kind: 'allowance', id: value.id, value, index: { [`wallet:${id}`]: nowMs } };
  out.records.push(change);
}
