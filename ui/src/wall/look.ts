/**
 * How a tile looks: three channels that never mix (breaker = fill, link = border, money = bar), and an alarm mark.
 * Pure: the canvas draws it, the list writes it, the tests read it.
 */
import type { MoneyTile, Tile, UtilityTile } from '../../../protocol/wall.ts';
import type { Utility } from '../../../protocol/site.ts';

/** hatched: unknown, or not confirmed as wanted. none: the room has no meter of this utility. */
export type Fill = 'closed' | 'open' | 'hatched' | 'none';
export type Border = 'solid' | 'dashed';
export type Bar = { readonly fraction: number; readonly tone: 'quiet' | 'low' | 'exhausted' };
export type Look = {
  readonly fill: Fill;
  readonly border: Border;
  readonly kind: UtilityTile['look'] | 'none';
  readonly bar: Bar | null;
  readonly alarm: Tile['alarm'];
  readonly mismatch: boolean;
};

/** A full bar. A week is what a tenant plans with; more makes no operator act. */
export const FULL_BAR_HOURS = 7 * 24;

export function utilityOf(tile: Tile, utility: Utility): UtilityTile | null {
  return utility === 'electricity' ? tile.electricity : tile.water;
}

/** Of the wallet that pays for it. */
export const moneyOf = ({ money, waterMoney }: Tile, utility: Utility): MoneyTile | null =>
  utility === 'water' ? (waterMoney ?? money) : money;

function barOf(tile: Tile, utility: Utility): Bar | null {
  const money = moneyOf(tile, utility);
  if (money === null) return null;
  if (money.exhausted || money.temporary) return { fraction: 0, tone: 'exhausted' };
  // What is owed before the bill says nothing about how long it lasts.
  if (money.payment === 'postpaid') return { fraction: 1, tone: money.level > 0 ? 'low' : 'quiet' };
  const fraction = money.hoursLeft === null ? (money.balanceMicro > 0 ? 1 : 0) : money.hoursLeft / FULL_BAR_HOURS;
  return { fraction: Math.min(1, Math.max(0, fraction)), tone: money.level > 0 ? 'low' : 'quiet' };
}

function fillOf(part: UtilityTile): Fill {
  if (part.look === 'noRelay') return 'closed';
  if (part.actual === 'unknown' || part.mismatchSinceMs !== null) return 'hatched';
  return part.actual;
}

export function lookOf(tile: Tile, utility: Utility): Look {
  const part = utilityOf(tile, utility);
  const bar = barOf(tile, utility);
  if (part === null)
    return { fill: 'none', border: 'solid', kind: 'none', bar: null, alarm: tile.alarm, mismatch: false };
  return {
    fill: fillOf(part),
    border: part.link === 'online' ? 'solid' : 'dashed',
    kind: part.look,
    bar: part.look === 'breaker' || part.look === 'noRelay' ? bar : null,
    alarm: tile.alarm,
    mismatch: part.mismatchSinceMs !== null,
  };
}

export const filters = ['low', 'open', 'alarm', 'stale', 'mismatch'] as const;
export type Filter = (typeof filters)[number];

/** A stale look is of the meter; a room without this utility is none of these. */
export function fits(tile: Tile, utility: Utility, filter: Filter): boolean {
  const part = utilityOf(tile, utility);
  switch (filter) {
    case 'low': {
      const money = moneyOf(tile, utility);
      return money !== null && (money.level > 0 || money.exhausted);
    }
    case 'open':
      return part !== null && part.look !== 'noRelay' && part.actual === 'open';
    case 'alarm':
      return tile.alarm > 0;
    case 'stale':
      return part !== null && part.link !== 'online';
    case 'mismatch':
      return part !== null && part.mismatchSinceMs !== null;
    default: {
      const never: never = filter;
      throw new Error(`unknown filter ${String(never)}`);
    }
  }
}

export const actionGroups = ['alarm', 'mismatch', 'open', 'low', 'stale'] as const;
export type ActionGroup = (typeof actionGroups)[number];

/** The most urgent reason why someone should look at the room; null when there is none. */
export function actionGroup(tile: Tile, utility: Utility): ActionGroup | null {
  const part = utilityOf(tile, utility);
  // An empty room that is off, or a room off without being a tenant's, is as it should be.
  const forMoney = part !== null && part.actual === 'open' && part.cause !== 'noAccount' && part.look === 'breaker';
  if (fits(tile, utility, 'alarm')) return 'alarm';
  if (fits(tile, utility, 'mismatch')) return 'mismatch';
  if (forMoney) return 'open';
  if (fits(tile, utility, 'low')) return 'low';
  return fits(tile, utility, 'stale') ? 'stale' : null;
}
