/** Accounts whose money is in their meters: opening, selling, paying back, closing, people at the breaker. */
import { describe, expect, it } from 'vitest';
import {
  charging,
  conserved,
  details,
  done,
  empty,
  HOUR,
  inLedger,
  MINUTE,
  opened,
  orderOf,
  pass,
  plan,
  twoYuan,
} from '../tools/chargingAccount.ts';
import { startCharging, type ChargingSite } from '../tools/chargingSite.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite } from '../tools/siteInMemory.ts';

describe('opening an account whose meter keeps the money', () => {
  it('sets the meter up, puts the first recharge on it, and only then leaves it to itself', async () => {
    const site = await opened();
    expect(site.line.look('m1')).toEqual({ count: 2, cents: 2_000, closed: true, forced: false });
    expect(charging(site)).toMatchObject({ phase: 'running', released: true, queue: [], current: null });
    // Alarms 5 and 2 yuan; four prices of 1 yuan; then nothing, then the twenty, then the release.
    const addresses = site.line.writes.map(([address]) => address);
    expect(addresses.slice(addresses.indexOf(0x46))).toEqual([0x46, 0x59, 0x4e, 0x4e, 0x57]);
    expect(site.line.writes.find(([address]) => address === 0x46)).toEqual([0x46, 0, 500, 0, 200, 0, 0]);
    expect(site.line.writes.at(-1)).toEqual([0x57, 0, 0]);
    expect(inLedger(site, 'wallet:w')).toBe(0);
    expect(inLedger(site, 'onMeter:m1')).toBe(20_000_000);
    conserved(site);
  });

  it('keeps it closed while its meter does not answer, and says that the money is not there yet', async () => {
    const site = await startCharging(new MemoryDisk(), empty());
    await site.poll();
    site.line.deaf = true;
    await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan() });
    await done(site, 'openAccount', { account: 'a', typed: [{ meter: 'm1', reading: '0', reason: 'silent' }] });
    expect(await orderOf(site, 'recharge')).toMatchObject({ meter: { id: 'm1', state: 'waiting' } });
    expect(site.line.writes).toEqual([]);
    site.line.deaf = false;
    await pass(site, 2 * MINUTE);
    expect(await orderOf(site, 'recharge')).toMatchObject({ meter: { id: 'm1', state: 'done' } });
    expect(site.line.look('m1')).toMatchObject({ count: 2, forced: false, closed: true });
    conserved(site);
  });

  it.each([
    ['tiers', { tiers: { per: 'month', countedPer: 'meter', edges: [{ above: ['100'] }], add: ['0', '1'] } }],
    [
      'components',
      {
        components: [
          { name: 'energy', price: '1' },
          { name: 'service', price: '0.1' },
        ],
      },
    ],
    [
      'bands',
      {
        calendar: [
          {
            starts: [
              ['00:00', 'deep'],
              ['08:00', 'flat'],
            ],
          },
        ],
        components: [{ name: 'energy', prices: { deep: '0.1', flat: '1' } }],
      },
    ],
    ['prices', { components: [{ name: 'energy', price: '0.56789' }] }],
  ] as const)('is refused with the reason: %s', async (reason, version) => {
    const plain = empty();
    const [tariff] = plain.tariffs;
    const versions = tariff!.versions.map((one) => ({ ...one, ...version }));
    const site = await startCharging(new MemoryDisk(), {
      ...plain,
      tariffs: [{ ...tariff!, versions: versions as typeof tariff extends { versions: infer V } ? V : never }],
    });
    await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan() });
    expect(await site.do('openAccount', { account: 'a' }, 'o')).toMatchObject({
      ...{ ok: false, refusal: 'invalid', detail: expect.stringMatching(`^plan.payment: ${reason}`) },
    });
    expect(await site.do('checkOwnMoney', { room: 'r1' }, '')).toMatchObject({
      result: { meters: [{ meter: 'm1', reasons: [reason] }] },
    });
  });

  it('is refused for several meters on one wallet, and for a meter behind transformers', async () => {
    const two = { ...plainSite(2), accounts: [] };
    const meters = two.meters.map((meter) => ({ ...meter, room: 'r1' }));
    const site = await startCharging(new MemoryDisk(), { ...two, meters });
    await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan() });
    const shared = await site.do('openAccount', { account: 'a' }, 'o');
    expect(shared).toMatchObject({ ok: false, detail: expect.stringMatching('^plan.payment: shared') });
    const behind = empty();
    const other = await startCharging(new MemoryDisk(), {
      ...behind,
      meters: behind.meters.map((meter) => ({ ...meter, ct: 20 })),
    });
    expect(await other.do('checkOwnMoney', { room: 'r1' }, '')).toMatchObject({
      result: { meters: [{ reasons: ['multiplier'] }] },
    });
  });
});

describe('a meter that keeps the money', () => {
  it('deducts by itself: the platform books what it took, once, and compares its own price', async () => {
    const site = await opened();
    await pass(site, 2 * HOUR);
    // 1 kW at 1 yuan a kWh.
    expect(site.line.look('m1').cents).toBe(1_800);
    expect(inLedger(site, 'revenue:electricity:energy')).toBe(2_000_000);
    expect(inLedger(site, 'onMeter:m1')).toBe(18_000_000);
    expect(charging(site)).toMatchObject({ usedMicro: 2_000_000, shadowMicro: 2_000_000 });
    await site.poll();
    expect(inLedger(site, 'revenue:electricity:energy')).toBe(2_000_000);
    expect(site.core.wallets.get('w')?.state.balanceMicro).toBe(0);
    conserved(site);
  });

  it('cuts itself at nothing and closes again with money, without a word of the platform', async () => {
    const site = await opened(twoYuan);
    await pass(site, 2.2 * HOUR);
    expect(site.line.look('m1')).toMatchObject({ closed: false, forced: false });
    const { state } = site.core.meters.get('m1')!;
    expect(state.causes).toEqual({});
    expect(state.cutSinceMs).toBeNull();
    expect(site.core.wallets.get('w')?.state).toMatchObject({ exhausted: false, level: 3 });
    const before = site.line.writes.length;
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    expect(site.line.look('m1')).toMatchObject({ closed: true, forced: false, count: 3 });
    expect(site.line.writes.slice(before).map(([address]) => address)).toEqual([0x4e]);
    conserved(site);
  });

  it('is forced by people as ever, and left to itself again afterwards', async () => {
    const site = await opened();
    await done(site, 'switchMeter', { meter: 'm1', action: 'forceTrip', reason: 'works' });
    await site.poll();
    expect(site.line.look('m1')).toMatchObject({ closed: false, forced: true });
    await done(site, 'switchMeter', { meter: 'm1', action: 'release', reason: 'done' });
    await site.poll();
    expect(site.line.look('m1')).toMatchObject({ closed: true, forced: false });
    await done(site, 'switchMeter', { meter: 'm1', action: 'keepPower', reason: 'pump' });
    await site.poll();
    expect(site.line.look('m1')).toMatchObject({ closed: true, forced: true });
    conserved(site);
  });

  it('is kept closed over quiet hours, and cuts when they are over', async () => {
    const disk = new MemoryDisk();
    const plain = empty();
    // 12:00 at the start; the money lasts until 14:00.
    const rules = { quietHours: [{ from: '13:00', to: '15:00' }] };
    const site = await startCharging(disk, { ...plain, site: { ...plain.site, rules } });
    await site.poll();
    await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan(twoYuan) });
    await done(site, 'openAccount', { account: 'a' });
    await pass(site, 2.5 * HOUR);
    expect(site.line.look('m1')).toMatchObject({ closed: true, forced: true });
    expect(site.line.look('m1').cents).toBeLessThan(0);
    await pass(site, 0.7 * HOUR);
    expect(site.line.look('m1')).toMatchObject({ closed: false, forced: false });
    conserved(site);
  });

  it('refuses temporary power and taking back what is on it', async () => {
    const site = await opened();
    const no = async (op: Parameters<ChargingSite['do']>[0], params: object): Promise<void> =>
      expect(await site.do(op, params, `no-${op}`, 'administrator')).toMatchObject({ refusal: 'onMeter' });
    await no('grantTemporaryPower', { wallet: 'w', reason: 'r', debt: '5' });
    const { id } = await orderOf(site, 'recharge');
    await no('reverse', { order: id, note: 'wrong room' });
  });

  it('says so when somebody else has bought at it, books nothing, and goes by what a person says', async () => {
    const site = await opened();
    site.line.meters.get('m1')!.write(16, 0x4e, [3, 0, 9_900]);
    await site.poll();
    expect(charging(site)?.held).toMatchObject({ why: 'count', seen: { count: 3, remainingMicro: 99_000_000 } });
    expect(site.core.alarms.alarms['meterMoney:m1']).toMatchObject({ active: true, priority: 2 });
    expect(inLedger(site, 'onMeter:m1')).toBe(20_000_000);
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    expect(site.line.look('m1').count).toBe(3);
    const wrong = await site.do('resolveMeterMoney', { wallet: 'w', action: 'adopt', count: 2, reason: 'r' }, 'q1');
    expect(wrong).toMatchObject({ refusal: 'meterChanged' });
    await done(site, 'resolveMeterMoney', { wallet: 'w', action: 'adopt', count: 3, reason: 'vendor on site' });
    expect(site.line.look('m1')).toMatchObject({ count: 4, cents: 10_900 });
    expect(inLedger(site, 'meterDrift')).toBe(-79_000_000);
    expect(site.core.alarms.alarms['meterMoney:m1']).toMatchObject({ active: false });
    conserved(site);
  });

  it('raises an alarm when it charges otherwise than we would', async () => {
    const site = await opened({ wallets: [{ id: 'w', firstRecharge: { amount: '500', channel: 'cash' } }] });
    // Somebody has doubled its prices.
    for (let band = 0; band < 4; band += 1) site.line.meters.get('m1')!.write(16, 0x59 + 2 * band, [0, 19_000]);
    await pass(site, 6 * HOUR, 10 * MINUTE);
    expect(charging(site)).toMatchObject({ held: null });
    expect(site.core.alarms.alarms['meterDrift:m1']).toMatchObject({ active: true, priority: 2 });
    conserved(site);
  });
});

describe('the tariff and the day', () => {
  it('writes the prices of a new version at its minute, after the orders that wait', async () => {
    const plain = empty();
    const [tariff] = plain.tariffs;
    const later = { from: '2026-06-01T12:20', components: [{ name: 'energy', price: '0.5' }] };
    const versions = [...tariff!.versions, later];
    const site = await startCharging(new MemoryDisk(), { ...plain, tariffs: [{ ...tariff!, versions }] });
    await site.poll();
    await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan() });
    await done(site, 'openAccount', { account: 'a' });
    await pass(site, 21 * MINUTE);
    expect(site.line.writes.at(-1)).toEqual([0x59, 0, 5_000, 0, 5_000, 0, 5_000, 0, 5_000]);
    const cents = site.line.look('m1').cents;
    await pass(site, 2 * HOUR);
    expect(cents - site.line.look('m1').cents).toBe(100);
    expect(Math.abs(charging(site)!.usedMicro - charging(site)!.shadowMicro)).toBeLessThan(50_000);
    conserved(site);
  });

  it('puts meter and platform beside each other once a day', async () => {
    const site = await opened({ wallets: [{ id: 'w', firstRecharge: { amount: '100', channel: 'cash' } }] });
    await pass(site, 13 * HOUR);
    expect(await site.do('getMeterMoney', {}, '')).toMatchObject({
      result: {
        items: [{ wallet: 'w', check: { day: '2026-06-02', differenceMicro: 0, sameCount: true, driftMicro: 0 } }],
      },
    });
  });
});

describe('an order whose answer is lost', () => {
  it('is looked for at the meter, and not written again where it has arrived', async () => {
    const site = await opened();
    site.line.loseAnswers = 1;
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    expect(site.line.look('m1')).toMatchObject({ count: 3, cents: 3_000 });
    expect(charging(site)?.current).toMatchObject({ count: 3 });
    await pass(site, MINUTE);
    expect(charging(site)).toMatchObject({ current: null, last: { count: 3 } });
    expect(site.line.writes.filter(([address]) => address === 0x4e)).toHaveLength(3);
    conserved(site);
  });

  it('waits in order while the meter is away, and is seen by tile and receipt as not yet there', async () => {
    const site = await opened();
    site.line.deaf = true;
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    await done(site, 'recharge', { wallet: 'w', amount: '5', channel: 'cash' });
    const outcome = await site.do('getRoom', { room: 'r1' }, '');
    expect(outcome).toMatchObject({
      result: {
        tile: { money: { balanceMicro: 35_000_000, pendingMicro: 15_000_000 } },
        wallets: [{ meterMoney: { pendingMicro: 15_000_000, orders: [{ amountMicro: 10_000_000, count: 3 }, {}] } }],
      },
    });
    site.line.deaf = false;
    await pass(site, 2 * MINUTE);
    expect(site.line.look('m1')).toMatchObject({ count: 4 });
    expect(inLedger(site, 'wallet:w')).toBe(0);
    conserved(site);
  });
});

describe('money back from the meter', () => {
  it('never goes there when its recharge is taken back while it waits in line', async () => {
    const site = await opened();
    site.line.deaf = true;
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    await done(site, 'recharge', { wallet: 'w', amount: '5', channel: 'cash' });
    const last = charging(site)!.queue.at(-1)!;
    expect(last).toMatchObject({ kind: 'up', amountMicro: 5_000_000 });
    await done(site, 'reverse', { order: last.id, note: 'typed twice' });
    expect(inLedger(site, 'cash:cash')).toBe(-30_000_000);
    site.line.deaf = false;
    await pass(site, 2 * MINUTE);
    expect(site.line.look('m1')).toMatchObject({ count: 3, cents: expect.closeTo(3_000, -1) });
    expect(inLedger(site, 'wallet:w')).toBe(0);
    conserved(site);
  });

  it('is paid out only when it has been written down there', async () => {
    const site = await opened();
    site.line.deaf = true;
    await done(site, 'refund', { wallet: 'w', amount: '8', channel: 'cash', note: 'moves' });
    const asked = await orderOf(site, 'refund');
    expect(asked).toMatchObject({ meter: { state: 'waiting' }, payout: { step: 'writeDown' } });
    const early = await site.do('payOutRefund', { order: asked.id, reference: '' }, 'p0');
    expect(early).toMatchObject({ refusal: 'payoutOver' });
    expect(inLedger(site, 'cash:cash')).toBe(-20_000_000);
    const more = await site.do('refund', { wallet: 'w', amount: '13', channel: 'cash', note: 'n' }, 'r2');
    expect(more).toMatchObject({ refusal: 'insufficientBalance' });
    site.line.deaf = false;
    await pass(site, 2 * MINUTE);
    expect(await orderOf(site, 'refund')).toMatchObject({ meter: { state: 'done' }, payout: { step: 'payOut' } });
    expect(inLedger(site, 'refundReserved')).toBe(8_000_000);
    await done(site, 'payOutRefund', { order: asked.id, reference: '' });
    expect(inLedger(site, 'cash:cash')).toBe(-12_000_000);
    expect(site.line.look('m1')).toMatchObject({ count: 3 });
    conserved(site);
  });

  it('comes back whole before the meter changes hands at the end', async () => {
    const site = await opened();
    await pass(site, 2 * HOUR);
    await done(site, 'closeAccount', { account: 'a', settlement: { channel: 'cash' } });
    await pass(site, 3 * MINUTE);
    expect(site.core.tenancies.state('a').status).toBe('closed');
    expect(site.core.meters.get('m1')?.state.itself).toBeUndefined();
    expect(site.line.look('m1')).toMatchObject({ count: 3, closed: true, forced: true });
    expect(site.line.look('m1').cents).toBeLessThanOrEqual(0);
    expect(-inLedger(site, 'cash:cash')).toBe(
      inLedger(site, 'revenue:electricity:energy') +
        inLedger(site, 'rounding') +
        inLedger(site, 'onMeter:m1') +
        inLedger(site, 'wallet:owner-r1'),
    );
    expect(inLedger(site, 'onMeter:m1')).toBe(0);
    conserved(site);
  });
});

describe('the next account of the same meter', () => {
  it('starts at nothing, whatever was used between', async () => {
    const site = await opened();
    await pass(site, HOUR);
    await done(site, 'closeAccount', { account: 'a', settlement: { channel: 'cash' } });
    await pass(site, 30 * MINUTE);
    expect(site.core.tenancies.state('a').status).toBe('closed');
    const wallets = [{ id: 'w2', firstRecharge: { amount: '30', channel: 'cash' } }];
    await done(site, 'saveAccount', { account: 'b', isNew: true, name: 'B', details, plan: plan({ wallets }) });
    await done(site, 'openAccount', { account: 'b' });
    await pass(site, 5 * MINUTE);
    const next = site.core.wallets.get('w2')?.state.charging;
    expect(next).toMatchObject({ phase: 'running', released: true, held: null });
    expect(inLedger(site, 'onMeter:m1')).toBe(next?.last?.remainingMicro);
    expect(site.line.look('m1')).toMatchObject({ forced: false, count: next?.last?.count });
    expect(site.core.ledger.imbalanceMicro).toBe(0);
  });
});

describe('a meter that is broken when its account closes', () => {
  it('is given up by a person: what it held when it was last read comes back', async () => {
    const site = await opened();
    await pass(site, HOUR);
    site.line.deaf = true;
    const early = await site.do('resolveMeterMoney', { wallet: 'w', action: 'gone', count: 2, reason: 'burnt' }, 'g0');
    expect(early).toMatchObject({ refusal: 'accountState' });
    const typed = [{ meter: 'm1', reading: '1', reason: 'burnt' }];
    await done(site, 'closeAccount', { account: 'a', typed, settlement: { channel: 'cash' } });
    await pass(site, 3 * MINUTE);
    expect(site.core.tenancies.state('a').status).toBe('closing');
    await done(site, 'resolveMeterMoney', { wallet: 'w', action: 'gone', count: 2, reason: 'burnt' });
    await pass(site, 2 * MINUTE);
    expect(site.core.tenancies.state('a').status).toBe('closed');
    expect(inLedger(site, 'cash:cash')).toBe(-1_000_000);
    conserved(site);
  });
});
