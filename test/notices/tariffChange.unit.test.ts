/** A tenant with a phone alone, and what a new price would have cost. */
import { describe, expect, it, vi } from 'vitest';
import { StoreError } from '../../server/store/store.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, startCore, type Running } from '../tools/siteInMemory.ts';
import { pass, Receiver, siteWith } from './receiver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('news for a tenant with a phone alone', () => {
  const byDefault = async (): Promise<{ site: Running; receiver: Receiver; disk: MemoryDisk }> => {
    const disk = new MemoryDisk();
    const plain = siteWith(3, '100');
    const [tariff] = plain.tariffs;
    const versions = [{ from: '2026-01-01T00:00', components: [{ name: 'energy', price: '1.0000' }] }];
    const site = await startCore(disk, { ...plain, tariffs: [{ ...tariff!, versions }] });
    const receiver = new Receiver();
    receiver.attach(site);
    return { site, receiver, disk };
  };

  it('goes by SMS where the usual ways do not reach them, and not where they were chosen away', async () => {
    const { site, receiver } = await byDefault();
    const none = { account: 'a3', notices: { channels: { rechargeArrived: [] } } };
    expect(await site.do('setAccountNotices', none, 'none', 'manager')).toMatchObject({ ok: true });
    await site.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'r1');
    await site.do('recharge', { wallet: 'w3', amount: '5', channel: 'cash' }, 'r3');
    await pass(site, MINUTE);
    expect(receiver.said).toEqual(['rechargeArrived sms 0']);
  });

  it('names the own difference of a new price over the past month, and says where there was no use', async () => {
    const { site, receiver } = await byDefault();
    for (const meter of ['m1', 'm2', 'm3']) await site.read(meter, 0);
    await pass(site, HOUR);
    await site.read('m1', 10_000);
    await site.read('m2', 4_000);
    await pass(site, HOUR);
    const after = { from: '2026-06-01T20:00', components: [{ name: 'energy', price: '1.5000' }] };
    const tariff = { ...flatTariff(), versions: [...flatTariff().versions, after] };
    expect(await site.do('saveTariff', { tariff, isNew: false }, 's', 'administrator')).toMatchObject({ ok: true });
    await pass(site, 5 * MINUTE);
    // 10 and 4 kWh at 0.5 yuan more.
    expect(receiver.taken.map(({ kind, values }) => `${kind} ${values.difference ?? ''}`).sort()).toEqual([
      'tariffChange 尚无用量，无法估算',
      'tariffChange 约多付 ¥2.00',
      'tariffChange 约多付 ¥5.00',
    ]);
    expect(receiver.taken.find(({ address }) => address.endsWith('0'))?.text).toContain(
      '与过去 30 天的用量相比：约多付 ¥5.00',
    );
  });

  it('is told of each of several versions published at once, with the own difference to the one before it', async () => {
    const { site, receiver } = await byDefault();
    for (const meter of ['m1', 'm2', 'm3']) await site.read(meter, 0);
    await pass(site, HOUR);
    await site.read('m1', 10_000);
    await pass(site, HOUR);
    const version = (from: string, price: string) => ({ from, components: [{ name: 'energy', price }] });
    const newly = [version('2026-06-01T20:00', '1.5000'), version('2026-07-01T00:00', '1.2000')];
    const tariff = { ...flatTariff(), versions: [...flatTariff().versions, ...newly] };
    expect(await site.do('saveTariff', { tariff, isNew: false }, 's', 'administrator')).toMatchObject({ ok: true });
    await pass(site, 10 * MINUTE);
    const of = (account: string) =>
      receiver.taken
        .filter(({ values }) => values.account === account)
        .map(({ values }) => `${values.from} ${values.difference}`)
        .sort();
    // 10 kWh at 0.5 yuan more, then at 0.3 less than that.
    expect(of('Tenant 1')).toEqual(['2026/06/01 20:00 约多付 ¥5.00', '2026/07/01 00:00 约少付 ¥3.00']);
    expect(of('Tenant 2')).toHaveLength(2);
    expect(receiver.taken).toHaveLength(6);
    expect(site.core.notices.announcer.state.open).toEqual([]);
    // The same again is no news; one more is one more.
    await site.do('saveTariff', { tariff, isNew: false }, 'same', 'administrator');
    const more = { ...tariff, versions: [...tariff.versions, version('2026-08-01T00:00', '2.0000')] };
    await site.do('saveTariff', { tariff: more, isNew: false }, 'more', 'administrator');
    await pass(site, 10 * MINUTE);
    expect(receiver.taken).toHaveLength(9);
  });

  it('is told in time also where nobody can say by how much, and waits for a store that is away', async () => {
    const { site, receiver } = await byDefault();
    const { store } = site.core.options;
    const after = { from: '2026-06-01T20:00', components: [{ name: 'energy', price: '1.5000' }] };
    const tariff = { ...flatTariff(), versions: [...flatTariff().versions, after] };
    const range = vi.spyOn(store, 'range').mockRejectedValue(new StoreError('away', 'gone'));
    expect(await site.do('saveTariff', { tariff, isNew: false }, 's', 'administrator')).toMatchObject({ ok: true });
    for (let i = 0; i < 30; i++) await site.pass(250);
    // Once, then after a pause.
    expect(range.mock.calls.length).toBe(1);
    expect(receiver.taken).toEqual([]);
    range.mockRejectedValue(new Error('a charge that cannot be read'));
    await pass(site, 5 * MINUTE);
    range.mockRestore();
    expect(receiver.taken.map(({ kind, values }) => `${kind} ${values.difference ?? ''}`)).toEqual([
      'tariffChange —',
      'tariffChange —',
      'tariffChange —',
    ]);
    expect(site.core.notices.announcer.state.open).toEqual([]);
  });
});
