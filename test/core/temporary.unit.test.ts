/** Temporary power: cause 8 stays away while it is in force, for no longer, whatever crashes; no other cause gives way to it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoomView, WalletView } from '../../protocol/ops.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { settableCauses, wantedState, type Causes } from '../../server/domain/switching.ts';
import type { WalletState } from '../../server/domain/wallet/state.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, START_MS, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const yuan = (amount: number): number => amount * 1_000_000;

async function spent(
  rules: SiteFileInput['site']['rules'] = {},
  disk = new MemoryDisk(),
  store = new MemoryStore(disk),
) {
  const plain = plainSite(1, '0.10', { warnBeforeCutMs: MINUTE, ...rules });
  const site = await startCore(disk, plain, new Stepped(), store);
  await site.read('m1', 1_000);
  await site.pass(5 * MINUTE);
  await site.read('m1', 1_200);
  await site.pass(2 * MINUTE);
  await site.read('m1', 1_210);
  return { site, disk };
}
const cut = (site: Running): boolean => site.core.meters.get('m1')?.state.causes.moneyExhausted !== undefined;
const grant = (site: Running, params: object, key: string) =>
  site.do('grantTemporaryPower', { wallet: 'w1', reason: 'guests', ...params }, key);
async function shown(site: Running): Promise<WalletView & { tile: RoomView['tile'] }> {
  const answer = await site.do('getRoom', { room: 'r1' }, '');
  if (!answer.ok) throw new Error(answer.detail);
  const view = answer.result as RoomView;
  const [wallet] = view.wallets;
  if (!wallet) throw new Error('the room has a wallet');
  return { ...wallet, tile: view.tile };
}

describe('temporary power', () => {
  it('ends cause 8 until its time, to the tick, and then the cut goes on without a new warning', async () => {
    const { site } = await spent();
    expect(cut(site)).toBe(true);
    const untilMs = site.clock.siteMs + HOUR;
    expect(await grant(site, { untilMs }, 'g')).toMatchObject({ ok: true, result: { left: 2 } });
    expect(cut(site)).toBe(false);
    expect(await shown(site)).toMatchObject({
      ...{ exhausted: false, missingMicro: 120_000, temporaryLeft: 2 },
      temporary: { by: 'the-operator', reason: 'guests', untilMs, debtMicro: null },
      tile: { money: { temporary: true }, electricity: { wanted: 'closed', cause: 'normal' } },
    });
    await site.read('m1', 1_500);
    expect(cut(site)).toBe(false);
    site.clock.step(untilMs - site.clock.siteMs - 1);
    site.core.tick();
    await site.read('m1', 1_500);
    expect(cut(site)).toBe(false);
    site.clock.step(1);
    site.core.tick();
    await site.settle();
    expect(cut(site)).toBe(true);
    expect(site.core.meters.get('m1')?.state.causes.moneyExhausted?.sinceMs).toBe(untilMs);
    const timeline = await site.do('getTimeline', { room: 'r1' }, '');
    expect(timeline).toMatchObject({ ok: true });
    const kinds = ((timeline as { result: { items: { kind: string }[] } }).result.items ?? []).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['TemporaryPowerGranted', 'TemporaryPowerEnded']));
  });

  it('ends once so much is owed, and the recharge pays the debt first', async () => {
    const { site } = await spent();
    expect(await grant(site, { debt: '0.11' }, 'low')).toMatchObject({ ok: false, refusal: 'invalid' });
    await grant(site, { debt: '1' }, 'g');
    await site.pass(HOUR);
    await site.read('m1', 2_099);
    expect(cut(site)).toBe(false);
    await site.pass(MINUTE);
    await site.read('m1', 2_100);
    expect(cut(site)).toBe(true);
    expect((await shown(site)).missingMicro).toBe(yuan(1.01));
    await site.do('recharge', { wallet: 'w1', amount: '1.01', channel: 'cash' }, 'r');
    expect(cut(site)).toBe(false);
    expect((await shown(site)).balanceMicro).toBe(yuan(0.01));
  });

  it('is taken back by hand, and ends by itself when money comes in', async () => {
    const { site } = await spent();
    await grant(site, { debt: '5' }, 'g');
    const taken = await site.do('endTemporaryPower', { wallet: 'w1', reason: 'left' }, 'e');
    expect(taken).toMatchObject({ ok: true });
    expect(cut(site)).toBe(true);
    expect(await site.do('endTemporaryPower', { wallet: 'w1', reason: 'left' }, 'e2')).toMatchObject({
      refusal: 'noTemporaryPower',
    });
    await grant(site, { debt: '5' }, 'g2');
    await site.do('recharge', { wallet: 'w1', amount: '9', channel: 'cash' }, 'r');
    expect(await shown(site)).toMatchObject({ temporary: null, exhausted: false });
    expect(await grant(site, { debt: '50' }, 'g3')).toMatchObject({ refusal: 'moneyLeft' });
  });

  it('is given so often a month and account, whichever of its wallets, and anew in the next month', async () => {
    const plain = plainSite(1, '0', { warnBeforeCutMs: MINUTE, temporaryPowerPerMonth: 2 });
    for (const { wallets } of plain.accounts) wallets.push({ id: 'w1-other', openingBalance: '0' });
    const site = await startCore(new MemoryDisk(), plain);
    await site.pass(2 * MINUTE);
    const give = (wallet: string, debt: string) =>
      site.do('grantTemporaryPower', { wallet, debt, reason: 'r' }, `${wallet}-${debt}`);
    const both = await Promise.all([give('w1', '1'), give('w1-other', '1')]);
    expect(both).toMatchObject([{ ok: true }, { ok: true, result: { left: 0 } }]);
    expect(await give('w1', '2')).toMatchObject({ refusal: 'temporaryUsedUp' });
    await site.pass(30 * 24 * HOUR);
    expect(await give('w1', '3')).toMatchObject({ ok: true });
  });

  it('waits for quiet hours like any cut when it ends in them', async () => {
    const { site } = await spent({ quietHours: [{ from: '13:00', to: '15:00' }] });
    await grant(site, { untilMs: START_MS + 2 * HOUR }, 'g');
    await site.pass(2 * HOUR);
    await site.read('m1', 1_210);
    expect(site.core.meters.get('m1')?.state).toMatchObject({ cutSinceMs: START_MS + 2 * HOUR, causes: {} });
    expect(site.core.wall.tiles.get('r1')?.electricity?.hold).toBe('quietHours');
  });

  it('stands in the handover sheet', async () => {
    const { site } = await spent();
    await grant(site, { debt: '5' }, 'g');
    expect(await site.do('getHandover', {}, '')).toMatchObject({
      result: {
        now: { sections: { temporaryPower: { total: 1, lines: [{ place: 'Room 1', reason: 'guests · ≤ ¥5.00' }] } } },
      },
    });
  });
});

const others = settableCauses.filter((cause) => cause !== 'moneyExhausted');

describe('with every set of the other causes', () => {
  it('wants what they want, as if there were money', async () => {
    const { site } = await spent();
    const cell = site.core.meters.get('m1')!;
    await grant(site, { untilMs: site.clock.siteMs + HOUR }, 'g');
    for (let bits = 0; bits < 1 << others.length; bits++) {
      const set = others.filter((_, i) => bits & (1 << i));
      const entry = { by: 'x', reason: 'r', sinceMs: 0, untilMs: null };
      const causes: Causes = Object.fromEntries(set.map((cause) => [cause, entry]));
      cell.state = { ...cell.state, causes };
      await site.read('m1', 1_210 + bits);
      const { wanted, cause } = site.core.wall.tiles.get('r1')!.electricity!;
      expect([set, wanted, cause]).toEqual([set, ...Object.values(wantedState(causes, null, site.clock.siteMs))]);
    }
  });
});

type Step = { readonly what: 'use' | 'pass' | 'pay' | 'debt' | 'time' | 'end' | 'restart'; readonly n: number };
const steps = fc.array(
  fc.record<Step>({
    what: fc.constantFrom('use', 'use', 'pass', 'pay', 'debt', 'time', 'end', 'restart'),
    n: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 10, maxLength: 40 },
);

describe('however it is given, used and ended', () => {
  it('nothing is cut for money while it is in force, and it is in force only as it was given', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const disk = new MemoryDisk();
        let { site } = await spent({ temporaryPowerPerMonth: 100 }, disk);
        let index = 1_210;
        for (const [i, { what, n }] of script.entries()) {
          if (what === 'use') await site.pass(MINUTE);
          if (what === 'use') await site.read('m1', (index += n * 20));
          else if (what === 'pass') await site.pass(n * MINUTE);
          else if (what === 'pay')
            await site.do('recharge', { wallet: 'w1', amount: `0.${n}`, channel: 'cash' }, `k${i}`);
          else if (what === 'debt') await grant(site, { debt: String(n) }, `k${i}`);
          else if (what === 'time') await grant(site, { untilMs: site.clock.siteMs + n * MINUTE }, `k${i}`);
          else if (what === 'end') await site.do('endTemporaryPower', { wallet: 'w1', reason: 'r' }, `k${i}`);
          else site = await startCore(disk, null, site.clock);
          const { temporary, exhausted, balanceMicro } = site.core.wallets.get('w1')!.state;
          if (temporary) {
            expect([cut(site), exhausted]).toEqual([false, false]);
            expect(temporary.untilMs ?? Infinity).toBeGreaterThan(site.clock.siteMs);
            expect(balanceMicro).toBeGreaterThan(-(temporary.debtMicro ?? Infinity));
            expect(balanceMicro).toBeLessThanOrEqual(0);
          }
          expect(site.core.ledger.imbalanceMicro).toBe(0);
        }
        await site.do('endTemporaryPower', { wallet: 'w1', reason: 'r' }, 'end');
        await site.pass(5 * MINUTE);
        await site.read('m1', index);
        const { balanceMicro } = site.core.wallets.get('w1')!.state;
        expect(cut(site)).toBe(balanceMicro <= 0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('from every journal boundary', () => {
  it('it is carried on, ended at its time, and counted once', async () => {
    const moments: { readonly disk: MemoryDisk; readonly siteMs: number }[] = [];
    class Remembering extends MemoryStore {
      override async commit(batch: Batch): Promise<Head> {
        const head = await super.commit(batch);
        moments.push({ disk: Object.assign(new MemoryDisk(), structuredClone({ ...this.disk })), siteMs: batch.atMs });
        return head;
      }
    }
    const disk = new MemoryDisk();
    const { site } = await spent({}, disk, new Remembering(disk));
    const from = moments.length;
    await grant(site, { untilMs: site.clock.siteMs + HOUR }, 'g1');
    await site.read('m1', 1_300);
    await site.pass(HOUR);
    await grant(site, { debt: '1' }, 'g2');
    await site.pass(HOUR);
    await site.read('m1', 2_500);
    await grant(site, { debt: '3' }, 'g3');
    await site.do('endTemporaryPower', { wallet: 'w1', reason: 'r' }, 'e');
    await site.do('recharge', { wallet: 'w1', amount: '9', channel: 'cash' }, 'r');
    expect(moments.length - from).toBeGreaterThan(10);
    for (const moment of moments.slice(from)) {
      const clock = new Stepped();
      clock.siteMs = moment.siteMs;
      const again = await startCore(moment.disk, null, clock);
      expect(again.fatal).toEqual([]);
      const state = (): WalletState => again.core.wallets.get('w1')!.state;
      const granted = (): number => state().granted?.count ?? 0;
      const before = granted();
      const { temporary } = state();
      if (temporary) expect(cut(again)).toBe(false);
      await again.pass(2 * HOUR);
      await again.read('m1', 2_500);
      if (temporary?.untilMs) expect(state().temporary).toBeUndefined();
      expect(granted()).toBe(before);
      const { exhausted, temporary: now, balanceMicro } = state();
      expect(cut(again)).toBe(exhausted);
      expect(exhausted).toBe(balanceMicro <= 0 && now === undefined);
      expect(again.core.ledger.imbalanceMicro).toBe(0);
    }
  });
});
