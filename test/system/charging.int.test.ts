/** A meter that keeps the money itself, over the wire: real gateway and core, lost answers, a killed core. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpResult } from '../../protocol/ops.ts';
import { System } from './harness.ts';
import { electricityOf, LOAD_W } from './site.ts';
import { until } from './until.ts';

let system: System;
beforeAll(async () => {
  system = await System.start();
});
afterAll(() => system.end());

const meter = electricityOf('102');
const wallet = 'w-new';
type Item = OpResult<'getMeterMoney'>['items'][number];

/** Count, cents, and whether the platform holds its breaker. */
const inMeter = (): { count: number; cents: number; forced: boolean } => {
  const memory = system.field.memory(meter);
  if (memory.model !== 'ddsy1352') throw new Error('a meter with money of its own');
  const { purchaseCount, balanceMicro, forcedEnabled } = memory;
  return { count: purchaseCount, cents: Math.floor(balanceMicro / 10_000), forced: forcedEnabled };
};
const money = async (): Promise<Item['money'] | undefined> => {
  const { items } = await system.api.call('getMeterMoney', {});
  return items.find((item) => item.wallet === wallet)?.money;
};

it('is opened, sold to, drawn down, cut by itself, and emptied before it is handed back', async () => {
  const { api, field } = system;
  const settlement = { channel: 'cash', note: '' } as const;
  await api.call('closeAccount', {
    account: 'acc-102',
    settlement,
    typed: [],
    handOverTo: null,
    vacant: 'siteRule' as const,
  });
  await until(
    'the room is free',
    async () => (await api.call('getAccount', { account: 'acc-102' })).status === 'closed',
  );
  const details = {
    kind: 'person' as const,
    language: 'zh' as const,
    ...{ contact: '', email: '', idNumber: '', invoiceTitle: '', note: '' },
    ...{ contractFromMs: null, contractUntilMs: null },
  };
  const wallets = [
    {
      ...{ id: wallet, name: '', purpose: 'use' as const },
      overdraft: '0',
      thresholds: ['0.5', '0.2', '0'],
      firstRecharge: { amount: '2', channel: 'cash' as const },
    },
  ];
  const plan = { rooms: ['102'], wallets, meters: [], payment: 'inMeter' as const, creditLimit: '0', deposit: null };
  await api.call('saveAccount', { account: 'new', isNew: true, name: 'New', phone: '', details, plan });
  await api.call('openAccount', { account: 'new', typed: [] });
  // Set up, started at nothing, two yuan put on it, and then left to itself.
  await until('the meter has its money and itself', () => inMeter().cents === 200 && !inMeter().forced);
  expect(inMeter().count).toBe(2);
  await until('booked', async () => (await money())?.booked?.remainingMicro === 2_000_000);

  // Every third answer is lost, every other of these after the meter has done it.
  field.faults(meter).loss = 0.3;
  const recharge = { wallet, amount: '3', channel: 'cash', note: '' } as const;
  await api.call('recharge', recharge);
  await system.core.kill9();
  field.faults(meter).loss = 0;
  await system.restartCore();
  await system.login('olga');
  await until('the three are on it', () => inMeter().count === 3, 40_000);
  expect(inMeter().cents).toBe(500);
  await until('booked once', async () => {
    const now = await money();
    return now?.orders.length === 0 && now.booked?.remainingMicro === 5_000_000;
  });

  // Five yuan last twenty seconds: it cuts by itself.
  field.draw(meter, 2.5 * LOAD_W);
  await until('the meter cuts itself', () => !field.look(meter).conducting, 40_000);
  expect(inMeter().forced).toBe(false);
  await system.onWall('open for money', () => system.tile('102').electricity?.cause === 'moneyExhausted');
  field.faults(meter).loss = 0.3;
  await api.call('recharge', recharge);
  await until('the meter closes itself', () => field.look(meter).conducting, 40_000);
  field.draw(meter, 0);
  await until(
    'all is booked',
    async () => {
      const now = await money();
      return now?.orders.length === 0 && now.booked?.remainingMicro === inMeter().cents * 10_000;
    },
    40_000,
  );
  field.faults(meter).loss = 0;
  expect((await money())?.held).toBeNull();

  await api.call('closeAccount', {
    account: 'new',
    settlement,
    typed: [],
    handOverTo: null,
    vacant: 'siteRule' as const,
  });
  await until('all of it is back', async () => (await api.call('getAccount', { account: 'new' })).status === 'closed');
  expect(inMeter()).toMatchObject({ count: 5, cents: 0 });
  await until('the platform has its breaker', () => inMeter().forced);
  expect(system.activeAlarm('ledgerNotZero')).toBeUndefined();
  expect(system.status?.ledgerImbalanceMicro).toBe(0);
}, 120_000);
