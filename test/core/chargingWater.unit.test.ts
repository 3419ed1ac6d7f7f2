/** A water meter that keeps m³ and no purchase count: its balance against its index says what is in it. */
import { describe, expect, it } from 'vitest';
import {
  charging,
  conserved,
  details,
  done,
  HOUR,
  inLedger,
  MINUTE,
  orderOf,
  pass,
  plan,
} from '../tools/chargingAccount.ts';
import { MeterLine, startCharging, waterMeter, type ChargingSite } from '../tools/chargingSite.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { waterSite, type Version } from '../tools/chargingWater.ts';
import { Stepped } from '../tools/siteInMemory.ts';

async function opened(amount = '28', price?: string, later: readonly Version[] = []): Promise<ChargingSite> {
  const clock = new Stepped();
  const line = new MeterLine(clock);
  line.meters.set('m1', waterMeter(clock));
  const site = await startCharging(new MemoryDisk(), waterSite(price, later), line, clock);
  await site.poll();
  const wallets = [{ id: 'w', thresholds: ['5', '2', '0'], firstRecharge: { amount, channel: 'cash' } }];
  await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan({ wallets }) });
  await done(site, 'openAccount', { account: 'a' });
  await pass(site, 2 * MINUTE);
  return site;
}
/** Bytes as they stand in registers 0x0008 and 0x0009: the least significant first. */
const cubicIn = (site: ChargingSite): number => {
  const read = site.line.meters.get('m1')!.read(3, 8, 2);
  if (!read.ok) throw new Error('it has these registers');
  const [a = 0, b = 0] = read.words;
  const bytes = Uint8Array.from([a >>> 8, a & 255, b >>> 8, b & 255]);
  return new DataView(bytes.buffer).getFloat32(0, true);
};
const agrees = (site: ChargingSite): void => {
  conserved(site);
  // 2.8 yuan a m³ are 2 800 micro-yuan a litre.
  expect(Math.abs(inLedger(site, 'onMeter:m1') / 2_800 - cubicIn(site) * 1000)).toBeLessThan(2);
};
const purchases = (site: ChargingSite): number[] =>
  site.line.writes.map(([address]) => address).filter((at) => at < 10);

describe('a water meter that keeps its m³', () => {
  it('gets whole litres for what was paid, and the rest stays in the wallet', async () => {
    const site = await opened('28');
    // 10 m³ less what ran meanwhile at 600 l/h.
    expect(cubicIn(site)).toBeGreaterThan(9.95);
    expect(cubicIn(site)).toBeLessThanOrEqual(10);
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    await pass(site, 2 * MINUTE);
    // 3 571 litres are 9.9988 yuan.
    expect(inLedger(site, 'wallet:w')).toBe(1_200);
    expect(await orderOf(site, 'recharge')).toMatchObject({ meter: { state: 'done' } });
    expect(charging(site)).toMatchObject({ phase: 'running', released: true, held: null, current: null });
    agrees(site);
    // What was left over goes along with the next one.
    await done(site, 'recharge', { wallet: 'w', amount: '0.14', channel: 'cash' });
    await pass(site, 2 * MINUTE);
    expect(inLedger(site, 'wallet:w')).toBe(1_200);
    agrees(site);
  });

  it('waits in the wallet with too little to be told from the water that runs', async () => {
    const site = await opened('28');
    await done(site, 'recharge', { wallet: 'w', amount: '0.05', channel: 'cash' });
    await pass(site, MINUTE);
    expect(inLedger(site, 'wallet:w')).toBe(50_000);
    expect(charging(site)).toMatchObject({ queue: [], current: null });
    agrees(site);
  });

  it('deducts by itself and shuts its valve at nothing; money opens it again', async () => {
    const site = await opened('2.80');
    await pass(site, HOUR);
    expect(Math.abs(inLedger(site, 'revenue:water:energy') - 600 * 2_800)).toBeLessThan(40 * 2_800);
    agrees(site);
    await pass(site, 2 * HOUR);
    expect(site.line.meters.get('m1')!.look().conducting).toBe(false);
    expect(site.core.meters.get('m1')?.state.causes).toEqual({});
    await done(site, 'recharge', { wallet: 'w', amount: '28', channel: 'cash' });
    await pass(site, 2 * MINUTE);
    expect(site.line.meters.get('m1')!.look().conducting).toBe(true);
    agrees(site);
  });

  it('is opened again after a person has shut it, while there is water left in it', async () => {
    const site = await opened('28');
    await done(site, 'switchMeter', { meter: 'm1', action: 'forceTrip', reason: 'leak' });
    await pass(site, MINUTE);
    expect(site.line.meters.get('m1')!.look().conducting).toBe(false);
    await done(site, 'switchMeter', { meter: 'm1', action: 'release', reason: 'dry' });
    await pass(site, MINUTE);
    expect(site.line.meters.get('m1')!.look().conducting).toBe(true);
    agrees(site);
  });

  it.each([1, 2])('has an order once, though the answer of write %i of it is lost', async (which) => {
    const site = await opened('28');
    site.line.loseAnswer = which;
    await done(site, 'recharge', { wallet: 'w', amount: '28', channel: 'cash' });
    await pass(site, 3 * MINUTE);
    expect(charging(site)).toMatchObject({ current: null, queue: [], held: null });
    expect(cubicIn(site)).toBeGreaterThan(19.9);
    expect(cubicIn(site)).toBeLessThan(20);
    expect(inLedger(site, 'meterDrift')).toBe(0);
    agrees(site);
  });

  it('is held for a person when somebody else has written into it', async () => {
    const site = await opened('28');
    const before = purchases(site).length;
    // 64 m³: 00 00 80 42.
    site.line.meters.get('m1')!.write(6, 8, [0]);
    site.line.meters.get('m1')!.write(6, 9, [0x80_42]);
    await site.poll();
    expect(charging(site)?.held).toMatchObject({ why: 'count' });
    await done(site, 'recharge', { wallet: 'w', amount: '28', channel: 'cash' });
    expect(purchases(site).length).toBe(before);
    await done(site, 'resolveMeterMoney', { wallet: 'w', action: 'adopt', count: 0, reason: 'the plumber sold it' });
    await pass(site, 2 * MINUTE);
    expect(cubicIn(site)).toBeGreaterThan(73.9);
    agrees(site);
  });

  it('gives it back for a refund and at the end', async () => {
    const site = await opened('28');
    await done(site, 'refund', { wallet: 'w', amount: '10', channel: 'cash', note: 'n' });
    await pass(site, MINUTE);
    const { id } = await orderOf(site, 'refund');
    await done(site, 'payOutRefund', { order: id, reference: '' });
    expect(inLedger(site, 'cash:cash')).toBe(-18_000_000);
    agrees(site);
    await done(site, 'closeAccount', { account: 'a', settlement: { channel: 'cash' } });
    await pass(site, 4 * MINUTE);
    expect(site.core.tenancies.state('a').status).toBe('closed');
    expect(inLedger(site, 'onMeter:m1')).toBe(0);
    expect(site.core.ledger.imbalanceMicro).toBe(0);
  });

  it('takes another price only while its litres are out of it', async () => {
    const site = await opened('28', undefined, [
      { from: '2026-06-01T12:10', components: [{ name: 'energy', price: '3.5000' }] },
    ]);
    const admin = async (action: 'takeBack' | 'putBack'): Promise<void> => {
      const params = { wallet: 'w', action, reason: 'other price' };
      expect(await site.do('prepareMeterSwap', params, action, 'administrator')).toMatchObject({ ok: true });
      await pass(site, 2 * MINUTE);
    };
    await pass(site, 20 * MINUTE);
    expect(charging(site)?.settings.pricesMicro).toEqual([2_800_000]);
    await admin('takeBack');
    const back = charging(site)?.backMicro ?? 0;
    expect(back).toBeGreaterThan(27_000_000);
    await admin('putBack');
    expect(charging(site)).toMatchObject({ phase: 'running', released: true, current: null, queue: [] });
    expect(charging(site)?.settings.pricesMicro).toEqual([3_500_000]);
    expect(cubicIn(site)).toBeLessThan(back / 3_500_000);
    expect(cubicIn(site)).toBeGreaterThan(back / 3_500_000 - 0.06);
    expect(Math.abs(inLedger(site, 'onMeter:m1') / 3_500 - cubicIn(site) * 1000)).toBeLessThan(2);
    conserved(site);
  });

  it.each([['prices', '2.8005']])('is refused with the reason: %s', async (reason, price) => {
    const clock = new Stepped();
    const site = await startCharging(new MemoryDisk(), waterSite(price), new MeterLine(clock), clock);
    expect(await site.do('checkOwnMoney', { room: 'r1' }, '')).toMatchObject({
      result: { meters: [{ meter: 'm1', reasons: [reason] }] },
    });
  });
});
