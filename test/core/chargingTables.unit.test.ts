/** The band tables of a tariff in a meter that keeps its money: written, read back, written again when they should be others. */
import { describe, expect, it } from 'vitest';
import { tablesOf } from '../../server/domain/charging/tables.ts';
import { versionSchema } from '../../protocol/tariff.ts';
import { charging, conserved, details, done, empty, MINUTE, pass, plan } from '../tools/chargingAccount.ts';
import { otherMeter, swapParams } from '../tools/chargingSwap.ts';
import { startCharging, type ChargingSite } from '../tools/chargingSite.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';

type Starts = [string, 'sharp' | 'peak' | 'flat' | 'valley'][];
const byNight: Starts = [
  ['08:00', 'peak'],
  ['22:00', 'valley'],
];
const prices = { peak: '1.2', valley: '0.4' };
const components = [{ name: 'energy', prices }];
const version = (calendar: object[], more: object = { components }) =>
  versionSchema.parse({ from: '2026-01-01T00:00', calendar, ...more });

describe('the tables of a tariff', () => {
  it('begin at midnight with the band that wraps over it', () => {
    const dayTable1 = [
      { at: '00:00', band: 'valley' },
      { at: '08:00', band: 'peak' },
      { at: '22:00', band: 'valley' },
    ];
    expect(tablesOf(version([{ starts: byNight }]), {})).toEqual({
      ...{ dateTable: [{ from: '01-01', table: 1 }], dayTable1 },
    });
  });

  it('are two by season, each from the first of its months', () => {
    const winter = { months: [11, 12, 1, 2], starts: [['00:00', 'flat']] };
    const seasons = version([winter, { starts: byNight }], {
      components: [{ name: 'energy', prices: { ...prices, flat: '0.8' } }],
    });
    expect(tablesOf(seasons, {})).toMatchObject({
      dateTable: [
        { from: '01-01', table: 1 },
        { from: '03-01', table: 2 },
        { from: '11-01', table: 1 },
      ],
      dayTable1: [{ at: '00:00', band: 'flat' }],
    });
  });

  it('are none for one price, and more than a meter holds with weekdays or listed holidays', () => {
    expect(tablesOf(version([{ starts: byNight }], { components: [{ name: 'energy', price: '1' }] }), {})).toBeNull();
    const weekend = version([{ days: ['sat', 'sun'], starts: [['00:00', 'valley']] }, { starts: byNight }]);
    expect(tablesOf(weekend, {})).toBe('calendar');
    const holiday = version([{ days: ['holiday'], starts: [['00:00', 'valley']] }, { starts: byNight }]);
    expect(tablesOf(holiday, {})).toEqual(tablesOf(version([{ starts: byNight }]), {}));
    expect(tablesOf(holiday, { '2026-05-01': 'holiday' })).toBe('calendar');
  });
});

async function opened(later: object[] = []): Promise<ChargingSite> {
  const plain = empty();
  const [tariff] = plain.tariffs;
  const versions = [{ ...tariff!.versions[0]!, calendar: [{ starts: byNight }], components }, ...later];
  const site = await startCharging(new MemoryDisk(), {
    ...plain,
    tariffs: [{ ...tariff!, versions: versions as (typeof tariff & object)['versions'] }],
  });
  await site.poll();
  await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan() });
  await done(site, 'openAccount', { account: 'a' });
  await pass(site, 5 * MINUTE);
  return site;
}
/** Band, minute, hour: the first slots at 0x2006 of a DDSY1352 (EMS4J). */
const slots = (site: ChargingSite): number[] => {
  const read = site.line.meters.get('m1')!.read(3, 0x2006, 21);
  if (!read.ok) throw new Error('it has a table');
  return read.words.flatMap((word) => [word >>> 8, word & 255]).slice(0, 9);
};
const shown = async (site: ChargingSite): Promise<unknown> => {
  const outcome = await site.do('getMeterMoney', {}, '');
  return (outcome as unknown as { result: { items: { money: { tables: string } }[] } }).result.items[0]?.money.tables;
};
/** Sharp 1, peak 2, flat 3, valley 4. */
const nightly = [4, 0, 0, 2, 0, 8, 4, 0, 22];

describe('a meter that keeps its money', () => {
  it('has the tables of its tariff soon after its opening, read back and asked once', async () => {
    const site = await opened();
    expect(slots(site)).toEqual(nightly);
    expect(await shown(site)).toBe('asTariff');
    const writes = site.line.writes.length;
    await pass(site, 30 * MINUTE);
    expect(site.line.writes.filter(([address]) => address >= 0x2000)).toHaveLength(2);
    expect(site.line.writes.length).toBe(writes);
    conserved(site);
  });

  it('gets others when its tariff does', async () => {
    const early: Starts = [
      ['06:00', 'peak'],
      ['20:00', 'valley'],
    ];
    const site = await opened([{ from: '2026-06-01T12:20', calendar: [{ starts: early }], components }]);
    expect(slots(site)).toEqual(nightly);
    await pass(site, 20 * MINUTE);
    expect(slots(site)).toEqual([4, 0, 0, 2, 0, 6, 4, 0, 20]);
    expect(await shown(site)).toBe('asTariff');
    conserved(site);
  });

  it('has them written into the next one when it is swapped', async () => {
    const site = await opened();
    otherMeter(site);
    const swap = { ...swapParams, last: '0.1', remaining: '19.9' };
    expect(await site.do('swapMeter', swap, 's', 'administrator')).toMatchObject({ ok: true });
    expect(await shown(site)).toBe('unknown');
    await pass(site, 5 * MINUTE);
    expect(slots(site)).toEqual(nightly);
    expect(await shown(site)).toBe('asTariff');
    expect(charging(site)).toMatchObject({ phase: 'running', released: true });
    conserved(site);
  });

  it('shows tables that somebody else has changed, once they are read', async () => {
    const site = await opened();
    site.line.meters.get('m1')!.write(16, 0x2006, [0x0400, 0x0003, 0x0008]);
    expect(await site.do('readParameters', { meter: 'm1' }, 'r', 'administrator')).toMatchObject({ ok: true });
    await pass(site, 5 * MINUTE);
    expect(await shown(site)).toBe('differ');
    conserved(site);
  });

  it('is refused where its tables cannot hold the tariff', async () => {
    const plain = empty();
    const [tariff] = plain.tariffs;
    const calendar = [{ days: ['sat', 'sun'], starts: [['00:00', 'valley']] }, { starts: byNight }];
    const versions = [{ ...tariff!.versions[0]!, calendar, components }] as (typeof tariff & object)['versions'];
    const site = await startCharging(new MemoryDisk(), { ...plain, tariffs: [{ ...tariff!, versions }] });
    expect(await site.do('checkOwnMoney', { room: 'r1' }, '')).toMatchObject({
      result: { meters: [{ meter: 'm1', reasons: ['calendar'] }] },
    });
  });
});
