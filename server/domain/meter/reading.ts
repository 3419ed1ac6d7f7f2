/** Whether a reading may move money (rules.md, "Readings"). Quantities are primary side: Wh or litres. */

export type Anchor = { readonly index: number; readonly atMs: number };

export type Verdict =
  | { readonly kind: 'first' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'forward'; readonly quantity: number; readonly rolledOver: boolean }
  | { readonly kind: 'doubtful'; readonly why: Doubt };

export const doubts = ['backwards', 'jump', 'notANumber', 'allOnes', 'wrongNumber'] as const;
export type Doubt = (typeof doubts)[number];

export type Plausible = {
  /** Greatest power in W, or flow in litres an hour. */
  readonly rating: number;
  /** One past the register's greatest value, primary side; null where it never comes round. */
  readonly registerEnd: number | null;
  /** Smallest step of the register, primary side: noise of one step is no jump. */
  readonly step: number;
};

/** A rollover is accepted only from the last hundredth of the register. */
const ROLLOVER_ZONE = 0.99;
/** What a meter may take above its rating for a while: its own class and short overloads. */
const OVER_RATING = 1.2;

/** Greatest believable increment over `elapsedMs`. */
export function greatestStep(plausible: Plausible, elapsedMs: number): number {
  return Math.ceil((plausible.rating * OVER_RATING * Math.max(0, elapsedMs)) / 3_600_000) + 2 * plausible.step;
}

export function judge(
  index: number | 'notANumber' | 'allOnes',
  atMs: number,
  last: Anchor | null,
  plausible: Plausible,
): Verdict {
  if (typeof index === 'string') return { kind: 'doubtful', why: index };
  if (!Number.isSafeInteger(index) || index < 0) return { kind: 'doubtful', why: 'notANumber' };
  if (last === null) return { kind: 'first' };
  if (index === last.index) return { kind: 'unchanged' };
  const most = greatestStep(plausible, atMs - last.atMs);
  if (index > last.index) {
    const quantity = index - last.index;
    return quantity <= most ? { kind: 'forward', quantity, rolledOver: false } : { kind: 'doubtful', why: 'jump' };
  }
  const end = plausible.registerEnd;
  if (end !== null && last.index >= end * ROLLOVER_ZONE && index < end * (1 - ROLLOVER_ZONE)) {
    const quantity = end - last.index + index;
    if (quantity <= most) return { kind: 'forward', quantity, rolledOver: true };
  }
  return { kind: 'doubtful', why: 'backwards' };
}
