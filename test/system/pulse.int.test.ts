import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { START_INDEX } from './field.ts';
import { System } from './harness.ts';
import { electricityOf, LOAD_W, PRICE_MICRO, walletOf, WARN_BEFORE_CUT_MS, YUAN } from './site.ts';
import { until } from './until.ts';

let system: System;
beforeAll(async () => {
  system = await System.start({ balances: { '102': '0.60' } });
});
afterAll(() => system.end());

const meter = electricityOf('101');

describe('a pulse, from the wire to the wall', () => {
  it('takes the money of each step off the tile within two seconds', async () => {
    expect(system.balanceMicro('101')).toBe(500 * YUAN);
    system.field.draw(meter, LOAD_W);
    // The first step of 10 Wh is there after one second of load.
    await until('the first step', () => system.field.look(meter).index >= START_INDEX + 10);
    const stepMs = performance.now();
    await system.onWall('less money', () => system.balanceMicro('101') < 500 * YUAN, 5_000);
    expect(performance.now() - stepMs).toBeLessThan(2_000);
    system.field.draw(meter, 0);
  });

  it('explains each deduction: lines, transfers and registers add up to what is missing', async () => {
    const step = 10;
    const register = Math.floor(system.field.look(meter).index / step) * step;
    const owedMicro = (register - START_INDEX) * PRICE_MICRO;
    expect(owedMicro).toBeGreaterThan(0);
    await system.onWall('all charged', () => system.balanceMicro('101') === 500 * YUAN - owedMicro, 5_000);

    const { items } = await system.api.call('getCharges', { wallet: walletOf('101'), limit: 50 });
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    for (const charge of items) {
      expect(sum(charge.lines.map((line) => line.amountMicro))).toBe(charge.amountMicro);
      expect(sum(charge.transfers.map((transfer) => transfer.amountMicro))).toBe(charge.amountMicro);
      expect((charge.toIndex - charge.fromIndex) * PRICE_MICRO).toBe(charge.amountMicro);
      expect(sum(charge.lines.map((line) => line.quantity))).toBe(charge.toIndex - charge.fromIndex);
    }
    expect(sum(items.map((charge) => charge.amountMicro))).toBe(owedMicro);
    expect(items.at(-1)?.fromIndex).toBe(START_INDEX);
    expect(items[0]?.toIndex).toBe(register);
    expect(items[0]?.balanceAfterMicro).toBe(500 * YUAN - owedMicro);
  });
});

describe('money that runs out', () => {
  const poor = electricityOf('102');

  it('is warned about first, then the relay itself opens, and the tile names the cause', async () => {
    system.field.draw(poor, LOAD_W);
    await system.onWall('no money left', () => system.balanceMicro('102') <= 0);
    const emptyMs = performance.now();
    await until('the relay opens', () => !system.field.look(poor).conducting);
    expect(performance.now() - emptyMs).toBeGreaterThan(WARN_BEFORE_CUT_MS - 500);
    await system.onWall('the opening is confirmed', () => system.tile('102').electricity?.actual === 'open');
    expect(system.tile('102').electricity).toMatchObject({ wanted: 'open', cause: 'moneyExhausted' });
    const { wallets } = await system.api.call('getRoom', { room: '102' });
    expect(wallets[0]?.warnedMs).not.toBeNull();
    const { items } = await system.api.call('getLowMoney', {});
    expect(items.map(({ wallet }) => wallet.id)).toContain(walletOf('102'));
  });

  it('comes back with a recharge, which closes the relay and is booked once for one key', async () => {
    const before = system.balanceMicro('102');
    const body = { wallet: walletOf('102'), amount: '200.00', channel: 'cash', note: '' } as const;
    const order = await system.api.call('recharge', body, 'recharge-102');
    await until('the relay closes', () => system.field.look(poor).conducting);
    await system.onWall('the closing is confirmed', () => system.tile('102').electricity?.actual === 'closed');
    system.field.draw(poor, 0);
    const again = await Promise.all([1, 2, 3].map(() => system.api.call('recharge', body, 'recharge-102')));
    expect(again).toEqual([order, order, order]);
    await expect(system.api.call('recharge', { ...body, amount: '300.00' }, 'recharge-102')).rejects.toMatchObject({
      status: 409,
    });

    await system.core.kill9();
    await system.restartCore();
    expect(await system.api.call('recharge', body, 'recharge-102')).toEqual(order);
    const { items } = await system.api.call('getOrders', { wallet: walletOf('102'), limit: 50 });
    expect(items.map(({ id }) => id)).toEqual([order.id]);
    const used = Math.floor(system.field.look(poor).index / 10) * 10 - START_INDEX;
    await system.onWall(
      'one recharge, every step once',
      () => system.balanceMicro('102') === 200.6 * YUAN - used * PRICE_MICRO,
    );
    expect(order.balanceAfterMicro).toBe(before + 200 * YUAN);
  });
});
