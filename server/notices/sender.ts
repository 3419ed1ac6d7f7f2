/** Sends one notice by its channel and says what became of it. Lives in the gateway process; never throws. */
import type { Delivered, OutgoingNotice, SendResult } from '../../protocol/notices.ts';
import { aliyunSms } from './aliyun.ts';
import type { NoticeConfig } from './config.ts';
import { httpAdapter } from './http.ts';
import { mailer } from './mail.ts';
import { pusher } from './push.ts';

export type Sender = { readonly send: (notice: OutgoingNotice) => Promise<Delivered> };
export type Way = (notice: OutgoingNotice) => Promise<SendResult & { readonly gone?: readonly string[] }>;

export const failed = (permanent: boolean, error: string): SendResult => ({ ok: false, permanent, error });

/** What HTTP servers mean: busy or broken may pass, a refusal will not. */
export const refusedFor = (status: number): SendResult =>
  failed(status < 500 && status !== 408 && status !== 425 && status !== 429, `HTTP ${status}`);

export function noticeSender(config: NoticeConfig, nowMs: () => number): Sender {
  const mail = config.mail ? mailer(config.mail) : null;
  const http = config.http ? httpAdapter(config.http, nowMs) : null;
  const aliyun = config.aliyun ? aliyunSms(config.aliyun, nowMs) : null;
  const push = config.push ? pusher(config.push) : null;
  const wayOf = ({ channel }: OutgoingNotice): Way | null => {
    if (channel === 'email') return mail;
    if (channel === 'push') return push;
    if (channel === 'sms' && aliyun) return aliyun;
    return config.http?.channels.includes(channel) ? http : null;
  };
  return {
    async send(notice) {
      const { id } = notice;
      const way = wayOf(notice);
      if (!way) return { id, result: failed(true, `no sender is configured for ${notice.channel}`), gone: [] };
      try {
        const { gone = [], ...result } = await way(notice);
        return { id, result, gone };
      } catch (error) {
        return { id, result: failed(false, nameOf(error)), gone: [] };
      }
    },
  };
}

/** A code or a class, never a message: these may quote an address with a password in it. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const { cause } = error;
  for (const one of [error, cause])
    if (one instanceof Error && 'code' in one && typeof one.code === 'string') return one.code;
  return error.name;
}
