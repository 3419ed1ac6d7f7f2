/** Which operation, with which parameters, needs a second person. Facts of the site are asked of the caller. */
import type { ApprovalRule } from '../../../protocol/approvals.ts';
import type { CommandName, OpParams } from '../../../protocol/ops.ts';
import { mayOpenItself } from '../../../protocol/parameters.ts';
import type { SecondPerson } from '../../../protocol/secondPerson.ts';
import { parseYuan } from '../money.ts';

export const SWITCHED_WINDOW_MS = 10 * 60_000;
/** Wh in a kWh, litres in a m³. */
const UNIT = 1_000;

export type Need = { readonly rule: ApprovalRule; readonly amount: number | null; readonly limit: number | null };

/** What the decisions themselves would find; an operation that would be refused anyway needs no second person. */
export type Facts = {
  readonly accountOf: (wallet: string) => string | null;
  /** What was paid back to an account, or forfeited, in the last 24 h. */
  readonly paidBackMicro: (account: string | null) => Promise<number>;
  /** What closing or settling the account would pay out now; null: it would be refused, or pays nothing out. */
  readonly closingPays: (account: string, meters: readonly string[] | undefined) => number | null;
  readonly settlingPays: (account: string) => number | null;
  /** Openings held by the interlock: of these meters, or of all. */
  readonly held: (meters: readonly string[] | null) => number;
  /** Different meters this person has switched in the window, with these. */
  readonly switchedWith: (meters: readonly string[]) => number;
  readonly coveredBy: (wallet: string, amountMicro: number) => boolean;
  /** What a release would charge; null: nothing doubtful is there. */
  readonly doubtful: (meter: string) => { readonly utility: 'electricity' | 'water'; readonly quantity: number } | null;
  /** What putting it right with this reading would charge; null: it would be refused. */
  readonly corrected: (meter: string, reading: string) => ReturnType<Facts['doubtful']>;
  readonly publishable: (params: OpParams<'saveTariff'>) => boolean;
  /** Meters that have a plan of load and time control. */
  readonly metersOfPlan: (plan: string) => readonly string[];
  /** Meters of a room with a breaker or valve. */
  readonly breakersIn: (room: string) => readonly string[];
  readonly rechargeOf: (
    order: string,
  ) => Promise<{ readonly account: string | null; readonly amountMicro: number } | null>;
  /** Null: nothing is in suspense under it. */
  readonly suspendedMicro: (order: string) => number | null;
};

type Rules = {
  readonly [C in CommandName]?: (
    params: OpParams<C>,
    limits: SecondPerson,
    facts: Facts,
  ) => Need | null | Promise<Need | null>;
};

const over = (rule: ApprovalRule, amount: number, limit: number): Need | null =>
  amount > limit ? { rule, amount, limit } : null;
const always = (rule: ApprovalRule): Need => ({ rule, amount: null, limit: null });

/** What one person may still pay out to an account: the limit is for all it gets within 24 h, in two parts or in one. */
export const leftToPayOut = async (
  account: string | null,
  { refundAbove }: SecondPerson,
  { paidBackMicro }: Pick<Facts, 'paidBackMicro'>,
): Promise<number> => Math.max(0, parseYuan(refundAbove) - (await paidBackMicro(account)));

const payOut = async (
  amountMicro: number,
  account: string | null,
  limits: SecondPerson,
  facts: Facts,
): Promise<Need | null> =>
  amountMicro <= 0 ? null : over('refund', amountMicro, await leftToPayOut(account, limits, facts));

const rules: Rules = {
  releaseInterlock: ({ meters = null }, { releaseInterlock }, { held }) => {
    const amount = held(meters);
    return releaseInterlock && amount > 0 ? { rule: 'releaseInterlock', amount, limit: null } : null;
  },
  switchMeter: ({ meter, action }, { switchMeters }, { switchedWith }) =>
    // A work tag protects a person: it waits for nobody.
    action === 'workTag' ? null : over('switchMeters', switchedWith([meter]), switchMeters),
  startGroup: ({ meters }, { switchMeters }, { switchedWith }) =>
    over('switchMeters', switchedWith(meters), switchMeters),
  keepRoomPower: ({ room }, { switchMeters }, { breakersIn, switchedWith }) =>
    over('switchMeters', switchedWith(breakersIn(room)), switchMeters),
  // A plan may cut all its meters at once.
  assignControlPlan: ({ meters }, { switchMeters }, { switchedWith }) =>
    over('switchMeters', switchedWith(meters), switchMeters),
  saveControlPlan: ({ plan }, { switchMeters }, { metersOfPlan, switchedWith }) => {
    const meters = metersOfPlan(plan);
    return meters.length === 0 ? null : over('switchMeters', switchedWith(meters), switchMeters);
  },
  writeParameters: ({ meter, values }, { switchMeters }, { switchedWith }) =>
    mayOpenItself(values) ? over('switchMeters', switchedWith([meter]), switchMeters) : null,
  refund: ({ wallet, amount }, limits, facts) => {
    const amountMicro = parseYuan(amount);
    return facts.coveredBy(wallet, amountMicro) ? payOut(amountMicro, facts.accountOf(wallet), limits, facts) : null;
  },
  returnDeposit: ({ account, amount }, limits, facts) => payOut(parseYuan(amount), account, limits, facts),
  closeAccount: ({ account, meters, settlement }, limits, facts) =>
    settlement === null ? null : payOut(facts.closingPays(account, meters) ?? 0, account, limits, facts),
  handOver: ({ account, settlement }, limits, facts) =>
    settlement === null ? null : payOut(facts.closingPays(account, undefined) ?? 0, account, limits, facts),
  settleAccount: ({ account }, limits, facts) => payOut(facts.settlingPays(account) ?? 0, account, limits, facts),
  reverse: async ({ order }, limits, facts) => {
    const found = await facts.rechargeOf(order);
    return found && payOut(found.amountMicro, found.account, limits, facts);
  },
  returnSuspense: ({ order }, { refundAbove }, { suspendedMicro }) =>
    over('refund', suspendedMicro(order) ?? 0, parseYuan(refundAbove)),
  saveTariff: (params, { publishTariff }, { publishable }) =>
    publishTariff && publishable(params) ? always('publishTariff') : null,
  resolveQuarantine: ({ meter, action, reading }, { releaseAboveKwh, releaseAboveM3 }, { doubtful, corrected }) => {
    const found = action === 'release' ? doubtful(meter) : reading === undefined ? null : corrected(meter, reading);
    if (!found) return null;
    const limit = found.utility === 'electricity' ? releaseAboveKwh : releaseAboveM3;
    return over('releaseQuarantine', found.quantity, limit * UNIT);
  },
  setSecondPerson: () => always('changeRules'),
  // Whoever raises the limit of a mass cut releases it beforehand.
  setSiteRules: () => always('changeRules'),
};

/** null: one person does. */
export async function secondPersonFor<C extends CommandName>(
  op: C,
  params: OpParams<C>,
  limits: SecondPerson,
  facts: Facts,
): Promise<Need | null> {
  const rule: Rules[C] = rules[op];
  return rule ? rule(params, limits, facts) : null;
}
