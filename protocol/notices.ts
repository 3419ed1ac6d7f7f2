/** Notices: which there are, what each may say, by which way, and what a site chooses about them. Core, senders and screens share this. */
import { z } from 'zod';

export const noticeKinds = [
  'lowBalance',
  'aboutToTrip',
  'tripped',
  'restored',
  'rechargeArrived',
  'opened',
  'tariffChange',
  'creditLimit',
  'contractEnds',
  /** To the person on duty: an alarm of priority 1 that nobody has acknowledged. */
  'dutyAlarm',
  /** To managers: one person has cut a room, a floor or a building. */
  'emergencyCut',
  /** To those who may approve it: a proposal waits for a second person. */
  'approvalWaits',
  'test',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];
/** What a tenant is told; the others go to people of the site. */
export const tenantKinds = [
  'lowBalance',
  'aboutToTrip',
  'tripped',
  'restored',
  'rechargeArrived',
  'opened',
  'tariffChange',
  'creditLimit',
  'contractEnds',
] as const satisfies readonly NoticeKind[];
export type TenantKind = (typeof tenantKinds)[number];
export type StaffKind = Exclude<NoticeKind, TenantKind | 'test'>;

export const noticeChannels = ['email', 'sms', 'voice', 'wechat', 'push'] as const;
export type NoticeChannel = (typeof noticeChannels)[number];
/** `push` reaches the browsers of operators only. */
export const tenantChannels = ['email', 'sms', 'voice', 'wechat'] as const satisfies readonly NoticeChannel[];
export type TenantChannel = (typeof tenantChannels)[number];

export const noticeLanguages = ['zh', 'en'] as const;
export type NoticeLanguage = (typeof noticeLanguages)[number];

/** money, difference: micro-yuan; hours, count: numbers; time: epoch ms; text as it is. Any may be null: not known. */
export type PlaceType = 'text' | 'money' | 'difference' | 'hours' | 'count' | 'time' | 'date' | 'alarm' | 'rule';
/** The places a text of a kind may have, by name. `link`: opens the explanation of the amount, made where a text has it. */
export const placesOf: Readonly<Record<NoticeKind, Readonly<Record<string, PlaceType>>>> = {
  lowBalance: {
    site: 'text',
    account: 'text',
    room: 'text',
    balance: 'money',
    level: 'money',
    hours: 'hours',
    link: 'text',
  },
  aboutToTrip: {
    site: 'text',
    account: 'text',
    room: 'text',
    balance: 'money',
    hours: 'hours',
    minutes: 'count',
    link: 'text',
  },
  tripped: {
    site: 'text',
    account: 'text',
    room: 'text',
    meter: 'text',
    balance: 'money',
    missing: 'money',
    link: 'text',
  },
  restored: { site: 'text', account: 'text', room: 'text', meter: 'text', balance: 'money', link: 'text' },
  rechargeArrived: { site: 'text', account: 'text', room: 'text', amount: 'money', balance: 'money', link: 'text' },
  opened: { site: 'text', account: 'text', room: 'text' },
  tariffChange: { site: 'text', account: 'text', room: 'text', tariff: 'text', from: 'time', difference: 'difference' },
  creditLimit: { site: 'text', account: 'text', room: 'text', unbilled: 'money', limit: 'money' },
  contractEnds: { site: 'text', account: 'text', room: 'text', until: 'date' },
  dutyAlarm: { site: 'text', alarm: 'alarm', place: 'text', since: 'time', step: 'count' },
  emergencyCut: { site: 'text', place: 'text', by: 'text', reason: 'text', since: 'time', count: 'count' },
  approvalWaits: { site: 'text', what: 'rule', by: 'text', reason: 'text', until: 'time' },
  test: { site: 'text', time: 'time' },
};

export const noticeValuesSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
export type NoticeValues = z.infer<typeof noticeValuesSchema>;

export const SUBJECT_MAX = 80;
export const TEXT_MAX = 500;
export const noticeTextSchema = z.strictObject({
  kind: z.enum(noticeKinds),
  language: z.enum(noticeLanguages),
  /** Of a mail or a push; the other ways carry the text alone. */
  subject: z.string().trim().min(1).max(SUBJECT_MAX),
  text: z.string().trim().min(1).max(TEXT_MAX),
});
export type NoticeText = z.infer<typeof noticeTextSchema>;

const minuteOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM');
const quietPolicy = z.enum(['send', 'hold']);
const personId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, . _ - (at most 64)');
export const emailAddress = z.email().max(120);
export const phoneNumber = z.string().regex(/^\+?[0-9][0-9 -]{4,28}$/, 'digits, spaces and hyphens');

export const dutyPersonSchema = z.strictObject({
  id: personId,
  name: z.string().trim().min(1).max(80),
  language: z.enum(noticeLanguages).default('zh'),
  /** Login name: whose browsers a push goes to. */
  operator: z.string().max(32).nullable().default(null),
  email: emailAddress.nullable().default(null),
  phone: phoneNumber.nullable().default(null),
  wechat: z.string().min(1).max(80).nullable().default(null),
  channels: z.array(z.enum(noticeChannels)).min(1).max(5),
});
export type DutyPerson = z.infer<typeof dutyPersonSchema>;

export const dutyShiftSchema = z.strictObject({
  /** 1 = Monday … 7 = Sunday: the days on which the shift begins. */
  days: z.array(z.int().min(1).max(7)).min(1).max(7),
  /** Of ISO weeks, for teams that take turns. */
  weeks: z.enum(['every', 'odd', 'even']).default('every'),
  from: minuteOfDay,
  /** Not after `from`: the next day. */
  to: minuteOfDay,
  /** Who is told first, who next. */
  order: z.array(personId).min(1).max(20),
});
export type DutyShift = z.infer<typeof dutyShiftSchema>;

export const dutyRosterSchema = z
  .strictObject({
    /** An alarm of priority 1 not acknowledged for so long goes to the next person. */
    nextAfterMinutes: z.int().min(1).max(240).default(10),
    /** How often the order is gone through before the calls end. */
    rounds: z.int().min(1).max(10).default(3),
    people: z.array(dutyPersonSchema).max(100).default([]),
    shifts: z.array(dutyShiftSchema).max(100).default([]),
  })
  .superRefine(({ people, shifts }, context) => {
    const known = new Set(people.map((person) => person.id));
    if (known.size !== people.length) context.addIssue({ code: 'custom', path: ['people'], message: 'each id once' });
    for (const [s, shift] of shifts.entries())
      for (const [p, id] of shift.order.entries())
        if (!known.has(id))
          context.addIssue({ code: 'custom', path: ['shifts', s, 'order', p], message: `no person has the id ${id}` });
  });
export type DutyRoster = z.infer<typeof dutyRosterSchema>;

const ways = z.array(z.enum(tenantChannels)).max(4);
const byMoney = ['sms', 'wechat', 'email'] as const;
const byNews = ['wechat', 'email'] as const;
export const noticeRulesSchema = z.strictObject({
  /** By which ways a tenant is told, where the account does not choose. */
  channels: z
    .strictObject({
      ...{ lowBalance: ways, aboutToTrip: ways, tripped: ways, restored: ways },
      ...{ rechargeArrived: ways, opened: ways, tariffChange: ways },
      /** What was chosen before there was this kind says nothing of it. */
      creditLimit: ways.default([...byMoney]),
      contractEnds: ways.default([...byNews]),
    })
    .default({
      lowBalance: [...byMoney],
      aboutToTrip: [...byMoney],
      tripped: [...byMoney],
      restored: [...byMoney],
      rechargeArrived: [...byNews],
      opened: [...byNews],
      tariffChange: [...byNews],
      creditLimit: [...byMoney],
      contractEnds: [...byNews],
    }),
  quiet: z
    .strictObject({
      /** Site time; notices wait until these end. */
      hours: z.array(z.strictObject({ from: minuteOfDay, to: minuteOfDay })).max(10),
      /** The last warning before a trip: sent by default, as the warning time runs from it. */
      aboutToTrip: quietPolicy,
      /** Alarms of priority 1 to the person on duty. */
      p1: quietPolicy,
    })
    .default({ hours: [{ from: '22:00', to: '08:00' }], aboutToTrip: 'send', p1: 'send' }),
  /** Tenants are reminded so many days before their contract ends, and staff see it in a list of its own. */
  contractDays: z.int().min(1).max(365).default(30),
  /** Deliveries a minute and channel, at most. */
  perMinuteMax: z.int().min(1).max(6_000).default(120),
});
export type NoticeRules = z.infer<typeof noticeRulesSchema>;

export const noticeSettingsSchema = z.strictObject({
  /** In place of the built-in texts. */
  templates: z.array(noticeTextSchema),
  rules: noticeRulesSchema,
  duty: dutyRosterSchema,
});
export type NoticeSettings = z.infer<typeof noticeSettingsSchema>;
/** What holds until a site chooses. */
export const defaultNoticeSettings: NoticeSettings = noticeSettingsSchema.parse({ templates: [], rules: {}, duty: {} });

/** What a tenant chose; an absent channel list follows the site's. */
export const accountNoticesSchema = z.strictObject({
  /** OpenID at the site's WeChat official account. */
  wechat: z.string().min(1).max(80).optional(),
  channels: z.partialRecord(z.enum(tenantKinds), z.array(z.enum(tenantChannels)).max(4)).optional(),
});
export type AccountNotices = z.infer<typeof accountNoticesSchema>;

/** unreachable: its reader has no address for any channel the notice may take, or no browser where a push could arrive. */
export const noticeStates = ['queued', 'sending', 'sent', 'dead', 'withdrawn', 'unreachable'] as const;
export type NoticeState = (typeof noticeStates)[number];

/** One notice on one channel, as the log shows it. */
export const noticeViewSchema = z.strictObject({
  /** The same at every attempt: what the receiver tells repeats by. */
  id: z.string(),
  kind: z.enum(noticeKinds),
  account: z.string().nullable(),
  person: z.string().nullable(),
  /** Wallet or alarm it is about. */
  about: z.string(),
  /** null: unreachable. */
  channel: z.enum(noticeChannels).nullable(),
  /** Masked. */
  address: z.string(),
  language: z.enum(noticeLanguages),
  subject: z.string(),
  text: z.string(),
  atMs: z.number(),
  state: z.enum(noticeStates),
  attempts: z.int(),
  /** Not sent before: a pause after a failure, or quiet hours. */
  notBeforeMs: z.number(),
  endedMs: z.number().nullable(),
  error: z.string().nullable(),
});
export type NoticeView = z.infer<typeof noticeViewSchema>;

/** A browser that takes pushes while no page is open (Push API). */
export const pushSubscriptionSchema = z.strictObject({
  endpoint: z.url().max(1_000),
  p256dh: z.string().regex(/^[A-Za-z0-9_-]{80,100}$/, 'base64url of a P-256 point'),
  auth: z.string().regex(/^[A-Za-z0-9_-]{16,32}$/, 'base64url of 16 bytes'),
});
export type PushSubscription = z.infer<typeof pushSubscriptionSchema>;

/** What a sender is given: a delivery, and for a push the browsers of its reader. */
export const outgoingNoticeSchema = z.strictObject({
  id: z.string(),
  attempt: z.int(),
  kind: z.enum(noticeKinds),
  channel: z.enum(noticeChannels),
  address: z.string(),
  language: z.enum(noticeLanguages),
  subject: z.string(),
  text: z.string(),
  values: z.record(z.string(), z.string()),
  subscriptions: z.array(pushSubscriptionSchema),
});
export type OutgoingNotice = z.infer<typeof outgoingNoticeSchema>;

/** What a sender says. `permanent`: trying again cannot help; `nowhere`: nobody is there to get it; `error` holds no secret and no address. */
export type SendResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly permanent: boolean; readonly error: string; readonly nowhere?: true };
/** `gone`: endpoints of browsers that are no longer subscribed. */
export type Delivered = { readonly id: string; readonly result: SendResult; readonly gone: readonly string[] };
