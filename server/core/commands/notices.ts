/** What people do with notices. */
import { z } from 'zod';
import { isIP } from 'node:net';
import { emailAddress, phoneNumber, type NoticeSettings } from '../../../protocol/notices.ts';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import type { noticesOps } from '../../../protocol/ops/notices.ts';
import { accept, type Request } from '../../domain/messages.ts';
import { render } from '../../domain/notice/address.ts';
import { deliverySchema } from '../../domain/notice/delivery.ts';
import type { Core } from '../core.ts';
import { shardOfId, type Extra } from '../notices.ts';
import { configure, refusal, type Routes } from './route.ts';

type Commands = { [N in keyof typeof noticesOps]: (typeof noticesOps)[N]['kind'] extends 'command' ? N : never };
export type NoticeCommand = Commands[keyof Commands];

export const deadSchema = z.strictObject({ delivery: deliverySchema, error: z.string(), diedMs: z.number() });
const done = { ok: true } as const;

export const noticeRoutes: Routes<NoticeCommand> = {
  sendNoticeAgain,
  testNotice,
  setNoticeText: (core, text, request) => {
    const others = core.notices.settings.templates.filter(
      ({ kind, language }) => kind !== text.kind || language !== text.language,
    );
    return change(core, request, { templates: [...others, text] });
  },
  resetNoticeText: (core, { kind, language }, request) => {
    const templates = core.notices.settings.templates.filter((one) => one.kind !== kind || one.language !== language);
    return change(core, request, { templates });
  },
  setNoticeRules: (core, { rules }, request) => change(core, request, { rules }),
  setDutyRoster: (core, { duty }, request) => change(core, request, { duty }),
  setAccountNotices: (core, { account, notices }, request) => {
    const value = core.directory.get('account', account);
    if (!value) return refusal('notFound', 'there is no such account');
    return configure(core, request, [{ kind: 'account', id: account, value: { ...value, notices } }], done);
  },
  addPushSubscription: (core, { endpoint, p256dh, auth }, request) => {
    if (core.notices.pushKey === null) return refusal('invalid', 'this installation sends no pushes');
    const index = { [`operator:${request.operator}`]: core.context().nowMs };
    const value = { endpoint, p256dh, auth };
    return keep(core, request, { events: [], records: [{ kind: 'pushSubscription', id: endpoint, value, index }] });
  },
  removePushSubscription: (core, { endpoint }, request) =>
    keep(core, request, { events: [], records: [{ kind: 'pushSubscription', id: endpoint, value: null }] }),
};

function change(core: Core, request: Request, part: Partial<NoticeSettings>): Promise<OpOutcome> {
  return configure(
    core,
    request,
    [{ kind: 'notices', id: 'site', value: { ...core.notices.settings, ...part } }],
    done,
  );
}

/** Appends it with the answer; resolves when both are durable. */
function keep(
  core: Core,
  request: Request,
  { events, records }: Extra,
  result: Record<string, string | boolean> = done,
): Promise<OpOutcome> {
  const { record } = accept(request, result, core.context().nowMs);
  core.committer.append(events, [...records, record]);
  return new Promise((resolve) => core.committer.whenDurable(() => resolve({ ok: true, result })));
}

async function sendNoticeAgain(
  core: Core,
  { notice }: OpParams<'sendNoticeAgain'>,
  request: Request,
): Promise<OpOutcome> {
  const value = await core.options.store.get('deadNotice', notice);
  if (!value) return refusal('notFound', 'this notice has not been given up');
  const { delivery } = deadSchema.parse(value);
  const shard = shardOfId(delivery.id);
  if (!core.notices.roomIn(shard)) return refusal('tooMany', 'too many notices are waiting already');
  const out: Extra = { events: [], records: [] };
  core.notices.apply(shard, { type: 'Again', delivery }, out);
  return keep(core, request, out);
}

function testNotice(
  core: Core,
  { channel, address, language }: OpParams<'testNotice'>,
  request: Request,
): OpOutcome | Promise<OpOutcome> {
  const { notices } = core;
  if (!notices.channels.has(channel)) return refusal('invalid', `channel: ${channel} is not configured`);
  const wrong =
    channel === 'email'
      ? !emailAddress.safeParse(address).success
      : (channel === 'sms' || channel === 'voice') && !phoneNumber.safeParse(address).success;
  if (wrong || isIP(address) !== 0) return refusal('invalid', 'address: not one of this channel');
  const around = notices.surroundings();
  const message = { kind: 'test' as const, about: request.operator, values: { time: around.nowMs } };
  const drafts = render({ account: null, person: null, language }, message, [{ channel, address }], around);
  const shard = notices.shardOf(address);
  if (!notices.roomIn(shard)) return refusal('tooMany', 'too many notices are waiting already');
  const out: Extra = { events: [], records: [] };
  notices.apply(shard, { type: 'Queue', drafts, overtakes: null }, out);
  const id = `${core.directory.site.id}-${shard}-${notices.outbox(shard).taken}`;
  return keep(core, request, out, { notice: id });
}
