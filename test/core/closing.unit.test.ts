/** What the closing dialog shows is what closing does; what it chose for the empty room holds until the next account. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClosingPreview } from '../../protocol/accounts.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { paramsOf } from '../tools/opParams.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;
const cash = { channel: 'cash' };
let keys = 0;
async function done<T>(site: Running, op: Parameters<Running['do']>[0], params: object): Promise<T> {
  keys += 1;
  const outcome = await site.do(op, params, `k${keys}`);
  expect(outcome).toMatchObject({ ok: true });
  await site.settle();
  return (outcome as { result: T }).result;
}
const preview = (site: Running): Promise<ClosingPreview> => done(site, 'previewClosing', { account: 'a1' });
const cashOut = (site: Running): number => site.core.ledger.ledger.balance('cash:cash');
const wanted = async (site: Running): Promise<unknown> =>
  (await done<{ meters: { wanted: string; cause: string }[] }>(site, 'getRoom', { room: 'r1' })).meters[0];

describe('the preview of a closing', () => {
  it('names the refunds that must be paid out or cancelled before, and there is no closing with one', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await site.read('m1', 0);
    await done(site, 'refund', { wallet: 'w1', amount: '10', ...cash, note: 'n' });
    expect((await preview(site)).refunds).toEqual([{ wallet: 'w1', amountMicro: 10_000_000 }]);
    const outcome = await site.do('closeAccount', { account: 'a1', typed: [], settlement: cash }, 'early');
    expect(outcome).toMatchObject({ ok: false, refusal: 'accountState' });
  });

  it('says to the cent what is then paid out, dropped or due', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 150_000 }), fc.nat(60), async (used, deposit) => {
        const site = await startCore(new MemoryDisk(), plainSite(1));
        await site.read('m1', 0);
        if (deposit > 0) await done(site, 'receiveDeposit', { account: 'a1', amount: String(deposit), ...cash });
        await site.pass(24 * HOUR);
        await site.read('m1', used);
        await site.pass(1_000);
        const shown = await preview(site);
        const before = cashOut(site);
        // Typed in as it was last read: nothing is used in between.
        const reading = (used / 1_000).toFixed(3);
        const typed = [{ meter: 'm1', reading, reason: 'no answer' }];
        await done(site, 'closeAccount', { account: 'a1', typed, settlement: cash });
        await site.pass(2_000);
        const state = site.core.tenancies.state('a1');
        expect(state.status).toBe(shown.dueMicro > 0 ? 'settling' : 'closed');
        expect(shown.dueMicro > 0 ? state.settling[0]?.dueMicro : 0).toBe(shown.dueMicro);
        if (shown.dueMicro === 0) {
          expect(cashOut(site) - before).toBe(shown.payoutMicro);
          const dropped = shown.wallets.reduce((sum, { remainderMicro }) => sum + remainderMicro, 0);
          expect(site.core.ledger.ledger.balance('rounding')).toBe(dropped);
        }
        expect(site.core.ledger.imbalanceMicro).toBe(0);
        site.core.actors.stop();
      }),
      { numRuns: 25, seed: 20261125 },
    );
  });

  it('tells how old a reading is, that a meter does not answer, and what waits for a second person', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1, '100', { secondPerson: { refundAbove: '20' } }));
    expect((await preview(site)).meters).toMatchObject([{ meter: 'm1', lastReadingMs: null, online: false }]);
    await site.read('m1', 5_000);
    const atMs = site.clock.site();
    await site.pass(HOUR);
    await site.do('refund', { wallet: 'w1', amount: '50', ...cash, note: 'n' }, 'waits');
    expect(await preview(site)).toMatchObject({
      meters: [{ index: 5_000, lastReadingMs: atMs, online: false, owed: 0 }],
      ...{ payoutMicro: 100_000_000, secondAboveMicro: 20_000_000, vacantState: 'closed' },
      waiting: [{ op: 'refund', amountMicro: 50_000_000 }],
    });
  });
});

describe('a closing', () => {
  it('takes last readings of the meters that leave only', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(2));
    const typed = [{ meter: 'm2', reading: '1', reason: 'r' }];
    const outcome = await site.do('closeAccount', { account: 'a1', typed, settlement: cash }, 'other');
    expect(outcome).toMatchObject({ ok: false, refusal: 'invalid' });
  });

  it('leaves the breaker as chosen until the next account opens, through a restart too', async () => {
    const disk = new MemoryDisk();
    let site = await startCore(disk, plainSite(1));
    await site.read('m1', 0);
    await site.pass(1_000);
    await done(site, 'closeAccount', { account: 'a1', vacant: 'open', settlement: cash });
    await site.read('m1', 0);
    await site.pass(1_000);
    expect(await wanted(site)).toMatchObject({ wanted: 'open', cause: 'noAccount' });
    expect(site.differs).toContain('m1');
    site.core.actors.stop();
    site = await startCore(disk, null, site.clock);
    await site.read('m1', 0);
    expect(await wanted(site)).toMatchObject({ wanted: 'open', cause: 'noAccount' });
    await done(site, 'saveAccount', paramsOf(1).saveAccount ?? {});
    await done(site, 'openAccount', { account: 'a9' });
    await site.pass(1_000);
    await site.read('m1', 0);
    await site.pass(1_000);
    // A wallet without money and a warning that is too young: not a cut by mistake.
    expect(await wanted(site)).toMatchObject({ wanted: 'closed', cause: 'normal' });
  });

  it('leaves it to the rule of the site unless something was chosen', async () => {
    for (const vacantState of ['open', 'closed'] as const) {
      const site = await startCore(new MemoryDisk(), plainSite(1, '100', { vacantState }));
      await site.read('m1', 0);
      await site.pass(1_000);
      await done(site, 'closeAccount', { account: 'a1', settlement: cash });
      await site.read('m1', 0);
      await site.pass(1_000);
      expect(await wanted(site)).toMatchObject({ wanted: vacantState, cause: 'noAccount' });
    }
  });
});
