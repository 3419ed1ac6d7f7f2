/** Accounts and wallets: most have plenty, some little, and nobody starts below zero. */
import type { SiteFileInput } from '../../protocol/site.ts';
import { pick, phoneNumber } from './names.ts';
import type { PlannedRoom } from './layout.ts';
import { walletId } from './meters.ts';
import type { Random } from '../random.ts';

type Account = SiteFileInput['accounts'][number];

/** Null for an empty room. `balances` overrides the opening balance of single rooms, in yuan. */
export function accountOf(
  room: PlannedRoom,
  hasWater: boolean,
  random: Random,
  balances: ReadonlyMap<string, string>,
): Account | null {
  if (room.tenant === null) return null;
  const shop = room.use === 'shop' || room.use === 'office';
  const electricity = {
    id: walletId(room, 'electricity'),
    openingBalance: balances.get(room.id) ?? openingBalance(shop ? 900 : 120, random),
    overdraft: '0',
    ...(shop ? { thresholds: ['100', '50', '20', '0'] } : {}),
  };
  const water = {
    id: walletId(room, 'water'),
    name: '水 Water',
    openingBalance: openingBalance(80, random),
    thresholds: ['20', '5', '0'],
  };
  return {
    id: `acc-${room.id}`,
    name: room.tenant,
    ...(random() < 0.9 ? { phone: phoneNumber(random) } : {}),
    rooms: [room.id],
    wallets: hasWater ? [electricity, water] : [electricity],
  };
}

/** One in twelve has between 5 and 50 yuan, the others around the typical amount. Whole cents. */
function openingBalance(typical: number, random: Random): string {
  const low = pick([true, ...new Array<boolean>(11).fill(false)], random);
  const cents = low ? 500 + random() * 4500 : typical * 100 * (0.6 + 1.2 * random());
  return (Math.round(cents) / 100).toFixed(2);
}
