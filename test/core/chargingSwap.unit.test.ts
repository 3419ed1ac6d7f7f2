/** Another meter in the place of one that keeps its money: what the old one held goes on the new one, once. */
import { describe, expect, it } from 'vitest';
import { charging, conserved, done, HOUR, inLedger, MINUTE, opened, pass } from '../tools/chargingAccount.ts';
import { otherMeter, swapParams } from '../tools/chargingSwap.ts';
import type { ChargingSite } from '../tools/chargingSite.ts';

let keys = 0;
async function admin(site: ChargingSite, op: Parameters<ChargingSite['do']>[0], params: object): Promise<void> {
  keys += 1;
  expect(await site.do(op, params, `a${keys}`, 'administrator')).toMatchObject({ ok: true });
}
const swap = async (site: ChargingSite, more: object = {}): Promise<void> => {
  await admin(site, 'swapMeter', { ...swapParams, ...more });
  await pass(site, 3 * MINUTE);
};
const refused = async (site: ChargingSite, params: object): Promise<unknown> =>
  site.do('swapMeter', { ...swapParams, ...params }, `no-${JSON.stringify(params)}`, 'administrator');
const takeBack = async (site: ChargingSite): Promise<void> => {
  await admin(site, 'prepareMeterSwap', { wallet: 'w', action: 'takeBack', reason: 'display is broken' });
  await pass(site, MINUTE);
};

describe('a meter that keeps its money and answers', () => {
  it('gives it back, stays closed, and the next one gets it under a count of its own and charges itself', async () => {
    const site = await opened();
    await pass(site, 2 * HOUR);
    await takeBack(site);
    expect(site.line.look('m1')).toMatchObject({ count: 3, closed: true, forced: true });
    expect(inLedger(site, 'wallet:w')).toBe(18_000_000);
    expect(charging(site)).toMatchObject({ phase: 'leaving', released: false, backMicro: 18_000_000 });
    conserved(site);
    // It hangs there for half an hour more, and half a kWh is used.
    await pass(site, 30 * MINUTE);
    expect(inLedger(site, 'wallet:w')).toBe(18_000_000);
    const used = -site.line.look('m1').cents;
    expect(used).toBeGreaterThan(40);
    otherMeter(site);
    await swap(site, { last: '2.53' });
    expect(site.line.look('m1')).toMatchObject({ count: 9, closed: true, forced: false });
    expect(Math.abs(site.line.look('m1').cents - (1_800 - used))).toBeLessThan(10);
    expect(charging(site)).toMatchObject({ phase: 'running', released: true, queue: [], current: null });
    expect(charging(site)?.backMicro).toBeUndefined();
    expect(inLedger(site, 'wallet:w')).toBe(0);
    expect(inLedger(site, 'meterDrift')).toBe(0);
    // Limits and prices first, then nothing, then the money, then its own way.
    const addresses = site.line.writes.map(([address]) => address);
    expect(addresses.slice(addresses.lastIndexOf(0x46))).toEqual([0x46, 0x59, 0x4e, 0x4e, 0x57]);
    conserved(site);
    await pass(site, HOUR);
    expect(inLedger(site, 'revenue:electricity:energy')).toBeGreaterThan(3_400_000);
    conserved(site);
  });

  it('takes what is sold meanwhile only on the next one', async () => {
    const site = await opened();
    await takeBack(site);
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    await pass(site, 2 * MINUTE);
    expect(site.line.look('m1').count).toBe(3);
    expect(inLedger(site, 'wallet:w')).toBe(30_000_000);
    otherMeter(site);
    await swap(site, { last: '0.05' });
    expect(site.line.look('m1')).toMatchObject({ count: 10, forced: false });
    expect(inLedger(site, 'wallet:w')).toBe(0);
    conserved(site);
  });

  it('gets it again when it stays after all', async () => {
    const site = await opened();
    await takeBack(site);
    await admin(site, 'prepareMeterSwap', { wallet: 'w', action: 'putBack', reason: 'it was the fuse' });
    await pass(site, 2 * MINUTE);
    expect(site.line.look('m1')).toMatchObject({ count: 4, forced: false });
    expect(charging(site)).toMatchObject({ phase: 'running', released: true });
    expect(inLedger(site, 'wallet:w')).toBe(0);
    conserved(site);
  });

  it('passes a debt on to the next one', async () => {
    const wallets = [{ id: 'w', overdraft: '5', thresholds: ['0'], firstRecharge: { amount: '1', channel: 'cash' } }];
    const site = await opened({ wallets });
    await pass(site, 3 * HOUR);
    expect(site.line.look('m1').cents).toBe(-200);
    await takeBack(site);
    otherMeter(site);
    await swap(site, { last: '3.02' });
    expect(site.line.look('m1').cents).toBeLessThan(-195);
    expect(site.line.look('m1')).toMatchObject({ count: 9, closed: true, forced: false });
    conserved(site);
  });
});

describe('a meter that answers no more', () => {
  it('is swapped with what a person says it held: use is booked, the rest goes on the next one', async () => {
    const site = await opened();
    await pass(site, HOUR);
    site.line.deaf = true;
    await pass(site, HOUR);
    site.line.deaf = false;
    otherMeter(site);
    await swap(site, { last: '2', remaining: '18' });
    expect(site.line.look('m1')).toMatchObject({ count: 9, forced: false });
    expect(Math.abs(site.line.look('m1').cents - 1_800)).toBeLessThan(10);
    expect(inLedger(site, 'meterDrift')).toBe(0);
    conserved(site);
  });

  it('puts on record as drift what no use explains', async () => {
    const site = await opened();
    otherMeter(site);
    await swap(site, { last: '0', remaining: '3' });
    expect(inLedger(site, 'meterDrift')).toBeGreaterThan(16_900_000);
    expect(site.line.look('m1').cents).toBeLessThanOrEqual(300);
    conserved(site);
  });

  it.each([
    ['not in it', false, '20'],
    ['in it', true, '30'],
  ])('goes on with the order that was being written: %s', async (_title, hasOrder, remaining) => {
    const site = await opened();
    if (hasOrder) site.line.loseAnswers = 1;
    else site.line.deaf = true;
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    expect(charging(site)?.current).toMatchObject({ count: 3 });
    site.line.deaf = false;
    otherMeter(site);
    await swap(site, { last: '0', remaining, hasOrder });
    expect(site.line.look('m1')).toMatchObject({ count: 10 });
    expect(Math.abs(site.line.look('m1').cents - 3_000)).toBeLessThan(10);
    expect(inLedger(site, 'meterDrift')).toBe(0);
    conserved(site);
  });
});

describe('a swap that would lose or make money', () => {
  it('is refused while the money is in the old one and nobody says how much', async () => {
    const site = await opened();
    expect(await refused(site, { last: '0' })).toMatchObject({ refusal: 'keptByMeter' });
    expect(site.core.meters.get('m1')?.state.config?.number).not.toBe('77');
    conserved(site);
  });

  it('is refused with more than the book of the old one', async () => {
    const site = await opened();
    const more = await refused(site, { last: '0', remaining: '20.5' });
    expect(more).toMatchObject({ refusal: 'invalid', detail: expect.stringMatching('^remaining:') });
    site.line.loseAnswers = 1;
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    expect(await refused(site, { last: '0', remaining: '30' })).toMatchObject({ refusal: 'invalid' });
    conserved(site);
  });

  it('is refused while the money is held for a person, and while its account closes', async () => {
    const site = await opened();
    site.line.meters.get('m1')!.write(16, 0x4e, [3, 0, 9_900]);
    await site.poll();
    expect(await refused(site, { last: '0', remaining: '20' })).toMatchObject({ refusal: 'keptByMeter' });
    await done(site, 'resolveMeterMoney', { wallet: 'w', action: 'adopt', count: 3, reason: 'vendor' });
    site.line.deaf = true;
    const typed = [{ meter: 'm1', reading: '0', reason: 'silent' }];
    await done(site, 'closeAccount', { account: 'a', typed, settlement: { channel: 'cash' } });
    expect(await refused(site, { last: '0', remaining: '19' })).toMatchObject({ refusal: 'keptByMeter' });
    conserved(site);
  });

  it('is refused for a model that keeps no money, and for transformers', async () => {
    const site = await opened();
    const model = await refused(site, { last: '0', remaining: '20', profile: 'eastron-sdm120' });
    expect(model).toMatchObject({ refusal: 'invalid', detail: expect.stringMatching('^profile: model') });
    const behind = await refused(site, { last: '0', remaining: '20', ct: 20 });
    expect(behind).toMatchObject({ refusal: 'invalid', detail: expect.stringMatching('^ct: multiplier') });
    const params = { meter: 'm1', reading: '0', pt: 1, reason: 'r' };
    const other = await site.do('changeMultiplier', { ...params, ct: 20 }, 'ct20', 'administrator');
    expect(other).toMatchObject({ refusal: 'keptByMeter' });
    // The same multiplier again moves nothing that its prices depend on.
    await admin(site, 'changeMultiplier', { ...params, ct: 1 });
    await pass(site, 2 * MINUTE);
    expect(site.line.look('m1')).toMatchObject({ count: 2, forced: false });
    conserved(site);
  });

  it('is no way round the other refusals: what is on it is not transferred or taken back', async () => {
    const site = await opened();
    await takeBack(site);
    const again = await site.do(
      'prepareMeterSwap',
      { wallet: 'w', action: 'takeBack', reason: 'r' },
      't2',
      'administrator',
    );
    expect(again).toMatchObject({ refusal: 'accountState' });
    const back = await site.do('refund', { wallet: 'w', amount: '5', channel: 'cash', note: 'n' }, 'f');
    expect(back).toMatchObject({ refusal: 'accountState' });
    conserved(site);
  });
});
