/** A core is started from every prefix of the journal of an account whose money is in its meter. */
import { describe, expect, it } from 'vitest';
import type { Batch, Head } from '../../server/store/store.ts';
import {
  charging,
  conserved,
  details,
  done,
  empty,
  inLedger,
  MINUTE,
  orderOf,
  pass,
  plan,
} from '../tools/chargingAccount.ts';
import { MeterLine, ownMoneyMeter, startCharging, waterMeter } from '../tools/chargingSite.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { waterSite } from '../tools/chargingWater.ts';
import { hang, otherMeter, swapParams } from '../tools/chargingSwap.ts';
import { Stepped } from '../tools/siteInMemory.ts';

class Remembering extends MemoryStore {
  readonly moments: { readonly disk: MemoryDisk; readonly siteMs: number; readonly meter: ReturnType<typeof saved> }[] =
    [];
  line: MeterLine | null = null;
  override async commit(batch: Batch): Promise<Head> {
    const head = await super.commit(batch);
    const disk = Object.assign(new MemoryDisk(), structuredClone({ ...this.disk }));
    if (this.line) this.moments.push({ disk, siteMs: batch.atMs, meter: saved(this.line) });
    return head;
  }
}
const saved = (line: MeterLine) => line.meters.get('m1')?.save();

describe('a crash after each commit', () => {
  it('leaves each order in the meter exactly once, and nothing undone', async () => {
    const disk = new MemoryDisk();
    const clock = new Stepped();
    const store = new Remembering(disk);
    const line = new MeterLine(clock);
    line.meters.set('m1', ownMoneyMeter(clock));
    const site = await startCharging(disk, empty(), line, clock, store);
    await site.poll();
    await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan() });
    store.line = line;
    await done(site, 'openAccount', { account: 'a' });
    await pass(site, 10 * MINUTE);
    line.loseAnswers = 1;
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    await pass(site, 2 * MINUTE);
    await done(site, 'refund', { wallet: 'w', amount: '5', channel: 'cash', note: 'n' });
    await done(site, 'payOutRefund', { order: (await orderOf(site, 'refund')).id, reference: '' });
    await done(site, 'closeAccount', { account: 'a', settlement: { channel: 'cash' } });
    await pass(site, 3 * MINUTE);
    expect(site.core.tenancies.state('a').status).toBe('closed');
    expect(store.moments.length).toBeGreaterThan(15);
    for (const moment of store.moments) {
      const later = new Stepped();
      later.siteMs = moment.siteMs;
      const own = new MeterLine(later);
      own.meters.set('m1', ownMoneyMeter(later, 1_000, moment.meter));
      const again = await startCharging(moment.disk, null, own, later);
      await pass(again, 4 * MINUTE);
      const state = charging(again);
      if (!state) continue;
      const at = `after commit ${moment.disk.entries.at(-1)?.number}`;
      expect({ at, current: state.current, queue: state.queue, held: state.held }).toEqual({
        ...{ at, current: null, queue: [], held: null },
      });
      if (state.phase !== 'ended') expect({ at, ...own.look('m1') }).toMatchObject({ at, count: state.last?.count });
      conserved(again);
      const sum = [
        'cash:cash',
        'revenue:electricity:energy',
        'onMeter:m1',
        'wallet:w',
        'rounding',
        'wallet:owner-r1',
        'refundReserved',
      ];
      expect(sum.reduce((all, account) => all + inLedger(again, account), 0)).toBe(0);
      expect(inLedger(again, 'meterDrift')).toBe(0);
    }
  }, 60_000);

  it.each([
    ['taken back before', true],
    ['said by a person', false],
  ])(
    'leaves the money of a meter that was swapped on the next one, once: %s',
    async (_title, live) => {
      const disk = new MemoryDisk();
      const clock = new Stepped();
      const store = new Remembering(disk);
      const line = new MeterLine(clock);
      line.meters.set('m1', ownMoneyMeter(clock));
      const site = await startCharging(disk, empty(), line, clock, store);
      const admin = async (op: 'prepareMeterSwap' | 'swapMeter', params: object): Promise<void> => {
        expect(await site.do(op, params, op, 'administrator')).toMatchObject({ ok: true });
        await pass(site, MINUTE);
      };
      await site.poll();
      await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan() });
      await done(site, 'openAccount', { account: 'a' });
      await pass(site, 10 * MINUTE);
      store.line = line;
      if (live) await admin('prepareMeterSwap', { wallet: 'w', action: 'takeBack', reason: 'r' });
      await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
      const before = store.moments.length;
      otherMeter(site);
      const remaining = (line.look('m1').count, live ? {} : { remaining: '29.83' });
      await admin('swapMeter', { ...swapParams, last: live ? '0.183' : '0.17', ...remaining });
      await pass(site, 3 * MINUTE);
      expect(charging(site)).toMatchObject({ phase: 'running', released: true });
      expect(store.moments.length - before).toBeGreaterThan(6);
      for (const [n, moment] of store.moments.entries()) {
        const later = new Stepped();
        later.siteMs = moment.siteMs;
        const own = new MeterLine(later);
        own.meters.set('m1', ownMoneyMeter(later, 1_000, moment.meter));
        const again = await startCharging(moment.disk, null, own, later);
        // Before the swap the old one goes on, as if it had not been asked for yet.
        const swapped = again.core.meters.get('m1')?.state.config?.number === '77';
        if (swapped && n < before) hang(own, later);
        await pass(again, 4 * MINUTE);
        const state = charging(again);
        const at = `after commit ${moment.disk.entries.at(-1)?.number}`;
        expect({ at, current: state?.current, held: state?.held }).toEqual({ at, current: null, held: null });
        expect({ at, ...own.look('m1') }).toMatchObject({ at, count: state?.last?.count });
        conserved(again);
        if (swapped) expect(state).toMatchObject({ phase: 'running', released: true, queue: [] });
        const tenants = ['wallet:w', 'onMeter:m1', 'revenue:electricity:energy', 'meterDrift'];
        const cash = -inLedger(again, 'cash:cash');
        expect({ at, sum: tenants.reduce((sum, account) => sum + inLedger(again, account), 0) }).toEqual({
          at,
          sum: cash,
        });
        expect(inLedger(again, 'meterDrift')).toBe(0);
      }
    },
    60_000,
  );

  it('leaves each order in a water meter once, though it has no purchase count', async () => {
    const disk = new MemoryDisk();
    const clock = new Stepped();
    const store = new Remembering(disk);
    const line = new MeterLine(clock);
    line.meters.set('m1', waterMeter(clock));
    const site = await startCharging(disk, waterSite(), line, clock, store);
    await site.poll();
    await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan() });
    store.line = line;
    await done(site, 'openAccount', { account: 'a' });
    await pass(site, 5 * MINUTE);
    line.loseAnswer = 2;
    await done(site, 'recharge', { wallet: 'w', amount: '10', channel: 'cash' });
    await pass(site, 2 * MINUTE);
    await done(site, 'refund', { wallet: 'w', amount: '5', channel: 'cash', note: 'n' });
    await pass(site, 2 * MINUTE);
    expect(store.moments.length).toBeGreaterThan(12);
    for (const moment of store.moments) {
      const later = new Stepped();
      later.siteMs = moment.siteMs;
      const own = new MeterLine(later);
      own.meters.set('m1', waterMeter(later, 600, moment.meter));
      const again = await startCharging(moment.disk, null, own, later);
      await pass(again, 4 * MINUTE);
      const state = charging(again);
      if (!state) continue;
      const at = `after commit ${moment.disk.entries.at(-1)?.number}`;
      expect({ at, current: state.current, queue: state.queue, held: state.held }).toEqual({
        ...{ at, current: null, queue: [], held: null },
      });
      conserved(again);
      const read = own.meters.get('m1')!.read(3, 8, 2);
      const [low = 0, high = 0] = read.ok ? read.words : [];
      const bytes = Uint8Array.from([low >>> 8, low & 255, high >>> 8, high & 255]);
      const litres = new DataView(bytes.buffer).getFloat32(0, true) * 1000;
      expect({ at, apart: Math.abs(inLedger(again, 'onMeter:m1') / 2_800 - litres) < 2 }).toEqual({ at, apart: true });
      expect(inLedger(again, 'meterDrift')).toBe(0);
    }
  }, 60_000);
});
