/** Allowances whatever is done with them, and a crash after any commit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../server/store/store.ts';
import { HOUR, DAY, ask, give, leap, balance, inLedger, conserved, grantsOf } from '../tools/allowances.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, startCore, Stepped } from '../tools/siteInMemory.ts';

describe('whatever is granted, used, changed and taken back', () => {
  it('parts sum to the price, no allowance falls below 0, and no unit is paid twice', async () => {
    const units = fc.constantFrom('kWh', 'yuan');
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('use' as const), wh: fc.integer({ min: 1, max: 3_000 }) }),
      },
      fc.record({
        kind: fc.constant('give' as const),
        unit: units,
        amount: fc.constantFrom('0.35', '1.2', '4'),
        unused: fc.constantFrom('expires', 'carriesOver'),
        period: fc.constantFrom('month', 'year'),
      }),
      fc.record({ kind: fc.constant('end' as const), unit: units }),
      fc.record({ kind: fc.constant('leap' as const), days: fc.integer({ min: 1, max: 70 }) }),
    );
    const tariffs = [
      {
        ...flatTariff(),
        versions: [
          {
            from: '2026-01-01T00:00',
            components: [
              { name: 'energy', price: '0.456789' },
              { name: 'fund', price: '0.123457' },
            ],
          },
        ],
      },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const disk = new MemoryDisk();
        const running = await startCore(disk, { ...plainSite(1, '1000'), tariffs });
        let index = 0;
        await running.read('m1', 0);
        for (const one of steps) {
          await leap(running, HOUR);
          if (one.kind === 'use') await running.read('m1', (index += one.wh));
          else if (one.kind === 'leap') await leap(running, one.days * DAY);
          else if (one.kind === 'end') await ask(running, 'endAllowance', { accounts: ['a1'], unit: one.unit });
          else {
            const { kind: _kind, ...rule } = one;
            await ask(running, 'giveAllowance', { accounts: ['a1'], ...rule });
          }
          await running.settle();
          conserved(running);
        }
        const charges = disk.entries.flatMap(({ events }) =>
          events.filter(({ type }) => type === 'ConsumptionCharged'),
        );
        let paid = 0;
        let charged = 0;
        for (const { data } of charges) {
          const draws = (data.allowance ?? []) as { amountMicro: number; quantity: number; unit: string }[];
          const moved = (data.transfers as { from: string; amountMicro: number }[]).reduce(
            (sum, { from, amountMicro }) => ({ ...sum, [from]: (sum[from] ?? 0) + amountMicro }),
            {} as Record<string, number>,
          );
          const covered = draws.reduce((sum, { amountMicro }) => sum + amountMicro, 0);
          expect((moved['wallet:w1'] ?? 0) + covered).toBe(data.amountMicro);
          expect((moved.allowance ?? 0) + (moved['allowance:w1'] ?? 0)).toBe(covered);
          const quota = draws.filter(({ unit }) => unit === 'kWh').reduce((sum, { quantity }) => sum + quantity, 0);
          expect(quota).toBeLessThanOrEqual(Number(data.toIndex) - Number(data.fromIndex));
          paid += moved['wallet:w1'] ?? 0;
          charged += Number(data.toIndex) - Number(data.fromIndex);
        }
        expect(charged).toBe(index);
        expect(balance(running)).toBe(1_000_000_000 - paid);
        for (const times of Object.values(grantsOf(disk))) expect(times).toBe(1);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a crash after any commit', () => {
  it('grants each period once and charges each unit once', async () => {
    const disk = new MemoryDisk();
    const running = await startCore(disk, plainSite(1));
    await running.read('m1', 0);
    const begin = disk.entries.length;
    await give(running);
    await give(running, { unit: 'yuan', amount: '0.40' });
    for (const index of [600, 1_500, 1_600]) {
      await leap(running, HOUR);
      await running.read('m1', index);
    }
    await leap(running, 30 * DAY);
    await running.read('m1', 1_600);
    const endMs = running.clock.siteMs;
    for (let cut = begin; cut <= disk.entries.length; cut++) {
      const part = new MemoryDisk();
      part.siteId = disk.siteId;
      part.entries = disk.entries.slice(0, cut) as JournalEntry[];
      const last = part.entries.at(-1)!;
      part.head = { number: last.number, hash: last.hash };
      const clock = new Stepped();
      clock.siteMs = endMs;
      const next = await startCore(part, null, clock);
      await leap(next, HOUR);
      await next.read('m1', 2_000);
      await next.settle();
      conserved(next);
      const rules = (next.core.directory.get('account', 'a1')?.allowances ?? []).map(({ unit }) => unit);
      const expected = Object.fromEntries(
        rules.flatMap((unit) => ['2026-06', '2026-07'].map((period) => [`${unit} ${period}`, 1])),
      );
      expect(grantsOf(part)).toEqual(expected);
      expect(inLedger(next, 'revenue:electricity:energy')).toBe(2_000_000);
    }
  });
});
