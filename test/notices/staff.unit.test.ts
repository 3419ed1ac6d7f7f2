/** People of the site: managers of an emergency cut, approvers of what waits. Each once, whatever crashes; whom no way reaches is shown. */
import { describe, expect, it } from 'vitest';
import { noticeViewSchema, type NoticeView } from '../../protocol/notices.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { secondPersonSchema } from '../../protocol/secondPerson.ts';
import type { Role } from '../../protocol/site.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { startCore, Stepped, type Running } from '../tools/siteInMemory.ts';
import { calm, pass, Receiver, siteWith, waiting } from './receiver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const passwordHash = `scrypt$16384$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
const person = (name: string, role: Role, buildings?: string[]) => ({
  ...{ name, displayName: name.toUpperCase(), role, passwordHash },
  ...(buildings && { buildings }),
});
const proof = { provedAgoMs: 0 };

const rosterOf = (operator: string) => ({
  nextAfterMinutes: 10,
  rounds: 3,
  people: [
    {
      ...{ id: 'p1', name: 'Mia', language: 'en', operator, email: 'mia@example.com', phone: '13900000001' },
      ...{ wechat: null, channels: ['push', 'email', 'sms'] },
    },
  ],
  shifts: [],
});

async function start(store = new MemoryStore(new MemoryDisk())) {
  const plain = siteWith(2, '100', { secondPerson: secondPersonSchema.parse({ refundAbove: '20' }) });
  const operators = [
    person('mia', 'manager'),
    person('ada', 'administrator'),
    person('bob', 'manager', ['A']),
    person('cy', 'cashier'),
    person('olga', 'operator'),
    person('max', 'maintenance'),
  ];
  const elsewhere = { id: 'B', name: 'B', floors: [{ id: 'B1', name: '1', rooms: [{ id: 'rb', name: 'Room B' }] }] };
  const buildings = [...plain.buildings, elsewhere];
  const site = await startCore(
    store.disk,
    { ...plain, buildings, operators: [...operators, person('eve', 'manager', ['B'])] },
    new Stepped(),
    store,
  );
  const receiver = new Receiver();
  receiver.attach(site, ['push', 'email', 'sms']);
  expect(await site.do('setDutyRoster', { duty: rosterOf('mia') }, 'duty', 'administrator')).toMatchObject({
    ok: true,
  });
  return { site, receiver, disk: store.disk };
}

const logOf = (disk: MemoryDisk, kind: NoticeView['kind']): NoticeView[] =>
  [...(disk.records.get('notice')?.values() ?? [])]
    .map(({ value }) => noticeViewSchema.parse(value))
    .filter((one) => one.kind === kind);
const ways = (notices: readonly Pick<NoticeView, 'person' | 'channel'>[]): string[] =>
  notices.map(({ person: to, channel }) => `${to} ${channel}`).sort();
async function as(site: Running, operator: string, role: Role, op: OpName, params: object, key: string) {
  const outcome: OpOutcome = await site.intake.do({ operator, role, ...proof }, op, params, key);
  await calm(site);
  return outcome;
}
const cut = (site: Running): Promise<OpOutcome> =>
  as(site, 'olga', 'operator', 'startEmergency', { building: 'A', reason: 'fire' }, 'cut');
const propose = (site: Running, key = 'refund'): Promise<OpOutcome> =>
  as(site, 'mia', 'manager', 'refund', { wallet: 'w1', amount: '50', channel: 'cash', note: 'moves out' }, key);

describe('managers are told of an emergency cut', () => {
  it('at once, each by the ways the duty roster gives, else by browser; nobody of another building or role', async () => {
    const { site, disk, receiver } = await start();
    await cut(site);
    await pass(site, MINUTE);
    expect(ways(logOf(disk, 'emergencyCut'))).toEqual(['ada push', 'bob push', 'p1 email', 'p1 push', 'p1 sms']);
    expect(logOf(disk, 'emergencyCut').every(({ state }) => state === 'sent')).toBe(true);
    expect(receiver.taken.find(({ channel }) => channel === 'email')?.text).toContain('fire');
  });

  it('whom no way reaches is shown as unreachable, once: no channel at all, or no browser behind a push', async () => {
    const { site, disk } = await start();
    site.core.notices.channels = new Set();
    await cut(site);
    expect(logOf(disk, 'emergencyCut').map(({ person: to, state, channel }) => [to, state, channel])).toEqual(
      ['mia', 'ada', 'bob'].map((to) => [to === 'mia' ? 'p1' : to, 'unreachable', null]),
    );
    expect(waiting(site)).toBe(0);

    const other = await start();
    const { notices } = other.site.core;
    notices.attach(({ id, channel, subscriptions }) => {
      const nobody = channel === 'push' && subscriptions.length === 0;
      const error = { ok: false, permanent: true, nowhere: true, error: 'no browser' } as const;
      setImmediate(() => notices.delivered({ id, result: nobody ? error : { ok: true }, gone: [] }));
    });
    await cut(other.site);
    await pass(other.site, MINUTE);
    const log = logOf(other.disk, 'emergencyCut');
    expect(ways(log.filter(({ state }) => state === 'unreachable'))).toEqual(['ada push', 'bob push', 'p1 push']);
    expect(ways(log.filter(({ state }) => state === 'sent'))).toEqual(['p1 email', 'p1 sms']);
    expect(other.disk.records.get('deadNotice')?.size ?? 0).toBe(0);
    expect(waiting(other.site)).toBe(0);
  });
});

describe('what waits for a second person', () => {
  it('is told to who may approve it, not to its proposer, and says what, by whom, why and until when', async () => {
    const { site, disk, receiver } = await start();
    expect(await propose(site)).toMatchObject({ refusal: 'needsApproval', approval: 'A1' });
    await pass(site, MINUTE);
    // Who may refund, within the building; maintenance may not.
    expect(ways(logOf(disk, 'approvalWaits'))).toEqual(['ada push', 'bob push', 'cy push', 'olga push']);
    expect(await propose(site)).toMatchObject({ approval: 'A1' });
    await pass(site, MINUTE);
    expect(logOf(disk, 'approvalWaits')).toHaveLength(4);
    expect(receiver.taken.find(({ kind }) => kind === 'approvalWaits')?.text).toMatch(
      /^【Test】MIA 申请：退款，需要第二人审批，2026\/06\/01 20:00 前有效。事由：moves out。/,
    );
  });

  it('reaches an approver by the ways of the duty roster, in their language', async () => {
    const { site, disk, receiver } = await start();
    await as(site, 'ada', 'administrator', 'setDutyRoster', { duty: rosterOf('cy') }, 'other');
    await propose(site);
    await pass(site, MINUTE);
    const all = ['ada push', 'bob push', 'olga push', 'p1 email', 'p1 push', 'p1 sms'];
    expect(ways(logOf(disk, 'approvalWaits'))).toEqual(all);
    expect(receiver.taken.find(({ channel }) => channel === 'email')?.subject).toBe(
      'Waits for your approval: paying back money',
    );
  });

  it.each(['approve', 'reject', 'withdraw', 'expire'] as const)('has nothing left to send after: %s', async (how) => {
    const { site, disk, receiver } = await start();
    site.core.notices.detach();
    await calm(site);
    await propose(site);
    expect(waiting(site)).toBe(4);
    const { hash } = site.core.approvals.state.open.A1 ?? { hash: '' };
    if (how === 'approve') await as(site, 'bob', 'manager', 'approve', { approval: 'A1', hash }, 'yes');
    else if (how === 'reject') await as(site, 'bob', 'manager', 'reject', { approval: 'A1', reason: 'not yet' }, 'no');
    else if (how === 'withdraw') await as(site, 'mia', 'manager', 'withdraw', { approval: 'A1' }, 'back');
    else await pass(site, 25 * HOUR);
    receiver.attach(site);
    await pass(site, MINUTE);
    expect(receiver.said.filter((said) => said.startsWith('approvalWaits'))).toEqual([]);
    expect(logOf(disk, 'approvalWaits').map(({ state }) => state)).toEqual(Array(4).fill('withdrawn'));
  });
});

describe('from every journal boundary', () => {
  type Moment = { readonly disk: MemoryDisk; readonly siteMs: number; readonly had: ReadonlySet<string> };
  class Remembering extends MemoryStore {
    readonly moments: Moment[] = [];
    had: () => Iterable<string> = () => [];
    override async commit(batch: Batch): Promise<Head> {
      const head = await super.commit(batch);
      const disk = Object.assign(new MemoryDisk(), structuredClone({ ...this.disk }));
      this.moments.push({ disk, siteMs: batch.atMs, had: new Set(this.had()) });
      return head;
    }
  }

  it('each manager and each approver gets one notice a way for what the journal holds, and none for what it does not', async () => {
    const store = new Remembering(new MemoryDisk());
    const { site, receiver } = await start(store);
    store.had = () => receiver.times.keys();
    const from = store.moments.length;
    await cut(site);
    await pass(site, MINUTE);
    await propose(site);
    await pass(site, MINUTE);
    const moments = store.moments.slice(from);
    expect(moments.length).toBeGreaterThan(12);
    const has = (disk: MemoryDisk, type: string): boolean =>
      disk.entries.some(({ events }) => events.some((event) => event.type === type));
    for (const { disk, siteMs, had } of moments) {
      const clock = new Stepped();
      clock.siteMs = siteMs;
      const again = await startCore(disk, null, clock, undefined, undefined, (core) => {
        core.notices.channels = new Set(['push', 'email', 'sms']);
      });
      const later = new Receiver();
      later.attach(again, ['push', 'email', 'sms']);
      await pass(again, 2 * MINUTE);
      // Whoever asked asks again: the same order and proposal, told to nobody twice.
      if (has(disk, 'EmergencyStarted')) await cut(again);
      if (has(disk, 'ApprovalProposed')) await propose(again);
      await pass(again, MINUTE);
      expect(again.fatal).toEqual([]);
      const told = [
        ...(has(disk, 'EmergencyStarted') ? logOf(disk, 'emergencyCut') : []),
        ...(has(disk, 'ApprovalProposed') ? logOf(disk, 'approvalWaits') : []),
      ];
      expect(told).toHaveLength((has(disk, 'EmergencyStarted') ? 5 : 0) + (has(disk, 'ApprovalProposed') ? 4 : 0));
      expect(told.every(({ state }) => state === 'sent')).toBe(true);
      const arrived = new Set([...had, ...later.times.keys()]);
      expect([...arrived].sort()).toEqual(told.map(({ id }) => id).sort());
    }
  });
});
