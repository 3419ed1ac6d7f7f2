import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SiteFileInput } from '../../protocol/site.ts';
import { StoreError } from '../../server/store/store.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const cutMeters = (site: Running): string[] =>
  [...site.core.meters].filter(([, cell]) => cell.state.causes.moneyExhausted).map(([id]) => id);
const activeAlarms = (site: Running): string[] =>
  Object.values(site.core.alarms.alarms)
    .filter((alarm) => alarm.active)
    .map((alarm) => alarm.id)
    .sort();
const balance = (site: Running, wallet: string): number => site.core.wallets.get(wallet)?.state.balanceMicro ?? NaN;

/** A site whose rooms are about to run out, read once. */
async function nearlyOut(
  rooms: number,
  rules: SiteFileInput['site']['rules'] = {},
): Promise<{ site: Running; disk: MemoryDisk; drain: (n: number, wh: number) => Promise<void> }> {
  const disk = new MemoryDisk();
  const site = await startCore(disk, plainSite(rooms, '0.05', { warnBeforeCutMs: 30 * MINUTE, ...rules }));
  const index = new Map<number, number>();
  const drain = async (n: number, wh: number): Promise<void> => {
    index.set(n, (index.get(n) ?? 0) + wh);
    await site.read(`m${n}`, index.get(n) ?? 0);
  };
  for (let n = 1; n <= rooms; n++) await drain(n, 0);
  await site.pass(10 * MINUTE);
  return { site, disk, drain };
}

describe('law 4: never cut by mistake', () => {
  it('a three-hour outage that empties 200 wallets ends in warnings and an interlock, not in 200 dark rooms', async () => {
    const { site, disk, drain } = await nearlyOut(200);
    disk.failing = new StoreError('away', 'pulled cable');
    await site.pass(10 * MINUTE);
    for (let n = 1; n <= 200; n++) {
      // The lines keep polling; the registers run on.
      site.core.send({ to: 'meter', id: `m${n}`, message: { type: 'NoteLink', online: true } });
    }
    await site.pass(170 * MINUTE);
    disk.failing = null;
    await site.pass(MINUTE);
    for (let n = 1; n <= 200; n++) await drain(n, 500);
    expect(balance(site, 'w200')).toBe(50_000 - 500_000);
    expect([...site.core.wallets.values()].filter(({ state }) => state.warnedMs !== null)).toHaveLength(200);
    expect(cutMeters(site)).toEqual([]);
    await site.pass(31 * MINUTE);
    for (let n = 1; n <= 200; n++) await drain(n, 0);
    expect(cutMeters(site)).toHaveLength(10);
    expect(site.core.interlock.held).toHaveLength(190);
    expect(activeAlarms(site).filter((id) => id.startsWith('interlock'))).toEqual(['interlockHolding:site']);
    await site.pass(60 * MINUTE);
    for (let n = 1; n <= 200; n++) await drain(n, 0);
    expect(cutMeters(site)).toHaveLength(10); // they wait for a person, however long
    // Money that comes in meanwhile takes a room out of the queue; a person lets the others go.
    const held = site.core.interlock.held[0]!;
    await site.do('recharge', { wallet: held.replace('m', 'w'), amount: '100', channel: 'cash' }, 'saved');
    expect(await site.do('releaseInterlock', { reason: 'checked' }, 'release')).toMatchObject({
      ok: true,
      result: { released: 189 },
    });
    expect(cutMeters(site)).toHaveLength(199);
    expect(cutMeters(site)).not.toContain(held);
    expect(activeAlarms(site)).not.toContain('interlockHolding:site');
  });

  it.each([
    ['quiet hours', { quietHours: [{ from: '00:00', to: '23:59' }] }, async () => undefined],
    [
      'an operator’s hold',
      {},
      async (site: Running) => site.do('switchMeter', { meter: 'm1', action: 'hold', reason: 'talks' }, 'h'),
    ],
    [
      'keep power',
      {},
      async (site: Running) => site.do('switchMeter', { meter: 'm1', action: 'keepPower', reason: 'fire pump' }, 'k'),
    ],
  ] as const)('%s stands against an opening for money', async (_name, rules, before) => {
    const { site, drain } = await nearlyOut(1, rules as SiteFileInput['site']['rules']);
    await before(site);
    await drain(1, 500);
    await site.pass(32 * MINUTE);
    await drain(1, 10);
    expect(site.core.wallets.get('w1')?.state.exhausted).toBe(true);
    expect(site.core.wall.tiles.get('r1')?.electricity?.wanted).toBe('closed');
  });

  it('a cut asked for in quiet hours waits for its place in the spread after them', async () => {
    const { site, drain } = await nearlyOut(1, { quietHours: [{ from: '11:00', to: '13:00' }] });
    await drain(1, 500);
    await site.pass(49 * MINUTE);
    await drain(1, 10);
    expect(cutMeters(site)).toEqual([]);
    await site.pass(32 * MINUTE);
    await drain(1, 10);
    expect(cutMeters(site)).toEqual(['m1']);
  });

  it('a stale reading or an unconfirmed writer cuts nobody', async () => {
    const { site, drain } = await nearlyOut(1);
    await drain(1, 500);
    await site.pass(32 * MINUTE);
    expect(cutMeters(site)).toEqual([]);
    await drain(1, 0);
    expect(cutMeters(site)).toEqual(['m1']);
  });
});

describe('law 7: a doubtful reading moves no money', () => {
  it('is read again, then held, then charged once when a person releases it', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await site.read('m1', 1_000);
    await site.pass(MINUTE);
    for (let i = 0; i < 3; i++) await site.read('m1', 900_000);
    expect(balance(site, 'w1')).toBe(100_000_000);
    expect(activeAlarms(site)).toEqual(['quarantine:m1']);
    await site.pass(30 * MINUTE);
    await site.read('m1', 900_010); // agrees with the held one: waits with it
    expect(balance(site, 'w1')).toBe(100_000_000);
    expect(
      await site.do('resolveQuarantine', { meter: 'm1', action: 'release', reason: 'seen on the meter' }, 'q'),
    ).toMatchObject({ ok: true });
    expect(balance(site, 'w1')).toBe(100_000_000 - 899_000_000);
    await site.read('m1', 900_010);
    expect(balance(site, 'w1')).toBe(100_000_000 - 899_010_000);
    expect(activeAlarms(site)).toEqual([]);
  });

  it('one wild value among good ones changes nothing', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await site.read('m1', 1_000);
    await site.pass(MINUTE);
    await site.read('m1', 5);
    await site.read('m1', 'notANumber' as unknown as number);
    await site.read('m1', 1_010);
    expect(balance(site, 'w1')).toBe(99_990_000);
    expect(activeAlarms(site)).toEqual([]);
  });

  it('after a reset counting starts anew where a person says so, and charges nothing for it', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await site.read('m1', 50_000);
    for (let i = 0; i < 3; i++) await site.read('m1', 20);
    expect(
      await site.do('resolveQuarantine', { meter: 'm1', action: 'release', reason: 'meter was reset' }, 'q'),
    ).toMatchObject({ ok: true });
    await site.pass(MINUTE);
    await site.read('m1', 120);
    expect(balance(site, 'w1')).toBe(99_900_000);
  });

  it('another meter’s number moves no money', async () => {
    const plain = plainSite(1);
    plain.meters = plain.meters.map((meter) => ({ ...meter, number: '123456' }));
    const site = await startCore(new MemoryDisk(), plain);
    await site.read('m1', 1_000, { number: '123456' });
    await site.pass(MINUTE);
    for (let i = 0; i < 4; i++) await site.read('m1', 1_100, { number: '999' });
    expect(balance(site, 'w1')).toBe(100_000_000);
    expect(activeAlarms(site)).toEqual(['quarantine:m1', 'wrongMeter:m1']);
  });
});

describe('laws 1 and 2 under random use and crashes', () => {
  type Step =
    | { kind: 'read'; meter: number; wh: number }
    | { kind: 'repeat'; meter: number }
    | { kind: 'money'; wallet: number; yuan: number; op: 'recharge' | 'refund' }
    | { kind: 'crash' }
    | { kind: 'pass'; minutes: number };
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('read' as const),
          meter: fc.integer({ min: 1, max: 3 }),
          wh: fc.nat(250),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('repeat' as const), meter: fc.integer({ min: 1, max: 3 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('money' as const),
          wallet: fc.integer({ min: 1, max: 3 }),
          yuan: fc.integer({ min: 1, max: 90 }),
          op: fc.constantFrom('recharge' as const, 'refund' as const),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 3 }) }),
      },
    ),
    { minLength: 5, maxLength: 40 },
  );

  it('the sum is 0, both folds agree, and an oracle apart knows every balance', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const disk = new MemoryDisk();
        let site = await startCore(disk, plainSite(3));
        const index = [0, 0, 0, 0];
        const holds = [0n, 100_000_000n, 100_000_000n, 100_000_000n];
        for (let meter = 1; meter <= 3; meter++) await site.read(`m${meter}`, 0);
        for (const [i, step] of script.entries()) {
          if (step.kind === 'read') {
            await site.pass(MINUTE);
            index[step.meter] = (index[step.meter] ?? 0) + step.wh;
            holds[step.meter] = (holds[step.meter] ?? 0n) - BigInt(step.wh) * 1_000n;
            await site.read(`m${step.meter}`, index[step.meter] ?? 0);
          } else if (step.kind === 'repeat') await site.read(`m${step.meter}`, index[step.meter] ?? 0);
          else if (step.kind === 'pass') await site.pass(step.minutes * MINUTE);
          else if (step.kind === 'crash') site = await startCore(disk, null, site.clock);
          else {
            const outcome = await site.do(
              step.op,
              { wallet: `w${step.wallet}`, amount: String(step.yuan), channel: 'cash', note: 'n' },
              `k${i}`,
            );
            const micro = BigInt(step.yuan) * 1_000_000n;
            const enough = (holds[step.wallet] ?? 0n) >= micro;
            expect(outcome.ok).toBe(step.op === 'recharge' || enough);
            if (outcome.ok) holds[step.wallet] = (holds[step.wallet] ?? 0n) + (step.op === 'recharge' ? micro : -micro);
          }
          expect(site.fatal).toEqual([]);
          expect(site.core.ledger.imbalanceMicro).toBe(0);
          for (let wallet = 1; wallet <= 3; wallet++) expect(BigInt(balance(site, `w${wallet}`))).toBe(holds[wallet]);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('orders', () => {
  it('a refund is never more than the unused balance, and a reversal is linked both ways and done once', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    expect(
      await site.do('refund', { wallet: 'w1', amount: '100.01', channel: 'cash', note: 'moving out' }, 'a'),
    ).toMatchObject({ ok: false, refusal: 'insufficientBalance' });
    const paid = await site.do('recharge', { wallet: 'w1', amount: '30', channel: 'card' }, 'b');
    const order = paid.ok ? (paid.result as { id: string }).id : '';
    const both = await Promise.all([
      site.do('reverse', { order, note: 'wrong room' }, 'c'),
      site.do('reverse', { order, note: 'wrong room' }, 'd'),
    ]);
    expect(both.filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(both.find((outcome) => !outcome.ok)).toMatchObject({ refusal: 'alreadyReversed' });
    expect(balance(site, 'w1')).toBe(100_000_000);
    expect(disk.records.get('order')?.get(order)?.value.reversedBy).toMatch(/^V-/);
    expect(site.core.ledger.ledger.balance('cash:card')).toBe(0);
  });

  it('a viewer changes nothing', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    expect(await site.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'v', 'viewer')).toMatchObject({
      ok: false,
      refusal: 'forbidden',
    });
    expect(balance(site, 'w1')).toBe(100_000_000);
  });

  it('while the store is away money is refused with the reason, and nothing is half done', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    disk.failing = new StoreError('away', 'pulled cable');
    expect(await site.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'x')).toMatchObject({
      ok: false,
      refusal: 'storeAway',
    });
    disk.failing = null;
    await site.pass(MINUTE);
    expect(await site.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'x')).toMatchObject({ ok: true });
    expect(balance(site, 'w1')).toBe(105_000_000);
  });
});
