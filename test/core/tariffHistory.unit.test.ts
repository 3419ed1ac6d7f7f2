/** Who changed what of a tariff: versions and meters, under both names; and what is wrong is refused before it is proposed. */
import { describe, expect, it } from 'vitest';
import type { OpName, OpOutcome, OpResult } from '../../protocol/ops.ts';
import { secondPersonSchema } from '../../protocol/secondPerson.ts';
import type { Role, SiteFileInput } from '../../protocol/site.ts';
import type { TariffChange } from '../../protocol/tariffHistory.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

type Version = SiteFileInput['tariffs'][number]['versions'][number];
const version = (from: string, price: string, more: Partial<Version> = {}): Version => ({
  ...{ from, components: [{ name: 'energy', price }] },
  ...more,
});
async function as(
  site: Running,
  operator: string,
  op: OpName,
  params: object,
  key = '',
  role: Role = 'manager',
): Promise<OpOutcome> {
  const outcome = site.intake.do({ operator, role, provedAgoMs: 0 }, op, params, key);
  await site.settle();
  return outcome;
}
const historyOf = async (site: Running, more = {}, tariff = 't-electricity') => {
  const outcome = await as(site, 'una', 'getTariffHistory', { tariff, ...more }, '', 'auditor');
  if (!outcome.ok) throw new Error(outcome.detail);
  return outcome.result as OpResult<'getTariffHistory'>;
};
const start = (secondPerson = false) =>
  startCore(new MemoryDisk(), {
    ...plainSite(3, '100', secondPerson ? { secondPerson: secondPersonSchema.parse({}) } : {}),
  });
const save = (site: Running, versions: Version[], key: string, more = {}) =>
  as(site, 'mia', 'saveTariff', { tariff: { ...flatTariff(), ...more, versions }, isNew: false }, key);
const [first] = flatTariff().versions;
const none = { added: [], changed: [], removed: [], holidays: 0, name: '' };

describe('the history of a tariff', () => {
  it('names versions, holidays and the name as they change, and the meters it is assigned to', async () => {
    const site = await start();
    const [july, august] = [version('2026-07-01T00:00', '2'), version('2026-08-01T00:00', '3')];
    await save(site, [first!, july, august], 'a');
    await save(site, [first!, { ...july, components: [{ name: 'energy', price: '2.5' }] }], 'b', {
      ...{ name: 'Shops', holidays: { '2026-10-01': 'holiday', '2026-10-10': 'mon' } },
    });
    const dear = { ...flatTariff('electricity', '3.0000'), id: 'dear' };
    await as(site, 'mia', 'saveTariff', { tariff: dear, isNew: true }, 'c');
    await as(site, 'bob', 'assignTariff', { tariff: 'dear', meters: ['m1', 'm3'] }, 'd');
    const told = ({ operator, approvedBy, what, versions, meters }: TariffChange) => [
      ...[operator, approvedBy, what],
      versions ?? meters,
    ];
    expect((await historyOf(site)).items.map(told)).toEqual([
      [
        ...['mia', null, 'published'],
        { ...none, changed: ['2026-07-01T00:00'], removed: ['2026-08-01T00:00'], holidays: 2, name: 'Shops' },
      ],
      ['mia', null, 'published', { ...none, added: ['2026-07-01T00:00', '2026-08-01T00:00'] }],
    ]);
    expect((await historyOf(site, {}, 'dear')).items.map(told)).toEqual([
      ['bob', null, 'assigned', { count: 2, meters: ['m1', 'm3'] }],
      ['mia', null, 'created', { ...none, added: ['2026-01-01T00:00'], name: 'electricity' }],
    ]);
  });

  it('is whole for a tariff too long for the log, and comes in pages, a refused attempt between', async () => {
    const site = await start();
    const versions = [first!];
    for (let month = 1; month <= 60; month++) {
      const from = `${2027 + Math.floor((month - 1) / 12)}-${String(((month - 1) % 12) + 1).padStart(2, '0')}-01T00:00`;
      versions.push(version(from, '2', { components: [{ name: 'energy', price: `${month}.0000` }] }));
      if (month % 20 === 0) await save(site, [...versions], `m${month}`);
      await save(site, [{ ...first!, from: '2026-02-31T00:00' }], `wrong${month}`);
    }
    const all = (await historyOf(site)).items;
    expect(all.map(({ versions: changed }) => changed?.added.length)).toEqual([20, 20, 20]);
    const pages: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await historyOf(site, { limit: 2, ...(cursor && { cursor }) });
      pages.push(...page.items.map(({ id }) => id));
      ({ cursor } = page);
    } while (cursor !== null);
    expect(pages).toEqual(all.map(({ id }) => id));
  });

  it('names the second person, once, and is no business of the desk', async () => {
    const site = await start(true);
    const versions = [first!, version('2026-07-01T00:00', '2')];
    expect(await save(site, versions, 'a')).toMatchObject({ refusal: 'needsApproval' });
    expect((await historyOf(site)).items).toEqual([]);
    const hash = site.core.approvals.state.open.A1?.hash ?? '';
    expect(await as(site, 'bob', 'approve', { approval: 'A1', hash }, 'yes')).toMatchObject({ ok: true });
    for (let i = 0; i < 3; i++) await site.settle();
    expect((await historyOf(site)).items).toMatchObject([
      { operator: 'mia', approvedBy: 'bob', what: 'published', versions: { added: ['2026-07-01T00:00'] } },
    ]);
    const asked = await as(site, 'cy', 'getTariffHistory', { tariff: 't-electricity' }, '', 'cashier');
    expect(asked).toMatchObject({ refusal: 'forbidden' });
    expect(await as(site, 'una', 'getTariffHistory', { tariff: 'none' }, '', 'auditor')).toMatchObject({
      refusal: 'notFound',
    });
  });
});

describe('a proposed tariff', () => {
  it.each([
    ['a gap', [{ days: ['mon'], starts: [['00:00', 'flat']] }], /a rule for every day/],
    [
      'an overlap',
      [
        { months: [1, 2], starts: [['00:00', 'flat']] },
        { months: [2, 3], starts: [['00:00', 'flat']] },
        { starts: [['00:00', 'flat']] },
      ],
      /overlaps/,
    ],
  ] as const)(
    'with %s in its calendar is refused when it is proposed, naming it, and nobody is asked',
    async (_what, calendar, why) => {
      const site = await start(true);
      const faulty = version('2026-07-01T00:00', '2', { calendar: JSON.parse(JSON.stringify(calendar)) as [] });
      const outcome = await save(site, [first!, faulty], 'a');
      expect(outcome).toMatchObject({ ok: false, refusal: 'invalid' });
      expect(outcome.ok ? '' : outcome.detail).toMatch(why);
      expect(outcome.ok ? '' : outcome.detail).toMatch(/^tariff\.versions\.1\.calendar/);
      expect(site.core.approvals.state.open).toEqual({});
    },
  );
});
