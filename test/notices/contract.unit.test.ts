/** The end of a contract is told once: whatever the clock does, whatever crashes, and anew for another end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noticeViewSchema, type NoticeView } from '../../protocol/notices.ts';
import type { OpResult } from '../../protocol/ops.ts';
import type { Batch, Head } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { startCore, START_MS, Stepped, type Running } from '../tools/siteInMemory.ts';
import { pass, Receiver, siteWith, waiting } from './receiver.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const details = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};
let saves = 0;
const endAt = (site: Running, account: string, contractUntilMs: number | null, more = {}) =>
  site.do(
    'saveAccount',
    {
      ...{ account, isNew: false, name: `Tenant ${account}`, phone: '13800001000', plan: null },
      details: { ...details, contractUntilMs, ...more },
    },
    `end-${saves++}`,
    'manager',
  );
const remindersOf = (disk: MemoryDisk, account?: string): NoticeView[] =>
  [...(disk.records.get('notice')?.values() ?? [])]
    .map(({ value }) => noticeViewSchema.parse(value))
    .filter((one) => one.kind === 'contractEnds' && (account === undefined || one.account === account));

async function start(rooms = 2, store = new MemoryStore(new MemoryDisk()), clock = new Stepped()) {
  const site = await startCore(store.disk, siteWith(rooms, '100'), clock, store);
  const receiver = new Receiver();
  receiver.attach(site);
  return { site, receiver, disk: store.disk };
}
const ending = async (site: Running): Promise<string[]> => {
  const outcome = await site.do('getAccounts', { ending: 'true' }, '');
  if (!outcome.ok) throw new Error(outcome.detail);
  return (outcome.result as OpResult<'getAccounts'>).items.map(({ id }) => id);
};

describe('the end of a contract', () => {
  it('is told 30 days before, in the language and with the date, and staff find it in a list; not before', async () => {
    const { site, receiver } = await start();
    await endAt(site, 'a1', START_MS + 31 * DAY, { language: 'en' });
    await pass(site, 5 * MINUTE);
    expect([receiver.said, await ending(site)]).toEqual([[], []]);
    site.clock.step(DAY);
    await pass(site, 5 * MINUTE);
    expect(receiver.said).toEqual(['contractEnds sms 0']);
    expect(receiver.taken[0]?.text).toBe(
      '[Test] Tenant a1, the contract for Room 1 ends on 02/07/2026. Please talk to the office to renew it or to move out.',
    );
    expect(await ending(site)).toEqual(['a1']);
  });

  it('by as many days as the site says, and again for another end, but not for the same one', async () => {
    const { site, receiver, disk } = await start();
    const { rules } = site.core.notices.settings;
    await site.do('setNoticeRules', { rules: { ...rules, contractDays: 7 } }, 'days', 'administrator');
    await endAt(site, 'a1', START_MS + 8 * DAY);
    await pass(site, 5 * MINUTE);
    expect(receiver.taken).toHaveLength(0);
    await endAt(site, 'a1', START_MS + 5 * DAY);
    await pass(site, 5 * MINUTE);
    await endAt(site, 'a1', START_MS + 5 * DAY, { note: 'the same end' });
    await pass(site, 5 * MINUTE);
    expect(receiver.taken).toHaveLength(1);
    await endAt(site, 'a1', START_MS + 6 * DAY);
    await pass(site, 5 * MINUTE);
    expect(receiver.taken).toHaveLength(2);
    expect(remindersOf(disk, 'a1').map(({ state }) => state)).toEqual(['sent', 'sent']);
  });

  it('long past is no news; whom no way reaches stands in the log, once', async () => {
    const { site, receiver, disk } = await start();
    await endAt(site, 'a1', START_MS - 31 * DAY);
    await site.do('setAccountNotices', { account: 'a2', notices: { channels: { contractEnds: [] } } }, 'none');
    await endAt(site, 'a2', START_MS + DAY);
    await pass(site, 10 * MINUTE);
    expect(receiver.taken).toHaveLength(0);
    expect(remindersOf(disk).map(({ account, state }) => [account, state])).toEqual([['a2', 'unreachable']]);
    expect((await ending(site)).sort()).toEqual(['a1', 'a2']);
  });

  it('of many at once is told to each in portions, and waits while nothing can be sent', async () => {
    const { site, receiver, disk } = await start(90);
    site.core.notices.channels = new Set();
    for (let n = 1; n <= 90; n++) await endAt(site, `a${n}`, START_MS + 3 * DAY);
    await pass(site, 5 * MINUTE);
    expect(remindersOf(disk)).toHaveLength(0);
    receiver.attach(site);
    await pass(site, 30 * MINUTE);
    expect(new Set(remindersOf(disk).map(({ account }) => account)).size).toBe(90);
    expect(remindersOf(disk)).toHaveLength(90);
    expect(waiting(site)).toBe(0);
  });

  it('comes once for each end that was near, whatever the clock, restarts and edits do', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('jump' as const), days: fc.integer({ min: -40, max: 40 }) }),
      fc.record({ do: fc.constant('end' as const), days: fc.integer({ min: -5, max: 60 }) }),
      fc.record({ do: fc.constant('restart' as const), days: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { site: first, receiver, disk } = await start(1);
        let site = first;
        /** Written apart: what has been told last, by the rule of 30 days either side. */
        let [until, toldLast] = [null as number | null, null as number | null];
        const expected: number[] = [];
        for (const one of steps) {
          if (one.do === 'jump') site.clock.siteMs += one.days * DAY;
          else if (one.do === 'end') {
            until = START_MS + one.days * DAY;
            await endAt(site, 'a1', until);
          } else {
            site = await startCore(disk, null, site.clock);
            receiver.attach(site);
          }
          await pass(site, 2 * MINUTE);
          const left = until === null ? Infinity : (until - site.clock.siteMs) / DAY;
          // Within the minutes that pass nobody can say on which side of the edge it was looked at.
          fc.pre(Math.abs(Math.abs(left) - 30) > 0.1);
          if (Math.abs(left) > 30 || until === null || until === toldLast) continue;
          expected.push(until);
          toldLast = until;
        }
        expect(remindersOf(disk)).toHaveLength(expected.length);
        expect(site.fatal).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('from every journal boundary is told once', async () => {
    type Moment = { readonly disk: MemoryDisk; readonly siteMs: number; readonly had: readonly string[] };
    const moments: Moment[] = [];
    let had = (): readonly string[] => [];
    class Remembering extends MemoryStore {
      override async commit(batch: Batch): Promise<Head> {
        const head = await super.commit(batch);
        const disk = Object.assign(new MemoryDisk(), structuredClone({ ...this.disk }));
        moments.push({ disk, siteMs: batch.atMs, had: [...had()] });
        return head;
      }
    }
    const { site, receiver } = await start(3, new Remembering(new MemoryDisk()));
    had = () => [...receiver.times.keys()];
    const from = moments.length;
    for (const account of ['a1', 'a2', 'a3']) await endAt(site, account, START_MS + 3 * DAY);
    await pass(site, 3 * MINUTE);
    await endAt(site, 'a2', START_MS + 4 * DAY);
    await pass(site, 3 * MINUTE);
    expect(moments.length - from).toBeGreaterThan(8);
    for (const moment of moments.slice(from)) {
      const clock = new Stepped();
      clock.siteMs = moment.siteMs;
      const again = await startCore(moment.disk, null, clock);
      const later = new Receiver();
      later.attach(again);
      await pass(again, 3 * MINUTE);
      // Every end the journal holds, and each once.
      const ends = new Set(
        moment.disk.entries.flatMap(({ events }) =>
          events.flatMap(({ key, data }) => {
            const { contractUntilMs } = (data.value ?? {}) as { contractUntilMs?: number | null };
            return key.startsWith('account:') && contractUntilMs ? [`${key} ${contractUntilMs}`] : [];
          }),
        ),
      );
      const log = remindersOf(moment.disk);
      expect(log.every(({ state }) => state === 'sent')).toBe(true);
      expect([...new Set([...moment.had, ...later.times.keys()])].sort()).toEqual(log.map(({ id }) => id).sort());
      expect(log).toHaveLength(ends.size);
    }
  });
});
