/** An id that is used again, orders and their counter-entries, and commits that stay within their bounds. */
import { describe, expect, it } from 'vitest';
import { ops, type OpName, type OpOutcome } from '../../protocol/ops.ts';
import { encodeBatch } from '../../server/store/encode.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { paramsOf } from '../tools/opParams.ts';
import { plainSite, startCore, Stepped, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const balance = (site: Running): number => site.core.wallets.get('w1')?.state.balanceMicro ?? NaN;
const orderOf = (outcome: OpOutcome): string => (outcome.ok ? (outcome.result as { id: string }).id : 'refused');

const params = paramsOf(1);

describe('a change without an id', () => {
  it('is refused', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    for (const op of Object.keys(ops) as OpName[]) {
      if (ops[op].kind === 'query') continue;
      const outcome = await site.intake.do({ operator: 'a', role: 'administrator' }, op, params[op], null);
      expect(outcome).toMatchObject({ ok: false, refusal: 'invalid' });
    }
  });
});

describe('the same id', () => {
  it('is one command for each of them, a hundred times at once and after a restart', async () => {
    const disk = new MemoryDisk();
    let site = await startCore(disk, plainSite(1));
    const paid = orderOf(await site.do('recharge', { wallet: 'w1', amount: '7', channel: 'card' }, 'first'));
    const commands: [OpName, object][] = [
      ['recharge', { wallet: 'w1', amount: '50', channel: 'cash' }],
      ['refund', { wallet: 'w1', amount: '20', channel: 'cash', note: 'n' }],
      ['reverse', { order: paid, note: 'wrong room' }],
      ['switchMeter', { meter: 'm1', action: 'hold', reason: 'talks' }],
    ];
    for (const [op, body] of commands) {
      const ask = (): Promise<OpOutcome> =>
        site.intake.do({ operator: 'o', role: 'operator', provedAgoMs: 0 }, op, body, `id-${op}`);
      const outcomes = await Promise.all(Array.from({ length: 100 }, ask));
      site = await startCore(disk, null, site.clock);
      outcomes.push(...(await Promise.all(Array.from({ length: 100 }, ask))));
      expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
      expect(outcomes[0]).toMatchObject({ ok: true });
    }
    expect(balance(site)).toBe(130_000_000);
    expect(site.core.ledger.imbalanceMicro).toBe(0);
  });

  it('of another operator is another command; with another body or operation it is a conflict', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    const body = { wallet: 'w1', amount: '5', channel: 'cash' };
    await site.intake.do({ operator: 'a', role: 'operator' }, 'recharge', body, 'k');
    await site.intake.do({ operator: 'b', role: 'operator' }, 'recharge', body, 'k');
    expect(balance(site)).toBe(110_000_000);
    const both = await Promise.all([
      site.intake.do({ operator: 'a', role: 'operator' }, 'recharge', { ...body, amount: '6' }, 'k'),
      site.intake.do({ operator: 'a', role: 'operator', provedAgoMs: 0 }, 'refund', { ...body, note: 'n' }, 'k'),
    ]);
    for (const outcome of both) expect(outcome).toMatchObject({ ok: false, refusal: 'conflict' });
    expect(balance(site)).toBe(110_000_000);
  });

  it('whose command was refused changed nothing, and may be used again', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1, '5'));
    const refund = { wallet: 'w1', amount: '6', channel: 'cash', note: 'n' };
    expect(await site.do('refund', refund, 'k')).toMatchObject({ ok: false, refusal: 'insufficientBalance' });
    await site.do('recharge', { wallet: 'w1', amount: '1', channel: 'cash' }, 'r');
    expect(await site.do('refund', refund, 'k')).toMatchObject({ ok: true });
    expect(balance(site)).toBe(0);
  });
});

describe('counter-entries', () => {
  it('take an order back once, in both directions, and none takes back another', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const paid = orderOf(await site.do('recharge', { wallet: 'w1', amount: '30', channel: 'card' }, 'a'));
    const returned = orderOf(
      await site.do('refund', { wallet: 'w1', amount: '10', channel: 'transfer', note: 'n' }, 'b'),
    );
    expect(await site.do('payOutRefund', { order: returned, reference: 'T-1' }, 'p')).toMatchObject({ ok: true });
    const back = orderOf(await site.do('reverse', { order: paid, note: 'n' }, 'c'));
    expect(balance(site)).toBe(90_000_000);
    const again = orderOf(await site.do('reverse', { order: returned, note: 'n' }, 'd'));
    expect(balance(site)).toBe(100_000_000);
    for (const [order, counter] of [
      [paid, back],
      [returned, again],
    ] as const) {
      expect(disk.records.get('order')?.get(order)?.value.reversedBy).toBe(counter);
      expect(disk.records.get('order')?.get(counter)?.value.reverses).toBe(order);
      expect(await site.do('reverse', { order, note: 'n' }, `x${order}`)).toMatchObject({ refusal: 'alreadyReversed' });
      expect(await site.do('reverse', { order: counter, note: 'n' }, `y${order}`)).toMatchObject({
        refusal: 'invalid',
      });
    }
    for (const account of ['cash:card', 'cash:transfer']) expect(site.core.ledger.ledger.balance(account)).toBe(0);
  });

  it('are entries of their own in the room’s timeline, also in one millisecond', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await Promise.all(
      ['1', '2', '3'].map((amount) => site.do('recharge', { wallet: 'w1', amount, channel: 'cash' }, amount)),
    );
    const outcome = await site.do('getTimeline', { room: 'r1' }, '', 'viewer');
    const items = outcome.ok ? (outcome.result as { items: { kind: string; detail: object }[] }).items : [];
    expect(items.filter(({ kind }) => kind === 'Recharged')).toHaveLength(3);
  });
});

describe('a commit', () => {
  /** Refuses what the real adapters would refuse. */
  class BoundedStore extends MemoryStore {
    override async commit(batch: Batch): Promise<Head> {
      encodeBatch(batch, JSON.stringify(batch.events));
      return super.commit(batch);
    }
  }
  it('holds as many acknowledgements as one request may name', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1), new Stepped(), new BoundedStore(disk));
    const ids: string[] = [];
    const most = 300;
    for (let n = 0; n < most; n++) {
      const subject = { room: 'r1', meter: `meter-with-a-long-name-${n}`, line: null };
      ids.push(`clockDrift:${subject.meter}`);
      site.core.send({
        to: 'alarms',
        message: { type: 'Raise', kind: 'clockDrift', subject, detail: { name: '东区配电房'.repeat(16) } },
      });
    }
    await site.settle();
    await site.pass(MINUTE);
    expect(await site.do('acknowledgeAlarms', { ids: [...ids, 'x'] }, 'a')).toMatchObject({ refusal: 'invalid' });
    expect(await site.do('acknowledgeAlarms', { ids }, 'b')).toMatchObject({
      ok: true,
      result: { acknowledged: most },
    });
    expect(site.fatal).toEqual([]);
  });
});
