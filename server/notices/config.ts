/**
 * By which ways this installation sends notices: all of it, hosts and secrets, from the environment; nothing of it is
 * journaled or logged. A wrong variable is one clear line that names it and never repeats its value.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { noticeKinds, noticeLanguages, type NoticeChannel } from '../../protocol/notices.ts';

export type MailConfig = { readonly url: string; readonly from: string };
export type HttpConfig = { readonly url: string; readonly secret: string; readonly channels: readonly NoticeChannel[] };
export type AliyunConfig = {
  readonly url: string;
  readonly keyId: string;
  readonly keySecret: string;
  readonly signName: string;
  /** `lowBalance.zh` → the code of the template approved by the provider. */
  readonly templates: ReadonlyMap<string, string>;
};
export type PushConfig = { readonly subject: string; readonly hosts: readonly string[]; readonly keyFile: string };
export type NoticeConfig = {
  readonly mail: MailConfig | null;
  readonly http: HttpConfig | null;
  readonly aliyun: AliyunConfig | null;
  readonly push: PushConfig | null;
};

const httpUrl = z.url({ protocol: /^https?$/ });
const adapterChannels = ['sms', 'voice', 'wechat'] as const;
const template = new RegExp(`^(${noticeKinds.join('|')})\\.(${noticeLanguages.join('|')})=([A-Za-z0-9_]+)$`);

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
const schema = z.object({
  DATA_DIR: z.string().min(1).default('./data'),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'smtp://user:password@host:port or smtps://…' }).optional(),
  MAIL_FROM: z.string().min(3).optional(),
  NOTICE_HTTP_URL: httpUrl.optional(),
  NOTICE_HTTP_SECRET: z.string().min(32, 'at least 32 characters').optional(),
  NOTICE_HTTP_CHANNELS: z
    .string()
    .transform(listOf)
    .pipe(z.array(z.enum(adapterChannels)).min(1))
    .default([...adapterChannels]),
  ALIYUN_SMS_URL: httpUrl.default('https://dysmsapi.aliyuncs.com'),
  ALIYUN_ACCESS_KEY_ID: z.string().min(1).optional(),
  ALIYUN_ACCESS_KEY_SECRET: z.string().min(1).optional(),
  ALIYUN_SMS_SIGN: z.string().min(1).optional(),
  ALIYUN_SMS_TEMPLATES: z
    .string()
    .transform(listOf)
    .pipe(z.array(z.string().regex(template, 'kind.language=code, such as lowBalance.zh=SMS_123')))
    .optional(),
  PUSH_SUBJECT: z
    .string()
    .regex(/^(mailto:|https:)/, 'mailto:… or https:…')
    .optional(),
  PUSH_HOSTS: z
    .string()
    .transform(listOf)
    .pipe(z.array(z.string().min(1)).min(1))
    .optional(),
});

export type NoticesConfigured =
  { readonly ok: true; readonly config: NoticeConfig } | { readonly ok: false; readonly why: string };

/** Variables that belong together: all or none. */
const together = [
  ['SMTP_URL', 'MAIL_FROM'],
  ['NOTICE_HTTP_URL', 'NOTICE_HTTP_SECRET'],
  ['ALIYUN_ACCESS_KEY_ID', 'ALIYUN_ACCESS_KEY_SECRET', 'ALIYUN_SMS_SIGN', 'ALIYUN_SMS_TEMPLATES'],
  ['PUSH_SUBJECT', 'PUSH_HOSTS'],
] as const;

export function noticeConfig(env: Readonly<Record<string, string | undefined>>): NoticesConfigured {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: expected ${issue.message}`);
    return { ok: false, why: lines.join('; ') };
  }
  const e = parsed.data;
  for (const names of together) {
    const missing = names.filter((name) => e[name] === undefined);
    if (missing.length > 0 && missing.length < names.length)
      return { ok: false, why: `${missing.join(', ')}: missing beside ${names.filter((n) => e[n]).join(', ')}` };
  }
  const aliyun = aliyunOf(e);
  const http =
    e.NOTICE_HTTP_URL && e.NOTICE_HTTP_SECRET
      ? { url: e.NOTICE_HTTP_URL, secret: e.NOTICE_HTTP_SECRET, channels: e.NOTICE_HTTP_CHANNELS }
      : null;
  if (aliyun && http?.channels.includes('sms'))
    return { ok: false, why: 'NOTICE_HTTP_CHANNELS: without sms, as ALIYUN_ACCESS_KEY_ID says who sends these' };
  return {
    ok: true,
    config: {
      mail: e.SMTP_URL && e.MAIL_FROM ? { url: e.SMTP_URL, from: e.MAIL_FROM } : null,
      ...{ http, aliyun },
      push:
        e.PUSH_SUBJECT && e.PUSH_HOSTS
          ? { subject: e.PUSH_SUBJECT, hosts: e.PUSH_HOSTS, keyFile: join(e.DATA_DIR, 'vapid.json') }
          : null,
    },
  };
}

function aliyunOf(e: z.infer<typeof schema>): AliyunConfig | null {
  const { ALIYUN_ACCESS_KEY_ID: keyId, ALIYUN_ACCESS_KEY_SECRET: keySecret } = e;
  const { ALIYUN_SMS_SIGN: signName, ALIYUN_SMS_TEMPLATES: list } = e;
  if (!keyId || !keySecret || !signName || !list) return null;
  const templates = new Map(list.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
  return { url: e.ALIYUN_SMS_URL, keyId, keySecret, signName, templates };
}

export function channelsOf({ mail, http, aliyun, push }: NoticeConfig): Set<NoticeChannel> {
  return new Set<NoticeChannel>([
    ...(mail ? (['email'] as const) : []),
    ...(http?.channels ?? []),
    ...(aliyun ? (['sms'] as const) : []),
    ...(push ? (['push'] as const) : []),
  ]);
}
