/** Rules of the site: quiet days, vacancy, and which utilities arrears cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpParams, OpResult } from '../../protocol/ops.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
type Rules = OpParams<'setSiteRules'>;

const rulesNow = async (site: Running): Promise<OpResult<'getSiteRules'>> => {
  const outcome = await site.do('getSiteRules', {}, '');
  if (!outcome.ok) throw new Error(outcome.detail);
  return outcome.result as OpResult<'getSiteRules'>;
};
const set = async (site: Running, change: Partial<Rules>, key = JSON.stringify(change)) =>
  site.do('setSiteRules', { ...(await rulesNow(site)), ...change }, key, 'manager');
const cause = ({ core }: Running, meter: string) => core.meters.get(meter)?.state.causes.moneyExhausted;
const tile = ({ core }: Running, room = 'r1') => core.wall.tiles.get(room);

/** The clock starts on 1 June 2026 at noon. Room 1 has electricity and, on the same wallet, water. */
function both(balance: string, rules: SiteFileInput['site']['rules'] = {}): SiteFileInput {
  const plain = plainSite(1, balance, { warnBeforeCutMs: 0, ...rules });
  return {
    ...plain,
    meters: [
      ...plain.meters,
      ...[
        {
          ...{
            id: 'water1',
            line: 'l1',
            unitId: 99,
            profile: 'xintai-valve-water' as const,
            utility: 'water' as const,
          },
          ...{ room: 'r1', tariff: 't-water', freshnessMs: 86_400_000 },
        },
      ],
    ],
    tariffs: [flatTariff(), flatTariff('water')],
  };
}
/** Reads both meters, a while later. */
async function read(site: Running, index: number): Promise<void> {
  await site.pass(20 * MINUTE);
  await site.read('m1', index);
  await site.read('water1', 5_000, { watts: null, volts: [], amps: [], flow: 0 });
}

describe('quiet days', () => {
  it('hold a cut for money until they and the quiet hours after them are over, then it is spread and made', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1, '1', { warnBeforeCutMs: 0 }));
    await set(site, { quietHours: [{ from: '22:00', to: '08:00' }], quietDays: ['2026-06-02', '2026-06-01'] });
    expect((await rulesNow(site)).quietDays).toEqual(['2026-06-01', '2026-06-02']);
    await site.read('m1', 1_000);
    await site.pass(HOUR);
    await site.read('m1', 4_000);
    expect(tile(site)?.electricity).toMatchObject({ wanted: 'closed', hold: 'quietHours' });
    for (let i = 0; i < 42; i++) {
      await site.pass(HOUR);
      await site.read('m1', 4_000);
      expect([i, cause(site, 'm1')]).toEqual([i, undefined]);
    }
    // The third of June, seven in the morning; the night ends at eight and half an hour is for spreading.
    await site.pass(HOUR + 31 * MINUTE);
    await site.read('m1', 4_000);
    expect(cause(site, 'm1')).toBeDefined();
  });

  it('are kept over a restart, audited, and set by managers alone', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    expect(await site.do('setSiteRules', await rulesNow(site), 'o', 'operator')).toMatchObject({
      refusal: 'forbidden',
    });
    await set(site, { quietDays: ['2026-06-01'], massCutLimit: 3 });
    const rows = [...(disk.records.get('audit')?.values() ?? [])].map(({ value }) => value);
    expect(rows.find(({ op, outcome }) => op === 'setSiteRules' && outcome === 'done')).toMatchObject({
      before: { 'site:site': { rules: { massCutLimit: 10 } } },
      after: { 'site:site': { rules: { massCutLimit: 3, quietDays: ['2026-06-01'] } } },
    });
    const again = await startCore(disk, null);
    expect(await rulesNow(again)).toMatchObject({ quietDays: ['2026-06-01'], massCutLimit: 3 });
    expect(await set(again, { quietHours: [{ from: '08:00', to: '08:00' }] })).toMatchObject({ refusal: 'invalid' });
    expect(await set(again, { quietDays: ['2026-02-30'] })).toMatchObject({ refusal: 'invalid' });
  });

  it('need a second person where that is in force', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1, '100', { secondPerson: {} }));
    expect(await set(site, { massCutLimit: 500 })).toMatchObject({ refusal: 'needsApproval' });
    expect((await rulesNow(site)).massCutLimit).toBe(10);
  });
});

describe('the state of vacant rooms', () => {
  it('is followed once the rule is durable, and no line acts on it before', async () => {
    const plain = plainSite(1);
    const disk = new MemoryDisk();
    const site = await startCore(disk, { ...plain, accounts: [] });
    await site.read('m1', 1);
    expect(tile(site)?.electricity).toMatchObject({ wanted: 'closed', cause: 'noAccount' });
    const rules = await rulesNow(site);
    const outcome = site.intake.do(
      { operator: 'mia', role: 'manager', provedAgoMs: 0 },
      'setSiteRules',
      { ...rules, vacantState: 'open' },
      'k',
    );
    expect(site.core.durableRules.vacantState).toBe('closed');
    await site.settle();
    expect(await outcome).toMatchObject({ ok: true });
    expect(site.core.durableRules.vacantState).toBe('open');
    expect(site.differs).toContain('m1');
    expect(tile(site)?.electricity).toMatchObject({ wanted: 'open', cause: 'noAccount' });
  });
});

describe('which utilities arrears cut', () => {
  it('is both where nothing is said, one by the rule of the site, and otherwise by that of the account', async () => {
    const site = await startCore(new MemoryDisk(), both('2'));
    await read(site, 1_000);
    await read(site, 4_000);
    expect([cause(site, 'm1'), cause(site, 'water1')].map((one) => one !== undefined)).toEqual([true, true]);
    await set(site, { arrearsCut: ['electricity'] });
    expect([cause(site, 'm1'), cause(site, 'water1')].map((one) => one !== undefined)).toEqual([true, false]);
    expect(tile(site)?.water).toMatchObject({ wanted: 'closed', hold: null });
    await site.do('setArrearsCut', { account: 'a1', utilities: [] }, 'own', 'manager');
    expect([cause(site, 'm1'), cause(site, 'water1')]).toEqual([undefined, undefined]);
    await site.do('setArrearsCut', { account: 'a1', utilities: ['water'] }, 'water', 'manager');
    await read(site, 4_000);
    expect([cause(site, 'm1'), cause(site, 'water1')].map((one) => one !== undefined)).toEqual([false, true]);
    await site.do('setArrearsCut', { account: 'a1', utilities: null }, 'none', 'manager');
    await read(site, 4_000);
    expect([cause(site, 'm1'), cause(site, 'water1')].map((one) => one !== undefined)).toEqual([true, false]);
    expect(await rulesNow(site)).toMatchObject({ arrearsCut: ['electricity'] });
  });

  const step = fc.oneof(
    fc.record({ what: fc.constant('site' as const), of: fc.subarray(['electricity', 'water'] as const) }),
    fc.record({
      what: fc.constant('account' as const),
      of: fc.option(fc.subarray(['electricity', 'water'] as const), { nil: null }),
    }),
    fc.record({ what: fc.constantFrom('use' as const, 'pay' as const, 'restart' as const), of: fc.constant(null) }),
  );
  let seenCut = 0;
  it('opens for money exactly the meters of an exhausted wallet whose utility is cut, whatever is changed when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const disk = new MemoryDisk();
        const clock = new Stepped();
        let site = await startCore(disk, both('1', { massCutLimit: 10_000 }), clock);
        let index = 1_000;
        let ofSite: readonly string[] = ['electricity', 'water'];
        let ofAccount: readonly string[] | null = null;
        await read(site, index);
        for (const [at, { what, of }] of steps.entries()) {
          if (what === 'site') {
            ofSite = of;
            await set(site, { arrearsCut: [...of] }, `k${at}`);
          } else if (what === 'account') {
            ofAccount = of;
            await site.do('setArrearsCut', { account: 'a1', utilities: of }, `k${at}`, 'manager');
          } else if (what === 'use') index += 2_000;
          else if (what === 'pay') await site.do('recharge', { wallet: 'w1', amount: '2', channel: 'cash' }, `k${at}`);
          else site = await startCore(disk, null, clock);
          await read(site, index);
          await read(site, index);
          const { exhausted } = site.core.wallets.get('w1')!.state;
          const cut = ofAccount ?? ofSite;
          if (exhausted) seenCut += 1;
          for (const [meter, utility] of [
            ['m1', 'electricity'],
            ['water1', 'water'],
          ] as const)
            expect([at, meter, cause(site, meter) !== undefined]).toEqual([
              at,
              meter,
              exhausted && cut.includes(utility),
            ]);
        }
      }),
      { numRuns: 40 },
    );
    expect(seenCut).toBeGreaterThan(20);
  });
});
