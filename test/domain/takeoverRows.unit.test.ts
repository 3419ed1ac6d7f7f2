/** What was signed, as rows: nothing of it twice, nothing left out. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TakenAccount } from '../../protocol/takeover.ts';
import { takenRows } from '../../server/domain/takeover/rows.ts';

const random = fc
  .record({ wallets: fc.array(fc.integer(), { minLength: 1, maxLength: 4 }), rooms: fc.integer({ min: 1, max: 4 }) })
  .chain(({ wallets, rooms }) =>
    fc.record({
      ...{ wallets: fc.constant(wallets), rooms: fc.constant(rooms) },
      meters: fc.array(fc.tuple(fc.nat({ max: wallets.length - 1 }), fc.nat({ max: rooms - 1 })), { maxLength: 5 }),
    }),
  );

it('has each meter, room and wallet, and the money of each once', () => {
  fc.assert(
    fc.property(random, ({ wallets, rooms, meters }) => {
      const account: TakenAccount = {
        ...{ id: 'a', name: 'Anna', phone: null, sinceMs: null, building: 'A', depositMicro: 50, purchases: 3 },
        rooms: Array.from({ length: rooms }, (_, i) => `r${i}`),
        wallets: wallets.map((balanceMicro, i) => ({ id: `w${i}`, balanceMicro })),
        meters: meters.map(([wallet, room], i) => ({
          ...{ meter: `m${i}`, wallet: `w${wallet}`, room: `r${room}`, index: i, tierUsed: null },
        })),
      };
      const rows = takenRows(account, 'House A');
      const sum = (of: 'balanceMicro' | 'depositMicro' | 'purchases'): number =>
        rows.reduce((total, row) => total + (row[of] ?? 0), 0);
      expect(sum('balanceMicro')).toBe(wallets.reduce((total, one) => total + one, 0));
      expect([sum('depositMicro'), sum('purchases')]).toEqual([50, 3]);
      expect(new Set(rows.map(({ wallet }) => wallet)).size).toBe(wallets.length);
      expect(new Set(rows.flatMap(({ room }) => (room === '' ? [] : [room]))).size).toBe(rooms);
      expect(rows.flatMap(({ meter }) => meter ?? [])).toEqual(account.meters.map(({ meter }) => meter));
      expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    }),
  );
});
