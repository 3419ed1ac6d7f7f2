/** What figures and words say of an account whose money is in its meter. */
import { describe, expect, it } from 'vitest';
import { bySms, Receiver } from '../notices/receiver.ts';
import { charging, conserved, details, done, HOUR, inLedger, MINUTE, opened, pass } from '../tools/chargingAccount.ts';
import type { ChargingSite } from '../tools/chargingSite.ts';

const asked = async (site: ChargingSite, op: Parameters<ChargingSite['do']>[0], params: object): Promise<never> =>
  ((await site.do(op, params, '')) as unknown as { result: never }).result;

/** The meter charges 1.9 yuan a kWh, our price is 1: what it took is what counts. */
async function dearer(): Promise<ChargingSite> {
  const site = await opened({ wallets: [{ id: 'w', firstRecharge: { amount: '100', channel: 'cash' } }] });
  for (let band = 0; band < 4; band += 1) site.line.meters.get('m1')!.write(16, 0x59 + 2 * band, [0, 19_000]);
  await pass(site, 2 * HOUR);
  return site;
}

describe('an account whose meter keeps the money', () => {
  it('counts in what the site used and earned today, by what its meter took', async () => {
    const site = await dearer();
    // Into the quarter hour that has just begun.
    await pass(site, MINUTE);
    const home: object = await asked(site, 'getHome', {});
    const earnedMicro = inLedger(site, 'revenue:electricity:energy');
    // Two hours of 1 kW, and what ran while it was opened.
    const energyWh = expect.closeTo(2_000, -2) as number;
    expect(home).toMatchObject({ days: { today: { energyWh, earnedMicro, receivedMicro: 100_000_000 } } });
    conserved(site);
  });

  it('stands on the home page as cut for money once its meter has cut by itself', async () => {
    const site = await opened({ wallets: [{ id: 'w', firstRecharge: { amount: '1', channel: 'cash' } }] });
    expect(await asked(site, 'getHome', {})).toMatchObject({ states: { running: 1, openForMoney: 0 } });
    await pass(site, 4 * HOUR);
    expect(site.line.look('m1')).toMatchObject({ closed: false });
    expect(await asked(site, 'getHome', {})).toMatchObject({ states: { running: 0, openForMoney: 1 } });
  });

  it('explains what its meter took at our price, from the row of the statement', async () => {
    const site = await dearer();
    const { items }: { items: { id: string; kind: string; shadowMicro?: number }[] } = await asked(
      site,
      'getStatement',
      { wallet: 'w' },
    );
    const row = items.find(({ kind }) => kind === 'shadow');
    const explained: object = await asked(site, 'getExplanation', { wallet: 'w', kind: 'charge', subject: row?.id });
    expect(explained).toMatchObject({ movement: { kind: 'charge', charge: { amountMicro: row?.shadowMicro } } });
  });

  it('has a statement that adds up by what the meter took, not by our price', async () => {
    const site = await dearer();
    const totals: object = await asked(site, 'getStatementTotals', { wallet: 'w' });
    const took = inLedger(site, 'revenue:electricity:energy');
    expect(took).toBeGreaterThan(3_500_000);
    expect(totals).toMatchObject({
      ...{ openingMicro: 0, inMicro: 100_000_000, outMicro: 0, chargedMicro: took },
      closingMicro: 100_000_000 - took,
    });
    const { items }: { items: { kind: string; amountMicro: number; shadowMicro?: number }[] } = await asked(
      site,
      'getStatement',
      { wallet: 'w' },
    );
    const shadows = items.filter(({ kind }) => kind === 'shadow');
    expect(shadows.length).toBeGreaterThan(0);
    expect(shadows.every(({ amountMicro, shadowMicro = 0 }) => amountMicro < 0 && shadowMicro > 0)).toBe(true);
    // Each row says what the meter took: all of it but what came after the last one.
    const rows = shadows.reduce((sum, { amountMicro }) => sum - amountMicro, 0);
    expect(took - rows).toBeGreaterThanOrEqual(0);
    expect(took - rows).toBeLessThan(500_000);
  });

  it('is told with what is left in the meter, on the tile, the list and the notice', async () => {
    const wallets = [{ id: 'w', thresholds: ['5', '2', '0'], firstRecharge: { amount: '6', channel: 'cash' } }];
    const site = await opened({ wallets });
    await pass(site, HOUR + 5 * MINUTE);
    const left = charging(site)!.last!.remainingMicro;
    expect(left).toBeLessThan(5_000_000);
    expect(left).toBeGreaterThan(4_800_000);
    expect(await asked(site, 'getLowMoney', {})).toMatchObject({ items: [{ wallet: { balanceMicro: left } }] });
    expect(await asked(site, 'getRoom', { room: 'r1' })).toMatchObject({ tile: { money: { balanceMicro: left } } });
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    conserved(site);
  });

  it('is told at its last level that its meter waits for no warning', async () => {
    const wallets = [{ id: 'w', thresholds: ['2', '0'], firstRecharge: { amount: '3', channel: 'cash' } }];
    const site = await opened({ wallets });
    await done(site, 'saveAccount', { account: 'a', isNew: false, name: 'A', phone: '13800001000', details });
    const receiver = new Receiver();
    receiver.attach(site);
    expect(await site.do('setNoticeRules', bySms, 'rules', 'administrator')).toMatchObject({ ok: true });
    await pass(site, 4 * HOUR);
    expect(receiver.said).toEqual(['lowBalance sms 0', 'aboutToTrip sms 0']);
    expect(receiver.taken[1]?.text).toContain('最早在本通知 0 分钟后');
  });
});
