/** Notices within a whole core: exactly one for each crossing, and from every commit boundary all of them arrive, under their ids. */
import { describe, expect, it } from 'vitest';
import type { NoticeView } from '../../protocol/notices.ts';
import { noticeViewSchema } from '../../protocol/notices.ts';
import type { OpName } from '../../protocol/ops.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import { outboxEventSchema } from '../../server/domain/notice/delivery.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { bySms, pass, Receiver, siteWith, waiting } from './receiver.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { flatTariff, startCore, START_MS, Stepped, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const logOf = (disk: MemoryDisk): NoticeView[] =>
  [...(disk.records.get('notice')?.values() ?? [])].map(({ value }) => noticeViewSchema.parse(value));
async function started(
  site: SiteFileInput,
  clock = new Stepped(),
  store?: MemoryStore,
  disk = store?.disk ?? new MemoryDisk(),
) {
  const running = await startCore(disk, site, clock, store);
  const receiver = new Receiver();
  receiver.attach(running);
  await running.do('setNoticeRules', bySms, 'rules', 'administrator');
  return { site: running, receiver, disk };
}

/** From 60 cents: below 50, the last level, trip, recharge, power is back. */
async function script(site: Running): Promise<void> {
  await site.read('m1', 1_000);
  await pass(site, 5 * MINUTE);
  await site.read('m1', 1_120);
  await pass(site, 5 * MINUTE);
  await site.read('m1', 1_620);
  await pass(site, 11 * MINUTE);
  await site.read('m1', 1_630);
  await pass(site, MINUTE);
  await site.do('recharge', { wallet: 'w1', amount: '50', channel: 'cash' }, 'r');
  await pass(site, MINUTE);
}
const told = ['lowBalance sms 0', 'aboutToTrip sms 0', 'tripped sms 0', 'rechargeArrived sms 0', 'restored sms 0'];

describe('a tenant is told', () => {
  it('of each crossing once: low, about to trip, tripped, recharge, restored; in words that say how much', async () => {
    const { site, receiver, disk } = await started(siteWith(1, '0.60'));
    await script(site);
    expect(receiver.said).toEqual(told);
    expect(receiver.taken[0]?.text).toBe(
      '【Test】Tenant 1，Room 1 余额 ¥0.48，已低于 ¥0.50，预计还可用 1 小时。请及时充值。',
    );
    expect(receiver.taken[2]?.text).toContain('¥');
    expect(logOf(disk).map(({ state, address }) => [state, address])).toEqual(told.map(() => ['sent', '13*******00']));
    expect(waiting(site)).toBe(0);
  });

  it('of nothing that comes back while something else keeps it open', async () => {
    const { site, receiver } = await started(siteWith(1, '0.60'));
    await site.read('m1', 1_000);
    await pass(site, 5 * MINUTE);
    await site.read('m1', 1_620);
    await pass(site, 11 * MINUTE);
    await site.read('m1', 1_630);
    await pass(site, MINUTE);
    await site.do('switchMeter', { meter: 'm1', action: 'forceTrip', reason: 'works' }, 'trip');
    await site.do('recharge', { wallet: 'w1', amount: '50', channel: 'cash' }, 'r');
    await pass(site, MINUTE);
    expect(site.core.meters.get('m1')?.state.causes).toMatchObject({ forcedTrip: { reason: 'works' } });
    expect(site.core.meters.get('m1')?.state.causes.moneyExhausted).toBeUndefined();
    expect(receiver.said.slice(-2)).toEqual(['tripped sms 0', 'rechargeArrived sms 0']);
  });

  it('repeats while it lasts are notices of their own, as many as the rule says', async () => {
    const { site, receiver } = await started(siteWith(1, '0.60', { warningRepeats: 2, warningRepeatMs: HOUR }));
    await site.read('m1', 1_000);
    await pass(site, 5 * MINUTE);
    await site.read('m1', 1_120);
    await pass(site, 5 * HOUR);
    expect(receiver.said).toEqual(['lowBalance sms 0', 'lowBalance sms 0', 'lowBalance sms 0']);
  });

  it('by the ways it chose, and whom no way reaches stands in the log', async () => {
    const { site, receiver, disk } = await started(siteWith(2, '100'));
    const notices = { wechat: 'open-id-1', channels: { rechargeArrived: ['wechat', 'sms', 'voice'] } };
    expect(await site.do('setAccountNotices', { account: 'a1', notices }, 'n')).toMatchObject({ ok: true });
    await site.do('setAccountNotices', { account: 'a2', notices: { channels: { rechargeArrived: ['wechat'] } } }, 'n2');
    await site.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'r1');
    await site.do('recharge', { wallet: 'w2', amount: '5', channel: 'cash' }, 'r2');
    await pass(site, MINUTE);
    expect(receiver.said).toEqual(['rechargeArrived wechat 1', 'rechargeArrived sms 0']);
    expect(logOf(disk).filter(({ state }) => state === 'unreachable')).toMatchObject([
      { account: 'a2', channel: null },
    ]);
  });

  it('not in quiet hours, but for the last warning; what came true or untrue meanwhile is withdrawn', async () => {
    const clock = new Stepped();
    clock.siteMs = START_MS + 11 * HOUR; // 23:00
    const { site, receiver, disk } = await started(siteWith(2, '0.60'), clock);
    for (const meter of ['m1', 'm2']) await site.read(meter, 1_000);
    await pass(site, 5 * MINUTE);
    for (const meter of ['m1', 'm2']) await site.read(meter, 1_120);
    await pass(site, 10 * MINUTE);
    expect(receiver.said).toEqual([]);
    await site.read('m1', 1_620);
    await pass(site, MINUTE);
    expect(receiver.said).toEqual(['aboutToTrip sms 0']);
    await site.do('recharge', { wallet: 'w2', amount: '50', channel: 'cash' }, 'r');
    await pass(site, 8 * HOUR + 43 * MINUTE);
    expect(receiver.said).not.toContain('rechargeArrived sms 1');
    await pass(site, 2 * MINUTE);
    expect(receiver.said.at(-1)).toBe('rechargeArrived sms 1');
    expect(
      logOf(disk)
        .filter(({ state }) => state === 'withdrawn')
        .map(({ kind, account }) => [kind, account]),
    ).toEqual([
      ['lowBalance', 'a1'],
      ['lowBalance', 'a2'],
    ]);
  });

  it('of a tariff that changes, all who pay by it, in portions, once, a restart in between', async () => {
    const { site, disk } = await started(siteWith(100, '100'));
    site.core.notices.detach();
    const tariff = site.core.directory.get('tariff', 't-electricity')!;
    const next = { ...flatTariff('electricity', '2.0000').versions[0]!, from: '2026-07-01T00:00' };
    site.core.setConfig('tariff', 't-electricity', {
      ...tariff,
      versions: [...tariff.versions, next] as typeof tariff.versions,
    });
    await site.settle();
    // One turn asks the store what each would pay, the next one tells.
    for (let turn = 0; turn < 1_000 && waiting(site) === 0; turn++) {
      site.core.tick();
      await site.settle();
    }
    expect(waiting(site)).toBe(40);
    const again = await startCore(disk, null, site.clock);
    const receiver = new Receiver();
    receiver.attach(again);
    await pass(again, 300 * MINUTE);
    expect(new Set(receiver.taken.map(({ values }) => values.account)).size).toBe(100);
    expect(receiver.taken).toHaveLength(100);
    expect(receiver.taken[0]?.values.from).toBe('2026/07/01 00:00');
    expect(again.core.notices.announcer.state.open).toEqual([]);
  });
});

describe('the way out', () => {
  it('a busy provider is tried again under the same id; the rate holds; the tenants wait, the money does not', async () => {
    const { site, receiver } = await started(siteWith(5, '100'));
    await site.do('setNoticeRules', { rules: { ...bySms.rules, perMinuteMax: 2 } }, 'slow', 'administrator');
    receiver.answer = 'busy';
    for (let n = 1; n <= 5; n++) await site.do('recharge', { wallet: `w${n}`, amount: '5', channel: 'cash' }, `r${n}`);
    await pass(site, MINUTE);
    expect(receiver.taken.length).toBeLessThanOrEqual(3);
    receiver.answer = 'ok';
    await pass(site, 30 * MINUTE);
    expect(receiver.times.size).toBe(5);
    expect(waiting(site)).toBe(0);
  });

  it('an answer that never comes, and a gateway that ends, are attempts that failed', async () => {
    const { site, receiver } = await started(siteWith(1, '100'));
    receiver.answer = 'none';
    await site.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'r');
    await pass(site, 10 * MINUTE);
    expect(receiver.taken.length).toBeGreaterThan(1);
    expect(new Set(receiver.times.keys()).size).toBe(1);
    site.core.notices.detach();
    await site.settle();
    expect(site.core.notices.pump.underWay.size).toBe(0);
    receiver.answer = 'ok';
    receiver.attach(site);
    await pass(site, 2 * HOUR);
    expect(waiting(site)).toBe(0);
  });

  it('a dead letter is shown, and sent again by a person', async () => {
    const { site, receiver, disk } = await started(siteWith(1, '100'));
    site.core.notices.attach(({ id }) =>
      setImmediate(() =>
        site.core.notices.delivered({ id, result: { ok: false, permanent: true, error: 'HTTP 400' }, gone: [] }),
      ),
    );
    await site.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'r');
    await pass(site, MINUTE);
    const dead = await site.do('getDeadNotices', {}, 'q');
    expect(dead).toMatchObject({ ok: true, result: { items: [{ state: 'dead', error: 'HTTP 400', attempts: 1 }] } });
    const [{ id }] = logOf(disk) as [NoticeView];
    receiver.attach(site);
    expect(await site.do('sendNoticeAgain', { notice: id }, 'again')).toMatchObject({ ok: true });
    await pass(site, MINUTE);
    expect([...receiver.times]).toEqual([[id, 1]]);
    expect(logOf(disk)).toMatchObject([{ id, state: 'sent' }]);
    expect(await site.do('sendNoticeAgain', { notice: id }, 'twice')).toMatchObject({ ok: false, refusal: 'notFound' });
  });

  it('a test message goes to what is configured and to nothing else', async () => {
    const { site, receiver } = await started(siteWith(1, '100'));
    const send = (channel: string, address: string, key: string) =>
      site.do('testNotice', { channel, address, language: 'en' }, key, 'administrator');
    expect(await send('email', 'no-address', '1')).toMatchObject({ ok: false, refusal: 'invalid' });
    expect(await send('voice', '13800001234', '2')).toMatchObject({ ok: false, refusal: 'invalid' });
    expect(await send('email', 'li@example.com', '3')).toMatchObject({ ok: true });
    await pass(site, MINUTE);
    expect(receiver.said).toEqual(['test email m']);
    expect(receiver.taken[0]?.text).toMatch(/^\[Test\] This is a test message of 01\/06\/2026, 12:0/);
  });

  it('text of a site takes the place of ours, in its language alone, until it is reset', async () => {
    const { site, receiver } = await started(siteWith(1, '100'));
    const text = { kind: 'rechargeArrived', language: 'zh', subject: '到账', text: '{amount} 收到，{account}' };
    expect(await site.do('setNoticeText', { ...text, text: '{amont}' }, 'bad', 'administrator')).toMatchObject({
      ok: false,
    });
    await site.do('setNoticeText', text, 't', 'administrator');
    await site.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'r');
    await site.do('resetNoticeText', { kind: 'rechargeArrived', language: 'zh' }, 'x', 'administrator');
    await site.do('recharge', { wallet: 'w1', amount: '6', channel: 'cash' }, 'r2');
    await pass(site, MINUTE);
    expect(receiver.taken.map((notice) => notice.text)).toEqual([
      '¥5.00 收到，Tenant 1',
      '【Test】Tenant 1，充值 ¥6.00 已到账，Room 1 余额 ¥111.00。',
    ]);
  });
});

describe('the people on duty', () => {
  const people = ['an', 'bo'].map((id) => ({
    id,
    name: id,
    channels: ['sms', 'push'],
    phone: `139000000${id === 'an' ? 1 : 2}`,
    operator: id,
  }));
  const duty = { people, shifts: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '00:00', order: ['an', 'bo'] }] };
  const raise = (site: Running): void =>
    site.core.send({
      ...{ to: 'alarms' },
      message: { type: 'Raise', kind: 'paidNotPowered', subject: { room: 'r1', meter: 'm1', line: null }, detail: {} },
    });

  it('are called one after another across a restart, until somebody acknowledges', async () => {
    const { site, receiver, disk } = await started(siteWith(1, '100'));
    await site.do('setDutyRoster', { duty }, 'd', 'administrator');
    raise(site);
    await pass(site, 2 * MINUTE);
    expect(receiver.said).toEqual(['dutyAlarm sms 1', 'dutyAlarm push n']);
    expect(receiver.taken[0]?.text).toContain('已付费未供电，Room 1');
    const again = await startCore(disk, null, site.clock);
    const later = new Receiver();
    later.attach(again);
    await pass(again, 9 * MINUTE);
    expect(later.said).toEqual(['dutyAlarm sms 2', 'dutyAlarm push o']);
    await again.do('acknowledgeAlarms', { ids: ['paidNotPowered:m1'] }, 'ack');
    await pass(again, HOUR);
    expect(later.said).toHaveLength(2);
    expect(again.core.notices.duty.calls).toEqual({});
  });

  it('have their browsers looked up when it is sent, and those that are gone are forgotten', async () => {
    const { site, receiver, disk } = await started(siteWith(1, '100'));
    site.core.notices.pushKey = 'key';
    const endpoint = 'https://push.example.com/1';
    const body = { endpoint, p256dh: 'p'.repeat(87), auth: 'a'.repeat(22) };
    await site.intake.do({ operator: 'an', role: 'operator' }, 'addPushSubscription', body, 's');
    await site.do('setDutyRoster', { duty }, 'd', 'administrator');
    raise(site);
    await pass(site, 2 * MINUTE);
    const push = receiver.taken.find(({ channel }) => channel === 'push');
    expect(push?.subscriptions).toEqual([body]);
    site.core.notices.delivered({ id: push?.id ?? '', result: { ok: true }, gone: [endpoint] });
    await site.settle();
    expect(disk.records.get('pushSubscription')?.size).toBe(0);
  });
});

describe('from every journal boundary', () => {
  /** Ids whose start the journal holds. */
  const startedIn = (disk: MemoryDisk): Set<string> =>
    new Set(
      disk.entries.flatMap(({ events }) =>
        events.flatMap(({ type, data }) => {
          if (type !== 'DeliveryStarted') return [];
          const event = outboxEventSchema.parse({ type, ...data });
          return event.type === 'DeliveryStarted' ? [event.id] : [];
        }),
      ),
    );

  type Moment = { readonly disk: MemoryDisk; readonly siteMs: number; readonly had: ReadonlyMap<string, number> };
  class RememberingStore extends MemoryStore {
    readonly moments: Moment[] = [];
    had: () => ReadonlyMap<string, number> = () => new Map();
    /** Had left while its start was on no disk. */
    readonly early: string[] = [];
    override async commit(batch: Batch): Promise<Head> {
      const durable = startedIn(this.disk);
      this.early.push(...[...this.had().keys()].filter((id) => !durable.has(id)));
      const head = await super.commit(batch);
      const disk = Object.assign(new MemoryDisk(), structuredClone({ ...this.disk }));
      this.moments.push({ disk, siteMs: batch.atMs, had: new Map(this.had()) });
      return head;
    }
  }
  const eventsOf = (disk: MemoryDisk, type: string): string[] =>
    disk.entries.flatMap(({ events }) =>
      events.filter((event) => event.type === type).map(({ data }) => JSON.stringify(data)),
    );
  it('nothing leaves before it is durable, nothing is lost, and what comes twice has the same id', async () => {
    const store = new RememberingStore(new MemoryDisk());
    const { site, receiver } = await started(siteWith(1, '0.60'), new Stepped(), store);
    store.had = () => receiver.times;
    const from = store.moments.length;
    await script(site);
    expect(receiver.said).toEqual(told);
    expect(store.early).toEqual([]); // law 5
    const moments = store.moments.slice(from);
    expect(moments.length).toBeGreaterThanOrEqual(20);
    for (const { disk, siteMs, had } of moments) {
      const clock = new Stepped();
      clock.siteMs = siteMs;
      const again = await startCore(disk, null, clock, undefined, undefined, (core) => {
        core.notices.channels = new Set(['sms']);
      });
      const later = new Receiver();
      later.attach(again);
      await pass(again, 2 * MINUTE);
      expect(again.fatal).toEqual([]);
      expect(waiting(again)).toBe(0);
      const arrived = new Set([...had.keys(), ...later.times.keys()]);
      const log = logOf(disk).filter(({ state }) => state !== 'withdrawn');
      expect(log.map(({ state }) => state)).toEqual(log.map(() => 'sent'));
      expect([...arrived].sort()).toEqual(log.map(({ id }) => id).sort());
      // One for each crossing the journal holds, whichever commit was the last.
      const crossings = eventsOf(disk, 'LevelCrossed').filter((data) => data.includes('"warned":true'));
      const warnings = logOf(disk).filter(({ kind }) => kind === 'lowBalance' || kind === 'aboutToTrip');
      expect(warnings).toHaveLength(crossings.length);
      expect(logOf(disk).filter(({ kind }) => kind === 'rechargeArrived')).toHaveLength(
        eventsOf(disk, 'MoneyReceived').length,
      );
    }
  });
});

it('a fault in here parks the notices and nothing else: the money goes on, and what it owes them is kept', async () => {
  const { site, disk } = await started(siteWith(1, '100'));
  await site.do('recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'r');
  site.core.notices.pump.tick = () => {
    throw new Error('broken');
  };
  await pass(site, 2 * MINUTE);
  expect(site.fatal).toEqual([]);
  expect(site.core.actors.parked).toEqual(['notices:site']);
  expect(await site.do('recharge', { wallet: 'w1', amount: '6', channel: 'cash' }, 'r2')).toMatchObject({ ok: true });
  expect(logOf(disk).map(({ state }) => state)).toEqual(['queued', 'queued']);
  const again = await startCore(disk, null, site.clock);
  const receiver = new Receiver();
  receiver.attach(again);
  await pass(again, 2 * MINUTE);
  expect(receiver.said).toEqual(['rechargeArrived sms 0', 'rechargeArrived sms 0']);
});

describe('a meter that changes hands while it is cut', () => {
  it('is no news of a restoring for who takes it over', async () => {
    const { site, receiver } = await started(siteWith(1, '1'));
    await site.read('m1', 0);
    await site.pass(HOUR);
    await site.read('m1', 1_000);
    await site.pass(11 * MINUTE);
    await site.read('m1', 1_000);
    await site.pass(MINUTE);
    expect(site.core.meters.get('m1')?.state.causes.moneyExhausted).toBeDefined();
    const details = {
      ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
      ...{ contractFromMs: null, contractUntilMs: null, note: '' },
    };
    const wallets = [{ id: 'wn', firstRecharge: { amount: '100', channel: 'cash' } }];
    const account = {
      ...{ account: 'n', isNew: true, name: 'n', phone: '13800001009', details },
      plan: { rooms: ['r1'], wallets, meters: [] },
    };
    const done = async (op: OpName, params: object): Promise<void> => {
      expect(await site.do(op, params, op, 'administrator')).toMatchObject({ ok: true });
      await site.settle();
    };
    await done('saveAccount', account);
    await done('handOver', { account: 'a1', next: 'n', settlement: { channel: 'cash' } });
    await site.pass(MINUTE);
    await site.read('m1', 1_000);
    await site.pass(MINUTE);
    expect(site.core.meters.get('m1')?.state).toMatchObject({ place: { wallet: 'wn' }, causes: {} });
    expect(receiver.said.filter((said) => said.endsWith('9'))).toEqual(['rechargeArrived sms 9', 'opened sms 9']);
  });
});
