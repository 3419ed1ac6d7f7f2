/** Which operation, with which parameters, needs a second person. Facts of the site are asked of the caller. */
import type { ApprovalRule } from '../../../protocol/approvals.ts';
import type { CommandName, OpParams } from '../../../protocol/ops.ts';
import type { SecondPerson } from '../../../protocol/secondPerson.ts';
import { parseYuan } from '../money.ts';

export const SWITCHED_WINDOW_MS = 10 * 60_000;
/** Wh in a kWh, litres in a m³. */
const UNIT = 1_000;

export type Need = { readonly rule: ApprovalRule; readonly amount: number | null; readonly limit: number | null };

/** What the decisions themselves would find; an operation that would be refused anyway needs no second person. */
export type Facts = {
  /** Openings held by the interlock: of these meters, or of all. */
  readonly held: (meters: readonly string[] | null) => number;
  /** Different meters this person has switched in the window, with these. */
  readonly switchedWith: (meters: readonly string[]) => number;
  readonly coveredBy: (wallet: string, amountMicro: number) => boolean;
  /** What a release would charge; null: nothing doubtful is there. */
  readonly doubtful: (meter: string) => { readonly utility: 'electricity' | 'water'; readonly quantity: number } | null;
  readonly publishable: (params: OpParams<'saveTariff'>) => boolean;
  readonly rechargeMicro: (order: string) => Promise<number | null>;
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
  refund: ({ wallet, amount }, { refundAbove }, { coveredBy }) => {
    const amountMicro = parseYuan(amount);
    return coveredBy(wallet, amountMicro) ? over('refund', amountMicro, parseYuan(refundAbove)) : null;
  },
  returnDeposit: ({ amount, forfeit }, { refundAbove }) =>
    forfeit ? null : over('refund', parseYuan(amount), parseYuan(refundAbove)),
  reverse: async ({ order }, { refundAbove }, { rechargeMicro }) =>
    over('refund', (await rechargeMicro(order)) ?? 0, parseYuan(refundAbove)),
  returnSuspense: ({ order }, { refundAbove }, { suspendedMicro }) =>
    over('refund', suspendedMicro(order) ?? 0, parseYuan(refundAbove)),
  saveTariff: (params, { publishTariff }, { publishable }) =>
    publishTariff && publishable(params) ? always('publishTariff') : null,
  resolveQuarantine: ({ meter, action }, { releaseAboveKwh, releaseAboveM3 }, { doubtful }) => {
    const found = action === 'release' ? doubtful(meter) : null;
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
