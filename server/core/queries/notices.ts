/** Answers about notices. Addresses are masked in all of them. */
import { noticeViewSchema, type NoticeView } from '../../../protocol/notices.ts';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import type { noticesOps } from '../../../protocol/ops/notices.ts';
import { noticeView } from '../../domain/notice/delivery.ts';
import { onDuty } from '../../domain/notice/duty.ts';
import { deadSchema } from '../commands/notices.ts';
import type { Core } from '../core.ts';
import { durable, found, notFound, pageOf, type Answers } from './answer.ts';

type Queries = { [N in keyof typeof noticesOps]: (typeof noticesOps)[N]['kind'] extends 'query' ? N : never };
export type NoticeQuery = Queries[keyof Queries];

const SHOWN_MAX = 200;
/** Pages read for one answer at most: a rare word must not keep the store busy. */
const ROUNDS_MAX = 20;

export const noticeAnswers: Answers<NoticeQuery> = {
  getNotices: ({ core }, params) => log(core, params),
  getOutbox: ({ core }) => durable(core, () => outbox(core)),
  getDeadNotices: async ({ core }, page) => {
    const { items, cursor } = await pageOf(core, { kind: 'deadNotice', index: 'all' }, page, deadSchema);
    const views = items.map(({ delivery, error, diedMs }) => noticeView(delivery, 'dead', diedMs, error));
    return found<'getDeadNotices'>({ items: views, cursor });
  },
  getAccountNotices: ({ core }, { account }) =>
    durable(core, () => {
      const value = core.directory.get('account', account);
      return value ? found<'getAccountNotices'>({ notices: value.notices ?? {} }) : notFound('account');
    }),
  getNoticeSettings: ({ core }) => durable(core, () => settings(core)),
};

function settings(core: Core): OpOutcome {
  const { notices, directory } = core;
  const roster = notices.settings.duty;
  const named = (id: string): { id: string; name: string } => ({
    id,
    name: roster.people.find((person) => person.id === id)?.name ?? id,
  });
  return found<'getNoticeSettings'>({
    settings: notices.settings,
    available: [...notices.channels],
    pushKey: notices.pushKey,
    onDuty: onDuty(roster, directory.time.localMs(core.context().nowMs)).map(({ id, name }) => ({ id, name })),
    calls: Object.values(notices.duty.calls).map((call) => ({
      ...call,
      person: call.person === null ? null : named(call.person),
    })),
  });
}

function outbox(core: Core): OpOutcome {
  const pending = [...core.notices.outboxes.values()].flatMap((state) => Object.values(state.pending));
  pending.sort((a, b) => a.notBeforeMs - b.notBeforeMs);
  const items = pending
    .slice(0, SHOWN_MAX)
    .map((delivery) => noticeView(delivery, delivery.sending ? 'sending' : 'queued', null, null));
  const sending = pending.filter((delivery) => delivery.sending).length;
  const announcements = core.notices.announcer.state.open.length;
  return found<'getOutbox'>({ items, waiting: pending.length - sending, sending, announcements });
}

/** Filters while paging: a page may come back short with a cursor, never wrongly ended. */
async function log(
  core: Core,
  { account, text, kind, channel, state, fromMs, toMs, ...page }: OpParams<'getNotices'>,
): Promise<OpOutcome> {
  const wanted = text?.trim().toLowerCase() ?? '';
  const fits = (view: NoticeView): boolean =>
    (kind === undefined || view.kind === kind) &&
    (channel === undefined || view.channel === channel) &&
    (state === undefined || view.state === state) &&
    [view.id, view.account ?? '', view.person ?? '', view.about, view.text].join(' ').toLowerCase().includes(wanted);
  const items: NoticeView[] = [];
  let { cursor } = page;
  for (let round = 0; round < ROUNDS_MAX && items.length < page.limit; round++) {
    const result = await core.options.store.range({
      ...{ kind: 'notice', index: account === undefined ? 'all' : `account:${account}`, newestFirst: true },
      limit: page.limit - items.length,
      ...(fromMs === undefined ? {} : { min: fromMs }),
      ...(toMs === undefined ? {} : { max: toMs }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    items.push(...result.items.map(({ value }) => noticeViewSchema.parse(value)).filter(fits));
    cursor = result.cursor ?? undefined;
    if (cursor === undefined) break;
  }
  return found<'getNotices'>({ items, cursor: cursor ?? null });
}
