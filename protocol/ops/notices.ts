/** Notices: the outbox, the log, dead letters, texts, ways, preferences, the duty roster, browsers that take pushes. */
import { z } from 'zod';
import {
  accountNoticesSchema,
  dutyRosterSchema,
  noticeChannels,
  noticeKinds,
  noticeLanguages,
  noticeRulesSchema,
  noticeSettingsSchema,
  noticeStates,
  noticeTextSchema,
  noticeViewSchema,
  pushSubscriptionSchema,
} from '../notices.ts';
import { textMistakes } from '../noticeTexts.ts';
import { alarmKinds } from '../wall.ts';
import { desk, everyone, id, insiders, managers, ok, op, page } from './op.ts';

const time = z.coerce.number().optional();
const notices = z.strictObject({ items: z.array(noticeViewSchema), cursor: z.string().nullable() });
const person = z.strictObject({ id: z.string(), name: z.string() });
/** Kept by an operator's browser, never shown again. */
const endpoint = z.strictObject({ endpoint: pushSubscriptionSchema.shape.endpoint });

export const noticesOps = {
  getNotices: op({
    kind: 'query',
    method: 'GET',
    path: '/api/notices',
    who: everyone,
    scope: 'filtered',
    summary: 'Notices sent, waiting and failed, newest first; of one account or of all',
    params: z.strictObject({
      account: id.optional(),
      text: z.string().max(80).optional(),
      kind: z.enum(noticeKinds).optional(),
      channel: z.enum(noticeChannels).optional(),
      state: z.enum(noticeStates).optional(),
      fromMs: time,
      toMs: time,
      ...page,
    }),
    result: notices,
  }),
  getOutbox: op({
    kind: 'query',
    method: 'GET',
    path: '/api/notices/outbox',
    who: everyone,
    scope: 'filtered',
    summary: 'What is waiting to be sent or being sent, the next first',
    params: z.strictObject({}),
    result: z.strictObject({
      items: z.array(noticeViewSchema),
      waiting: z.int(),
      sending: z.int(),
      /** Announcements that are still being turned into notices. */
      announcements: z.int(),
    }),
  }),
  getDeadNotices: op({
    kind: 'query',
    method: 'GET',
    path: '/api/notices/dead',
    who: everyone,
    scope: 'filtered',
    summary: 'Notices given up, newest first',
    params: z.strictObject({ ...page }),
    result: notices,
  }),
  sendNoticeAgain: op({
    kind: 'command',
    method: 'POST',
    path: '/api/notices/{notice}/again',
    who: desk,
    summary: 'Try a notice that was given up once more, under its own id',
    params: z.strictObject({ notice: id }),
    result: ok,
  }),
  testNotice: op({
    kind: 'command',
    method: 'POST',
    path: '/api/notices/test',
    who: managers,
    summary: 'Send a test message on a channel',
    params: z.strictObject({
      channel: z.enum(noticeChannels),
      /** E-mail address, phone number, OpenID, or the login name whose browsers take pushes. */
      address: z.string().trim().min(2).max(120),
      language: z.enum(noticeLanguages),
    }),
    result: z.strictObject({ notice: z.string() }),
  }),
  getNoticeSettings: op({
    kind: 'query',
    method: 'GET',
    path: '/api/notices/settings',
    // It names the phones of colleagues.
    who: insiders,
    scope: 'filtered',
    summary: 'Texts, rules, the duty roster, and by which ways this installation can send',
    params: z.strictObject({}),
    result: z.strictObject({
      settings: noticeSettingsSchema,
      available: z.array(z.enum(noticeChannels)),
      /** For `PushManager.subscribe`; null: this installation sends no pushes. */
      pushKey: z.string().nullable(),
      onDuty: z.array(person),
      calls: z.array(
        z.strictObject({
          alarm: z.string(),
          kind: z.enum(alarmKinds),
          place: z.string(),
          sinceMs: z.number(),
          step: z.int(),
          person: person.nullable(),
          calledMs: z.number(),
          nextMs: z.number().nullable(),
        }),
      ),
    }),
  }),
  setNoticeText: op({
    kind: 'command',
    method: 'POST',
    path: '/api/notices/texts',
    who: managers,
    summary: 'Set the text of a kind and language',
    params: z.strictObject({ ...noticeTextSchema.shape }).superRefine((text, context) => {
      for (const mistake of textMistakes(text))
        context.addIssue({ code: 'custom', path: ['text'], message: `${mistake} is no place of this notice` });
    }),
    result: ok,
  }),
  resetNoticeText: op({
    kind: 'command',
    method: 'POST',
    path: '/api/notices/texts/reset',
    who: managers,
    summary: 'Return to the built-in text of a kind and language',
    params: z.strictObject({ kind: z.enum(noticeKinds), language: z.enum(noticeLanguages) }),
    result: ok,
  }),
  setNoticeRules: op({
    kind: 'command',
    method: 'POST',
    path: '/api/notices/rules',
    who: managers,
    summary: 'Set ways per kind, quiet hours and the rate',
    params: z.strictObject({ rules: noticeRulesSchema }),
    result: ok,
  }),
  setDutyRoster: op({
    kind: 'command',
    method: 'POST',
    path: '/api/notices/duty',
    who: managers,
    summary: 'Set the people and shifts of the duty roster',
    params: z.strictObject({ duty: dutyRosterSchema }),
    result: ok,
  }),
  getAccountNotices: op({
    kind: 'query',
    method: 'GET',
    path: '/api/accounts/{account}/notices',
    who: desk,
    summary: 'By which ways a tenant wants to be told',
    params: z.strictObject({ account: id }),
    result: z.strictObject({ notices: accountNoticesSchema }),
  }),
  setAccountNotices: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/notices',
    who: desk,
    summary: 'Set by which ways a tenant is told',
    params: z.strictObject({ account: id, notices: accountNoticesSchema }),
    result: ok,
  }),
  addPushSubscription: op({
    kind: 'command',
    method: 'POST',
    path: '/api/notices/push',
    who: insiders,
    scope: 'open',
    summary: 'Let this browser take pushes for whoever is logged in',
    params: z.strictObject({ ...pushSubscriptionSchema.shape }),
    result: ok,
  }),
  removePushSubscription: op({
    kind: 'command',
    method: 'POST',
    path: '/api/notices/push/remove',
    who: insiders,
    scope: 'open',
    summary: 'Send no more pushes to this browser',
    params: endpoint,
    result: ok,
  }),
} as const;
