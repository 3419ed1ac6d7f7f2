/** Redis that freezes, dies, or belongs to somebody else, while money flows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CoreProcess } from './core.ts';
import { START_INDEX } from './field.ts';
import { System } from './harness.ts';
import { electricityOf, LOAD_W, PRICE_MICRO, walletOf, YUAN } from './site.ts';
import { until, within } from './until.ts';

const meter = electricityOf('101');
const recharge = { wallet: walletOf('101'), amount: '5.00', channel: 'cash', note: '' } as const;

let system: System;
beforeAll(async () => {
  system = await System.start({ store: 'redis' });
  system.field.draw(meter, LOAD_W);
});
afterAll(() => system.end());

const register = (): number => Math.floor(system.field.look(meter).index / 10) * 10;
const owedMicro = (): number => (register() - START_INDEX) * PRICE_MICRO;

async function allChargedOnce(rechargedYuan: number): Promise<void> {
  system.field.draw(meter, 0);
  await system.onWall('everything is charged once', () => {
    return system.balanceMicro('101') === (500 + rechargedYuan) * YUAN - owedMicro();
  });
  const { ledger } = await system.api.call('getSystem', {});
  expect(ledger.imbalanceMicro).toBe(0);
  system.field.draw(meter, LOAD_W);
}

async function holdsMoney(): Promise<void> {
  await system.onWall('money on hold', () => system.status?.money === 'onHold');
  await system.healthIs(503);
  await expect(system.api.call('recharge', recharge, 'while-away')).rejects.toMatchObject({
    ...{ status: 503, code: 'storeAway' },
  });
  // The lines go on, and nothing that is not durable is shown.
  const balance = system.balanceMicro('101');
  const asked = system.field.asked('L1');
  const index = register();
  await until('use goes on', () => register() >= index + 20 && system.field.asked('L1') > asked + 4);
  expect(system.balanceMicro('101')).toBe(balance);
}

describe('a Redis that freezes', () => {
  it('puts money on hold, and what was used meanwhile is charged once when it thaws', async () => {
    await system.onWall('money flows', () => system.balanceMicro('101') < 500 * YUAN);
    system.redis?.freeze();
    await holdsMoney();
    system.redis?.thaw();
    await system.onWall('money flows again', () => system.status?.money === 'ok');
    await system.healthIs(200);
    await allChargedOnce(0);
    // Refused was refused: the same key is still free, and books once.
    const order = await system.api.call('recharge', recharge, 'while-away');
    expect(await system.api.call('recharge', recharge, 'while-away')).toEqual(order);
    await allChargedOnce(5);
    expect(system.core.gone).toBe(false);
  });
});

describe('a Redis that is killed', () => {
  it('is waited for, and the same core goes on when it is back', async () => {
    await system.redis?.kill9();
    await system.onWall('money on hold', () => system.status?.money === 'onHold');
    await system.redis?.start();
    await system.onWall('money flows again', () => system.status?.money === 'ok', 30_000);
    await system.healthIs(200);
    await allChargedOnce(5);
    expect(system.core.gone).toBe(false);
  });
});

describe('a core that is asked to stop while Redis is away', () => {
  it('has noticed, ends all the same, and the next one charges what it had not', async () => {
    // Nothing is used, so nothing has to be kept: that the store is away is noticed all the same.
    system.field.draw(meter, 0);
    system.redis?.freeze();
    await system.onWall('money on hold', () => system.status?.money === 'onHold');
    await system.healthIs(503);
    const index = register();
    system.field.draw(meter, LOAD_W);
    await until('use', () => register() > index);
    const { code } = await system.core.stop();
    expect(code).toBe(0);
    system.redis?.thaw();
    await system.restartCore();
    await allChargedOnce(5);
  });
});

describe('a second core on the same Redis', () => {
  it('takes over: the first one is fenced and ends with 70, and no step is charged twice', async () => {
    const first = system.core;
    const second = new CoreProcess({ ...system.env });
    system.core = second;
    try {
      expect(await within('the end of the first core', first.ended, 30_000)).toEqual({ code: 70, signal: null });
      system.api.base = await second.open();
      await system.openWall();
      await system.online();
      await allChargedOnce(5);
    } finally {
      if (!first.gone) await first.kill9();
    }
  });
});
