/** The second person: random orders of proposing, deciding, expiring and crashing do a thing once at most. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Who } from '../../protocol/ipc.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import type { SecondPerson } from '../../protocol/secondPerson.ts';
import { secondPersonSchema } from '../../protocol/secondPerson.ts';
import { auditRowSchema } from '../../protocol/audit.ts';
import { sha256 } from '../../server/core/auditLog.ts';
import { decideApprovals, type ApprovalMessage } from '../../server/domain/approval/decide.ts';
import { initialApprovals } from '../../server/domain/approval/state.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { flatTariff, plainSite, startCore, type Running, type Stepped } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const who = (operator: string, role: Who['role'] = 'manager'): Who => ({
  operator,
  role,
  provedAgoMs: 0,
  address: '10.0.0.1',
});
const anna = who('anna');
const bert = who('bert');

function siteWith(rules: Partial<SecondPerson>, rooms = 2): ReturnType<typeof plainSite> {
  return plainSite(rooms, '100', { secondPerson: secondPersonSchema.parse({ refundAbove: '20', ...rules }) });
}
async function doAs(site: Running, by: Who, op: OpName, params: object, key: string): Promise<OpOutcome> {
  const outcome = site.intake.do(by, op, params, key);
  await site.settle();
  return outcome;
}
const refused = (outcome: OpOutcome): string | null => (outcome.ok ? null : outcome.refusal);
const refund = (amount = '50') => ({ wallet: 'w1', amount, channel: 'cash', note: 'moves out' });
const balance = (site: Running): number => (site.core.wallets.get('w1')?.state.balanceMicro ?? 0) / 1_000_000;
const hashOf = (site: Running, id: string): string => site.core.approvals.state.open[id]?.hash ?? '';
const approve = (site: Running, by: Who, id = 'A1', key = `approve-${by.operator}`): Promise<OpOutcome> =>
  doAs(site, by, 'approve', { approval: id, hash: hashOf(site, id) }, key);
const stateOf = (disk: MemoryDisk, id = 'A1'): unknown => disk.records.get('approval')?.get(id)?.value.state;
async function settled(site: Running): Promise<void> {
  for (let i = 0; i < 3; i++) await site.settle();
}

describe('the second person', () => {
  it('is asked for above the limit, does it once under both names, and the proposer sees what became of it', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, siteWith({}));
    expect(refused(await doAs(site, anna, 'refund', refund('20'), 'small'))).toBeNull();
    const asked = await doAs(site, anna, 'refund', refund(), 'k');
    expect(asked).toMatchObject({ ok: false, refusal: 'needsApproval', approval: 'A1' });
    expect(await doAs(site, anna, 'refund', refund(), 'k')).toEqual(asked);
    expect(balance(site)).toBe(80);
    expect(await doAs(site, bert, 'getApprovals', {}, '')).toMatchObject({
      result: {
        items: [
          {
            ...{ id: 'A1', op: 'refund', proposer: 'anna', reason: 'moves out', mayApprove: true },
            about: { tenant: 'Tenant 1', rooms: ['Room 1'], balanceMicro: 80_000_000 },
          },
        ],
      },
    });
    expect(refused(await approve(site, bert))).toBeNull();
    await settled(site);
    expect(balance(site)).toBe(30);
    expect(refused(await approve(site, who('carl')))).toBe('approvalOver');
    expect(refused(await approve(site, bert, 'A1', 'again'))).toBe('approvalOver');
    expect(await doAs(site, anna, 'getApprovalHistory', {}, '')).toMatchObject({
      result: { items: [{ id: 'A1', state: 'done', decidedBy: 'bert' }] },
    });
    const log = [...(disk.records.get('audit')?.values() ?? [])].map(({ value }) => auditRowSchema.parse(value));
    expect(log.map(({ op, operator, outcome, approval }) => [op, operator, outcome, approval?.by ?? null])).toEqual([
      ['refund', 'anna', 'done', null],
      ['refund', 'anna', 'needsApproval', null],
      ['approve', 'bert', 'done', null],
      ['refund', 'anna', 'done', 'bert'],
      ...['carl', 'bert'].map((name) => ['approve', name, 'approvalOver', null]),
    ]);
  });

  it('is never the proposer, never without the right to do it, and approves what was shown only', async () => {
    const site = await startCore(new MemoryDisk(), siteWith({}));
    await doAs(site, anna, 'refund', refund(), 'k');
    expect(refused(await approve(site, anna))).toBe('ownProposal');
    expect(refused(await approve(site, who('mo', 'maintenance')))).toBe('forbidden');
    expect(refused(await approve(site, { ...bert, buildings: ['B'] }))).toBe('forbidden');
    expect(refused(await doAs(site, bert, 'approve', { approval: 'A1', hash: 'other' }, 'h'))).toBe('approvalOver');
    expect(refused(await doAs(site, bert, 'approve', { approval: 'A9', hash: 'x' }, 'n'))).toBe('notFound');
    expect(
      refused(await doAs(site, { operator: 'bert', role: 'manager' }, 'approve', { approval: 'A1', hash: 'x' }, 'p')),
    ).toBe('proofNeeded');
    expect(balance(site)).toBe(100);
  });

  it('rejects, lets the proposer withdraw, and is too late after the expiry', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, siteWith({ validMs: 10 * MINUTE }));
    for (const key of ['a', 'b', 'c']) await doAs(site, anna, 'refund', refund(), key);
    expect(refused(await doAs(site, bert, 'reject', { approval: 'A1', reason: 'no receipt' }, 'r'))).toBeNull();
    expect(refused(await doAs(site, bert, 'withdraw', { approval: 'A2' }, 'w'))).toBe('forbidden');
    expect(refused(await doAs(site, anna, 'withdraw', { approval: 'A2' }, 'w'))).toBeNull();
    const hash = hashOf(site, 'A3');
    await site.pass(11 * MINUTE);
    expect(refused(await doAs(site, bert, 'approve', { approval: 'A3', hash }, 'late'))).toBe('approvalOver');
    expect(['A1', 'A2', 'A3'].map((id) => stateOf(disk, id))).toEqual(['rejected', 'withdrawn', 'expired']);
    expect(balance(site)).toBe(100);
  });

  it('says what came of it when it could not be done any more', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, siteWith({}));
    await doAs(site, anna, 'refund', refund('90'), 'k');
    await doAs(site, anna, 'refund', refund('20'), 'small');
    await approve(site, bert);
    await settled(site);
    expect(disk.records.get('approval')?.get('A1')?.value).toMatchObject({ state: 'failed', decidedBy: 'bert' });
    expect(balance(site)).toBe(80);
  });

  it('is asked for tariffs, many meters switched, and its own rules; a work tag waits for nobody', async () => {
    const site = await startCore(new MemoryDisk(), siteWith({ switchMeters: 2 }, 4));
    const admin = who('adam', 'administrator');
    const tariff = { ...flatTariff(), id: 'new' };
    expect(refused(await doAs(site, anna, 'saveTariff', { tariff, isNew: true }, 't'))).toBe('needsApproval');
    expect(refused(await doAs(site, anna, 'saveTariff', { tariff, isNew: false }, 'u'))).toBe('notFound');
    expect(refused(await doAs(site, admin, 'setSecondPerson', { rules: null }, 's'))).toBe('needsApproval');
    const trip = (n: number, action = 'forceTrip') =>
      doAs(site, anna, 'switchMeter', { meter: `m${n}`, action, reason: 'r' }, `${action}${n}`);
    expect([refused(await trip(1)), refused(await trip(2)), refused(await trip(3))]).toEqual([
      null,
      null,
      'needsApproval',
    ]);
    expect(refused(await trip(2, 'release'))).toBeNull();
    expect(refused(await trip(4, 'workTag'))).toBeNull();
    await site.pass(11 * MINUTE);
    expect(refused(await trip(4, 'hold'))).toBeNull();
  });

  it('is asked for many meters switched at the same moment as for one after the other', async () => {
    const site = await startCore(new MemoryDisk(), siteWith({ switchMeters: 2 }, 5));
    const trip = (n: number) => ({ meter: `m${n}`, action: 'forceTrip', reason: 'r' });
    const outcomes = [1, 2, 3, 4, 5].map((n) => site.intake.do(anna, 'switchMeter', trip(n), `t${n}`));
    await site.settle();
    expect((await Promise.all(outcomes)).filter(({ ok }) => ok)).toHaveLength(2);
  });

  it('approves as much as was shown: a reading held since, or more openings, are another thing', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, siteWith({ releaseAboveKwh: 1 }));
    const hold = async (index: number) => {
      for (let i = 0; i < 3; i++) await site.read('m1', index);
    };
    const decide = (action: 'release' | 'discard', key: string) =>
      doAs(site, anna, 'resolveQuarantine', { meter: 'm1', action, reason: 'r' }, key);
    await site.read('m1', 0);
    await hold(5_000);
    expect(refused(await decide('release', 'a'))).toBe('needsApproval');
    await decide('discard', 'b');
    await hold(900_000);
    await approve(site, bert);
    await settled(site);
    expect(disk.records.get('approval')?.get('A1')?.value).toMatchObject({ state: 'failed' });
    expect(balance(site)).toBe(100);
    expect(refused(await decide('release', 'c'))).toBe('needsApproval');
    await approve(site, bert, 'A2', 'second');
    await settled(site);
    expect(balance(site)).toBe(-800);
  });

  it('does nothing in the name of somebody whose buildings are others now', async () => {
    const plain = siteWith({});
    const operators = [
      { ...{ name: 'anna', displayName: 'Anna', role: 'manager', passwordHash: 'scrypt$x' }, buildings: ['A'] },
    ];
    const buildings = [...plain.buildings, { id: 'B', name: 'B', floors: [] }];
    const site = await startCore(new MemoryDisk(), { ...plain, buildings, operators } as typeof plain);
    await doAs(site, { ...anna, buildings: ['A'] }, 'refund', refund(), 'k');
    const change = { operator: 'anna', displayName: 'Anna', role: 'manager', buildings: ['B'] };
    expect(refused(await doAs(site, who('adam', 'administrator'), 'changeOperator', change, 'c'))).toBeNull();
    expect(refused(await approve(site, bert))).toBe('approvalOver');
    expect(balance(site)).toBe(100);
  });

  it('is not asked on a site without the rule', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    expect(refused(await doAs(site, anna, 'refund', refund(), 'k'))).toBeNull();
  });

  it('is asked again of nothing after a crash: approved before it, done once after it', async () => {
    for (let cut = 0; cut < 12; cut++) {
      const disk = new MemoryDisk();
      const site = await startCore(disk, siteWith({}));
      await doAs(site, anna, 'refund', refund(), 'k');
      const store = site.core.options.store;
      const commit = store.commit.bind(store);
      let left = cut;
      // The process ends after so many more commits: what it goes on to do reaches no disk.
      store.commit = (batch) => (left-- > 0 ? commit(batch) : new Promise(() => undefined));
      void site.intake.do(bert, 'approve', { approval: 'A1', hash: hashOf(site, 'A1') }, 'a');
      for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve));
      const approved = stateOf(disk) !== 'pending';
      const again = await startCore(disk, null, undefined, new MemoryStore(disk));
      await settled(again);
      expect([cut, balance(again)]).toEqual([cut, approved ? 50 : 100]);
      expect(stateOf(disk)).toBe(approved ? 'done' : 'pending');
    }
  });
});

type Step =
  | {
      readonly do: 'propose' | 'approve' | 'reject' | 'withdraw';
      readonly by: number;
      readonly id: number;
      readonly stale: boolean;
    }
  | { readonly do: 'crash' }
  | { readonly do: 'wait'; readonly minutes: number };
const people = ['anna', 'bert', 'carl'].map((name) => who(name));
const person = fc.nat(people.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('propose', 'approve', 'approve', 'reject', 'withdraw'),
      by: person,
      id: fc.integer({ min: 1, max: 4 }),
      stale: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait'), minutes: fc.integer({ min: 1, max: 8 }) }) },
);

async function run(steps: readonly Step[]): Promise<{ disk: MemoryDisk; site: Running }> {
  const disk = new MemoryDisk();
  let site = await startCore(disk, siteWith({ validMs: 10 * MINUTE }));
  let clock: Stepped = site.clock;
  for (const [i, one] of steps.entries()) {
    if (one.do === 'wait') await site.pass(one.minutes * MINUTE);
    else if (one.do === 'crash') {
      site.core.actors.stop();
      site = await startCore(disk, null, clock, new MemoryStore(disk));
      clock = site.clock;
    } else {
      const by = people[one.by] ?? anna;
      const id = `A${one.id}`;
      const hash = one.stale ? 'stale' : hashOf(site, id);
      const params = {
        propose: refund('21'),
        approve: { approval: id, hash },
        reject: { approval: id, reason: 'r' },
        withdraw: { approval: id },
      };
      // Not waited for: the next step may come in between.
      void site.intake.do(by, one.do === 'propose' ? 'refund' : one.do, params[one.do], `k${i}`);
      if (i % 2 === 0) await site.settle();
    }
  }
  await settled(site);
  await settled(site);
  return { disk, site };
}

describe('random orders of proposing, deciding, waiting and crashing', () => {
  it('do each approved thing exactly once, and nothing else; nobody approves an own proposal', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { disk, site } = await run(steps);
        const all = [...(disk.records.get('approval')?.values() ?? [])].map(({ value }) => value);
        const done = all.filter(({ state }) => state === 'done');
        expect(balance(site)).toBe(100 - 21 * done.length);
        expect(all.filter(({ state }) => state === 'approved')).toEqual([]);
        for (const { state, proposer, decidedBy } of all)
          if (state === 'done' || state === 'failed' || state === 'rejected') expect(decidedBy).not.toBe(proposer);
        expect(site.core.ledger.imbalanceMicro).toBe(0);
        site.core.actors.stop();
      }),
      { numRuns: 60, seed: 20261123 },
    );
  });

  it('never leave the pure decision with an own approval, two ends, or a start after an end', () => {
    const message = fc.record({
      type: fc.constantFrom('Propose', 'Approve', 'Reject', 'Withdraw', 'Finish', 'Expire'),
      by: fc.constantFrom('anna', 'bert'),
      id: fc.constantFrom('A1', 'A2', 'A3'),
      right: fc.boolean(),
      later: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
        let state = initialApprovals;
        let nowMs = 1;
        const history: string[] = [];
        for (const { type, by, id, right, later } of messages) {
          nowMs += later;
          const hash = state.open[id]?.hash ?? '';
          const table: Record<typeof type, ApprovalMessage> = {
            Propose: {
              ...{ type: 'Propose', op: 'refund', params: { n: nowMs }, rule: 'refund', amount: 2, limit: 1, by },
              ...{ role: 'manager', address: null, reason: '', validMs: 20 },
            },
            Approve: { type: 'Approve', id, by, hash: right ? hash : 'x', mayDo: true },
            Reject: { type: 'Reject', id, by, reason: 'r', mayDo: right },
            Withdraw: { type: 'Withdraw', id, by },
            Finish: { type: 'Finish', id, refusal: right ? null : 'gone' },
            Expire: { type: 'Expire' },
          };
          const decision = decideApprovals(state, table[type], { nowMs, digest: sha256 });
          for (const event of decision.events) {
            if (event.type === 'ApprovalGiven') {
              expect(event.by).not.toBe(state.open[event.id]?.proposer);
              expect(nowMs).toBeLessThan(state.open[event.id]?.expiresMs ?? 0);
            }
            history.push(`${event.type} ${event.type === 'ApprovalProposed' ? event.proposal.id : event.id}`);
          }
          state = decision.state;
        }
        expect(new Set(history).size).toBe(history.length);
      }),
    );
  });
});
