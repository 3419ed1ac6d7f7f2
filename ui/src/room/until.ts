/** When a cause or a hold ends by itself, as typed in site time. Pure. */
import type { SwitchAction } from '../../../protocol/ops.ts';
import { readDate } from '../lib/dateText.ts';
import { instantOf } from '../lib/siteTime.ts';

/** A work tag ends only when its holder lifts it: a person stands at the board. */
export const mayEnd: ReadonlySet<SwitchAction> = new Set<SwitchAction>([
  'forceTrip',
  'forceClose',
  'keepPower',
  'hold',
]);

export type Until =
  | { readonly kind: 'never' }
  | { readonly kind: 'at'; readonly atMs: number }
  | { readonly kind: 'unread' }
  | { readonly kind: 'past' };

/** nowMs: site time. */
export function untilOf(field: string, zone: string, nowMs: number): Until {
  if (field === '') return { kind: 'never' };
  const atMs = readDate(field, 'dateTime') === null ? null : instantOf(field, zone);
  if (atMs === null) return { kind: 'unread' };
  return atMs > nowMs ? { kind: 'at', atMs } : { kind: 'past' };
}
