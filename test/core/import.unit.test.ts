/** A site file: each mistake is one line with path, value and what was expected; a half import never starts. */
import { describe, expect, it } from 'vitest';
import type { SiteFileInput } from '../../protocol/site.ts';
import { checkSite, importSite } from '../../server/core/importSite.ts';
import { StoreError } from '../../server/store/store.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, startCore } from '../tools/siteInMemory.ts';

type Plain = SiteFileInput & { site: { rules: object } };
const clone = (): Plain => structuredClone(plainSite(2)) as Plain;
const admin = { name: 'boss', displayName: 'Boss', role: 'administrator' as const, passwordHash: 'scrypt$x' };

/** What is changed in a good file, and the one line that says so: path, value, part of what is expected. */
const mistakes: [string, (file: Plain) => void, [path: string, value: string, expected: RegExp]][] = [
  ['another format', (f) => Object.assign(f, { format: 'x/2' }), ['format', '"x/2"', /wattroom-site\/1/]],
  ['an unknown field', (f) => Object.assign(f.site, { colour: 'red' }), ['site.colour', '"red"', /no such field/]],
  [
    'an unknown time zone',
    (f) => Object.assign(f.site, { timeZone: 'Asia/Nowhere' }),
    ['site.timeZone', '"Asia/Nowhere"', /IANA/],
  ],
  [
    'a restore level below 0',
    (f) => Object.assign(f.site.rules, { restoreAbove: '-5' }),
    ['site.rules.restoreAbove', '"-5"', /0 or more/],
  ],
  [
    'a hysteresis below 0',
    (f) => Object.assign(f.site.rules, { thresholdHysteresis: '-1' }),
    ['site.rules.thresholdHysteresis', '"-1"', /0 or more/],
  ],
  [
    'a room twice',
    (f) => f.buildings[0]!.floors[0]!.rooms.push({ id: 'r1', name: 'again' }),
    ['rooms[2].id', '"r1"', /once/],
  ],
  [
    'a line that is not there',
    (f) => Object.assign(f.meters[1]!, { line: 'l9' }),
    ['meters[1].line', '"l9"', /id of a line/],
  ],
  [
    'a room that is not there',
    (f) => Object.assign(f.meters[1]!, { room: 'r9' }),
    ['meters[1].room', '"r9"', /id of a room/],
  ],
  [
    'a wallet that is not there',
    (f) => Object.assign(f.meters[1]!, { wallet: 'w9' }),
    ['meters[1].wallet', '"w9"', /id of a wallet/],
  ],
  [
    'a tariff that is not there',
    (f) => Object.assign(f.meters[1]!, { tariff: 't9' }),
    ['meters[1].tariff', '"t9"', /id of a tariff/],
  ],
  [
    'two meters at one address',
    (f) => Object.assign(f.meters[1]!, { unitId: 1 }),
    ['meters[1].unitId', '1', /m1 has it/],
  ],
  ['a unit id out of range', (f) => Object.assign(f.meters[1]!, { unitId: 248 }), ['meters[1].unitId', '248', /247/]],
  ['a meter twice', (f) => Object.assign(f.meters[1]!, { id: 'm1' }), ['meters[1].id', '"m1"', /once/]],
  ['a tenant meter without a room', (f) => delete f.meters[1]!.room, ['meters[1].room', 'missing', /room/]],
  [
    'a profile of another utility',
    (f) => Object.assign(f.meters[0]!, { profile: 'xintai-valve-water' }),
    ['meters[0].utility', '"electricity"', /water for the profile/],
  ],
  [
    'a tariff of another utility',
    (f) => {
      f.tariffs.push(flatTariff('water'));
      f.meters[0]!.tariff = 't-water';
    },
    ['meters[0].tariff', '"t-water"', /a tariff for electricity/],
  ],
  ['a room of two accounts', (f) => f.accounts[1]!.rooms.push('r1'), ['accounts[1].rooms[1]', '"r1"', /one account/]],
  [
    'a wallet twice',
    (f) => Object.assign(f.accounts[1]!.wallets[0]!, { id: 'w1' }),
    ['accounts[].wallets[1].id', '"w1"', /once/],
  ],
  [
    'a wallet named as the owner’s are',
    (f) => Object.assign(f.accounts[1]!.wallets[0]!, { id: 'owner-r1' }),
    ['accounts[1].wallets[0].id', '"owner-r1"', /owner-/],
  ],
  [
    'levels that rise',
    (f) => Object.assign(f.accounts[0]!.wallets[0]!, { thresholds: ['0', '20'] }),
    ['accounts[0].wallets[0].thresholds', '["0","20"]', /highest to the lowest/],
  ],
  [
    'a negative overdraft',
    (f) => Object.assign(f.accounts[0]!.wallets[0]!, { overdraft: '-1' }),
    ['accounts[0].wallets[0].overdraft', '"-1"', /0 or more/],
  ],
  [
    'money as a number',
    (f) => Object.assign(f.accounts[0]!.wallets[0]!, { openingBalance: 5 }),
    ['accounts[0].wallets[0].openingBalance', '5', /string/],
  ],
  [
    'an operator twice',
    (f) => (f.operators = [admin, { ...admin, role: 'viewer' }]),
    ['operators[1].name', '"boss"', /once/],
  ],
  [
    'an operator limited to a building that is not there',
    (f) => (f.operators = [{ ...admin, buildings: ['nowhere'] }]),
    ['operators[0].buildings[0]', '"nowhere"', /building/],
  ],
  [
    'a price with seven places',
    (f) => Object.assign(f.tariffs[0]!.versions[0]!.components[0]!, { price: '0.1234567' }),
    ['tariffs[0].versions[0].components[0].price', '"0.1234567"', /six places/],
  ],
  [
    'a day that no calendar has',
    (f) => Object.assign(f.tariffs[0]!.versions[0]!, { from: '2026-02-30T00:00' }),
    ['tariffs[0].versions[0].from', '"2026-02-30T00:00"', /a day of the calendar/],
  ],
  [
    'a byte that is none of a register',
    (f) => Object.assign(f, { profileOptions: { 'acrel-ddsy1352': { relayByte: 'middle' } } }),
    ['profileOptions.acrel-ddsy1352.relayByte', '"middle"', /"high"\|"low"/],
  ],
  [
    'registers shifted the other way',
    (f) => Object.assign(f, { profileOptions: { 'xintai-valve-water': { addressShift: 1 } } }),
    ['profileOptions.xintai-valve-water.addressShift', '1', /0\|-1/],
  ],
  [
    'a valve given up before it is looked at',
    (f) => Object.assign(f, { profileOptions: { 'xintai-valve-water': { settleMs: 9_000, confirmMs: 8_000 } } }),
    ['profileOptions.xintai-valve-water.confirmMs', '8000', /not below that of the first read-back/],
  ],
  [
    'options of a model that has none',
    (f) => Object.assign(f, { profileOptions: { 'eastron-sdm120': { relayByte: 'low' } } }),
    ['profileOptions.eastron-sdm120', '', /no such field/],
  ],
];

describe('a site file', () => {
  it.each(mistakes)('with %s says so in one line', (_title, spoil, [path, value, expected]) => {
    const file = clone();
    spoil(file);
    const checked = checkSite(file);
    expect(checked.ok).toBe(false);
    if (checked.ok) return;
    expect(checked.mistakes).toHaveLength(1);
    const [one] = checked.mistakes;
    expect(one?.path).toBe(path);
    if (value !== '') expect(one?.value).toBe(value);
    expect(one?.expected).toMatch(expected);
  });

  it('with several mistakes names each', () => {
    const file = clone();
    for (const [, spoil] of mistakes.filter(([title]) => /that is not there/.test(title)).slice(0, 3)) spoil(file);
    const checked = checkSite(file);
    expect(checked.ok ? 0 : checked.mistakes.length).toBe(3);
  });

  it.each([null, 5, 'text', [], {}])('that is no site file at all (%j) is refused', (file) =>
    expect(checkSite(file).ok).toBe(false),
  );
});

describe('an import', () => {
  it('takes ten thousand meters', async () => {
    const plain = plainSite(10_000);
    const lines = Array.from({ length: 50 }, (_, i) => ({ ...plain.lines[0]!, id: `l${i}`, name: `Line ${i}` }));
    const file = {
      ...plain,
      lines,
      meters: plain.meters.map((meter, i) => ({ ...meter, line: `l${i % 50}`, unitId: Math.floor(i / 50) + 1 })),
    };
    const disk = new MemoryDisk();
    const { core } = await startCore(disk, file);
    expect(core.meters.size).toBe(10_000);
    expect(core.ledger.imbalanceMicro).toBe(0);
    expect(core.ledger.ledger.balance('takeover')).toBe(-10_000 * 100_000_000);
  }, 60_000);

  it('that is killed in the middle is known by its missing end', async () => {
    const disk = new MemoryDisk();
    const { core, clock } = await startCore(disk, { ...plainSite(1), meters: [], accounts: [] });
    const checked = checkSite(plainSite(3));
    if (!checked.ok) throw new Error('the file is good');
    let commits = 0;
    const { store } = core.options;
    const commit = store.commit.bind(store);
    store.commit = async (batch) => {
      commits += 1;
      if (commits > 1) throw new StoreError('fenced', 'killed here');
      return commit(batch);
    };
    void importSite(core, checked.site, null);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    const again = await startCore(disk, null, clock);
    expect(again.core.directory.site.importedMs).toBeNull();
  });
});
