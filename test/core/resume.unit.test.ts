/** What a new run says of the one before it, and what no answer may say before it is durable. */
import { describe, expect, it } from 'vitest';
import type { AlarmKind } from '../../protocol/wall.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const nothing = { room: null, meter: null, line: null };
const turns = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a new run', () => {
  it.each<AlarmKind>(['actorParked', 'clockJump', 'storeAway', 'ledgerNotZero'])(
    'ends the alarm %s of the run before: it would say so itself',
    async (kind) => {
      const disk = new MemoryDisk();
      const first = await startCore(disk, plainSite(1));
      first.core.send({ to: 'alarms', message: { type: 'Raise', kind, subject: nothing, detail: {} } });
      await first.settle();
      expect(first.core.alarms.alarms[`${kind}:site`]?.active).toBe(true);
      const again = await startCore(disk, null, first.clock);
      expect(again.core.alarms.alarms[`${kind}:site`]).toMatchObject({ active: false });
    },
  );

  it('keeps what is still so: a dead line, a low battery, a held reading', async () => {
    const disk = new MemoryDisk();
    const first = await startCore(disk, plainSite(1));
    const of = { room: 'r1', meter: 'm1', line: null };
    for (const kind of ['batteryLow', 'quarantine'] as const)
      first.core.send({ to: 'alarms', message: { type: 'Raise', kind, subject: of, detail: {} } });
    const line = { ...nothing, line: 'l1' };
    first.core.send({ to: 'alarms', message: { type: 'Raise', kind: 'lineDead', subject: line, detail: {} } });
    await first.settle();
    const again = await startCore(disk, null, first.clock);
    const active = Object.values(again.core.alarms.alarms).filter((alarm) => alarm.active);
    expect(active.map(({ id }) => id).sort()).toEqual(['batteryLow:m1', 'lineDead:l1', 'quarantine:m1']);
    expect(again.core.wall.tiles.get('r1')?.alarm).toBe(2);
  });
});

describe('law 5: no answer tells what is not durable', () => {
  const questions: [OpName, object][] = [
    ['getRoom', { room: 'r1' }],
    ['getTimeline', { room: 'r1' }],
    ['getCharges', { wallet: 'w1' }],
    ['getOrders', { wallet: 'w1' }],
    ['getDayChart', { meter: 'm1' }],
    ['getLowMoney', {}],
    ['getAlarms', {}],
    ['getAlarmHistory', {}],
    ['getSystem', {}],
    ['getOperators', {}],
  ];
  const ask = (site: Running, op: OpName, params: object): Promise<OpOutcome> =>
    site.intake.do({ operator: 'a', role: 'administrator' }, op, params, null);
  const told = (op: OpName, outcome: OpOutcome): unknown =>
    op === 'getSystem' && outcome.ok ? (outcome.result as { ledger: object }).ledger : outcome;

  it.each(questions)('%s', async (op, params) => {
    const site = await startCore(new MemoryDisk(), plainSite(1, '50.05'));
    await site.read('m1', 0);
    await site.pass(20 * MINUTE);
    await site.read('m1', 10);
    const before = told(op, await ask(site, op, params));
    const { store } = site.core.options;
    const commit = store.commit.bind(store);
    const waiting: (() => void)[] = [];
    // The charge is on its way, sealed and folded, and what follows it waits to be sealed.
    store.commit = async (batch) => {
      if (batch.events.some((event) => event.type === 'ConsumptionCharged'))
        await new Promise<void>((resolve) => waiting.push(resolve));
      return commit(batch);
    };
    // A charge, a warning, an alarm, an order and an operator, none of them durable.
    site.clock.step(MINUTE);
    void site.read('m1', 300, { batteryLow: true });
    await turns();
    expect(site.core.wallets.get('w1')?.state.balanceMicro).toBe(50_050_000 - 300_000);
    expect(site.core.ledger.ledger.balance('wallet:w1')).toBe(50_050_000 - 300_000);
    void site.intake.do(
      { operator: 'a', role: 'operator' },
      'recharge',
      { wallet: 'w1', amount: '5', channel: 'cash' },
      'k',
    );
    const operator = { name: 'new', displayName: 'New', role: 'viewer', passwordHash: 'scrypt$x' };
    void site.intake.do({ operator: 'a', role: 'administrator' }, 'addOperator', operator, 'o');
    await turns();
    expect(waiting.length).toBe(1);
    let answer: unknown = 'waits';
    const asked = ask(site, op, params).then((outcome) => (answer = told(op, outcome)));
    await turns();
    if (answer !== 'waits') expect(answer).toEqual(before);
    store.commit = commit;
    for (const resolve of waiting) resolve();
    await asked;
    expect(answer).not.toBe('waits');
  });
});
