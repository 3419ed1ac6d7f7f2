/** Meters are swapped and get other transformers: every unit is charged once, to the same wallet, in the same tier. */
import { assert, describe, expect, it } from 'vitest';
import type { OpResult } from '../../protocol/ops.ts';
import type { MeterMessage } from '../../server/domain/messages.ts';
import { StoreError } from '../../server/store/store.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, START_MS, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const admin = 'administrator';
const balance = (running: Running): number | undefined => running.core.wallets.get('w1')?.state.balanceMicro;
const other = { number: '77', unitId: 9, profile: 'acrel-ddsy1352', ct: 1, pt: 1, reason: 'burnt' };

async function used(disk = new MemoryDisk()): Promise<Running> {
  const running = await startCore(disk, plainSite(1));
  await running.read('m1', 10_000);
  await running.pass(HOUR);
  await running.read('m1', 12_000);
  await running.pass(HOUR);
  return running;
}

describe('a swap', () => {
  it('charges up to the last reading of the old meter and goes on from the first of the new', async () => {
    const disk = new MemoryDisk();
    let running = await used(disk);
    const outcome = await running.do('swapMeter', { meter: 'm1', last: '13', first: '0.5', ...other }, 's', admin);
    expect(outcome).toMatchObject({ ok: true });
    await running.settle();
    expect(balance(running)).toBe(97_000_000);
    running = await startCore(disk, null, running.clock);
    await running.pass(HOUR);
    await running.read('m1', 1_500, { number: '77' });
    await running.settle();
    expect(balance(running)).toBe(96_000_000);
    expect(running.core.meters.get('m1')?.state.config).toMatchObject({ number: '77', unitId: 9 });
    expect(running.core.ledger.imbalanceMicro).toBe(0);
  });

  it('ends the alarms that only the old meter could end', async () => {
    const running = await used();
    const bad = { reverse: 5, volts: [230, 0, 230], clockMs: 0 };
    await running.read('m1', 12_000, bad);
    const active = (): string[] =>
      Object.values(running.core.alarms.alarms).flatMap(({ kind, active: on }) => (on ? [kind] : []));
    expect(active().sort()).toEqual(['clockDrift', 'lostPhase', 'reverseEnergy']);
    await running.do('swapMeter', { meter: 'm1', last: '13', first: '0.5', ...other }, 's', admin);
    await running.settle();
    await running.read('m1', 500);
    expect(active()).toEqual([]);
  });

  it('is refused below the last reading and far above it, and changes nothing then', async () => {
    const running = await used();
    for (const last of ['11.999', '999999'])
      expect(
        await running.do('swapMeter', { meter: 'm1', last, first: '0', ...other }, `s${last}`, admin),
      ).toMatchObject({
        ok: false,
        refusal: 'invalid',
      });
    expect(balance(running)).toBe(98_000_000);
    expect(running.core.meters.get('m1')?.state.config?.unitId).toBe(1);
  });
});

describe('another multiplier', () => {
  it('holds from its reading on, and a reading asked before it counts no more', async () => {
    const running = await used();
    const params = { meter: 'm1', reading: '12', ct: 20, pt: 1, reason: 'transformers' };
    expect(await running.do('changeMultiplier', params, 'c', admin)).toMatchObject({ ok: true });
    await running.read('m1', 12_500, { times: 1 });
    await running.settle();
    expect(balance(running)).toBe(98_000_000);
    await running.pass(HOUR);
    await running.read('m1', 12_100 * 20, { times: 20 });
    await running.settle();
    expect(balance(running)).toBe(96_000_000);
  });
});

describe('settings of the moment of asking', () => {
  it('leave a tariff that was taken up meanwhile, and tell the line after their commit alone', async () => {
    const disk = new MemoryDisk();
    const dear = { ...flatTariff('electricity', '3.0000'), id: 'dear' };
    const running = await startCore(disk, { ...plainSite(1), tariffs: [flatTariff(), dear] });
    await running.read('m1', 10_000);
    const config = running.core.meters.get('m1')?.state.config;
    assert(config);
    await running.do('assignTariff', { tariff: 'dear', meters: ['m1'] }, 'a', admin);
    await running.pass(MINUTE);
    await running.read('m1', 10_000);
    const now = (): object | null | undefined => running.core.meters.get('m1')?.state.config;
    expect(now()).toMatchObject({ tariff: 'dear' });
    const send = (message: MeterMessage): void => running.core.send({ to: 'meter', id: 'm1', message });
    send({ type: 'Configure', config: { ...config, unitId: 5, ct: 40 }, by: 'me' });
    await running.settle();
    expect(now()).toMatchObject({ tariff: 'dear', unitId: 5, ct: 1 });
    disk.failing = new StoreError('away', 'gone');
    const request = { id: 0, operator: 'me', role: 'administrator', key: 'me:x', bodyHash: '' } as const;
    send({
      ...{ type: 'Renew', why: 'swap', money: null, config: { ...config, unitId: 9 } },
      last: 10_000,
      first: 0,
      reason: '',
      request,
    });
    await running.settle();
    expect(now()).toMatchObject({ tariff: 'dear', unitId: 9 });
    expect(running.changed).toEqual([]);
    disk.failing = null;
    running.clock.step(2_000);
    await running.settle();
    expect(running.changed).toEqual(['l1']);
  });
});

describe('the indexes of all meters', () => {
  it('are those of then, with what lies between, over a swap too', async () => {
    const running = await used();
    const middle = running.clock.site();
    await running.pass(60_000);
    await running.do('swapMeter', { meter: 'm1', last: '13', first: '0', ...other }, 's', admin);
    await running.pass(HOUR);
    await running.read('m1', 2_000, { number: '77' });
    await running.pass(HOUR);
    await running.read('m1', 2_500, { number: '77' });
    await running.settle();
    const ask = async (fromMs: number, toMs: number): Promise<OpResult<'getIndexes'>['items'][number] | undefined> => {
      const outcome = await running.do('getIndexes', { fromMs, toMs }, '', admin);
      return (outcome as { result: OpResult<'getIndexes'> }).result.items[0];
    };
    expect(await ask(middle, middle)).toMatchObject({ from: { index: 12_000 }, quantity: 0, roomName: 'Room 1' });
    expect(await ask(START_MS, running.clock.site())).toMatchObject({ from: { index: 10_000 }, to: { index: 2_500 } });
    // 10 000 → 13 000 on the old meter and 0 → 2 500 on the new one, whose last quarter is still open.
    const all = await ask(START_MS, running.clock.site());
    expect(all?.quantity).toBe(5_500);
    expect(await ask(START_MS - HOUR, running.clock.site())).toMatchObject({ from: null, quantity: 5_500 });
  });

  it('are known within the first quarter hour, and unknown before the first reading', async () => {
    const running = await startCore(new MemoryDisk(), plainSite(1));
    const ask = async (fromMs: number, toMs: number): Promise<OpResult<'getIndexes'>['items'][number] | undefined> => {
      const outcome = await running.do('getIndexes', { fromMs, toMs }, '', admin);
      return (outcome as { result: OpResult<'getIndexes'> }).result.items[0];
    };
    expect(await ask(START_MS - HOUR, START_MS)).toMatchObject({ from: null, to: null, quantity: null });
    await running.read('m1', 10_000);
    await running.pass(MINUTE);
    const middle = running.clock.site();
    await running.pass(MINUTE);
    await running.read('m1', 10_400);
    await running.settle();
    expect(await ask(START_MS - HOUR, middle)).toMatchObject({ from: null, to: { index: 10_000 } });
    expect(await ask(middle, running.clock.site())).toMatchObject({ to: { index: 10_400 }, quantity: 400 });
  });

  it('of a main meter tell its use, though nothing is charged for it, but not over a swap', async () => {
    const site = plainSite(1);
    const [one] = site.meters;
    assert(one);
    const { room: _room, ...bare } = one;
    const running = await startCore(new MemoryDisk(), {
      ...site,
      meters: [{ ...bare, role: 'main', rating: 100_000 }],
    });
    const ask = async (fromMs: number): Promise<object | undefined> => {
      const outcome = await running.do('getIndexes', { fromMs, toMs: running.clock.site() }, '', admin);
      return (outcome as { result: OpResult<'getIndexes'> }).result.items[0];
    };
    await running.read('m1', 50_000);
    const start = running.clock.site();
    await running.pass(HOUR);
    await running.read('m1', 53_500);
    await running.settle();
    expect(await ask(start)).toMatchObject({ role: 'main', from: { index: 50_000 }, quantity: 3_500 });
    await running.pass(MINUTE);
    await running.do('swapMeter', { meter: 'm1', last: '53.5', first: '60', ...other }, 's', admin);
    await running.pass(MINUTE);
    await running.read('m1', 61_000, { number: '77' });
    await running.settle();
    expect(await ask(start)).toMatchObject({ to: { index: 61_000 }, quantity: null });
  });
});
