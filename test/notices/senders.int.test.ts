/** Every sender against a real server on loopback: what arrives, what is refused, what a repeat looks like. */
import { createECDH, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NoticeChannel, OutgoingNotice } from '../../protocol/notices.ts';
import { noticeConfig } from '../../server/notices/config.ts';
import { signature } from '../../server/notices/http.ts';
import { noticeSender, type Sender } from '../../server/notices/sender.ts';
import { startHttpReceiver, type HttpReceiver } from '../../simulators/receivers/http.ts';
import { startMailReceiver, type MailReceiver } from '../../simulators/receivers/mail.ts';
import { Inbox } from '../../simulators/receivers/received.ts';

const SECRET = 'adapter-secret-of-more-than-32-characters';
const KEY_SECRET = 'provider-secret';
let inbox: Inbox;
let mail: MailReceiver;
let http: HttpReceiver;
let sender: Sender;
const nowMs = Date.parse('2026-06-01T04:00:00Z');

const envFor = (sms: 'adapter' | 'aliyun'): Record<string, string> => ({
  DATA_DIR: mkdtempSync(join(tmpdir(), 'wattroom-send-')),
  ...{ SMTP_URL: `smtp://127.0.0.1:${mail.port}`, MAIL_FROM: '演示 <site@example.com>' },
  ...{ NOTICE_HTTP_URL: `http://127.0.0.1:${http.port}/notices`, NOTICE_HTTP_SECRET: SECRET },
  ...{ PUSH_SUBJECT: 'mailto:site@example.com', PUSH_HOSTS: `127.0.0.1:${http.port}` },
  ...(sms === 'adapter'
    ? {}
    : {
        ...{ NOTICE_HTTP_CHANNELS: 'voice,wechat', ALIYUN_SMS_URL: `http://127.0.0.1:${http.port}` },
        ...{ ALIYUN_ACCESS_KEY_ID: 'key-id', ALIYUN_ACCESS_KEY_SECRET: KEY_SECRET, ALIYUN_SMS_SIGN: '示例园区' },
        ALIYUN_SMS_TEMPLATES: 'lowBalance.zh=SMS_1',
      }),
});
function senderOf(env: Record<string, string>): Sender {
  const read = noticeConfig(env);
  if (!read.ok) throw new Error(read.why);
  return noticeSender(read.config, () => nowMs);
}
const notice = (channel: NoticeChannel, address: string, more: Partial<OutgoingNotice> = {}): OutgoingNotice => ({
  ...{ id: 'site-1-1', attempt: 1, kind: 'lowBalance', channel, address, language: 'zh' },
  ...{ subject: 'A-101 余额不足', text: '余额 ¥12.34，请及时充值。', values: { room: 'A-101', balance: '¥12.34' } },
  ...{ subscriptions: [], ...more },
});

beforeEach(async () => {
  inbox = new Inbox();
  mail = await startMailReceiver(inbox);
  http = await startHttpReceiver({
    ...{ inbox, secret: SECRET, nowMs: () => nowMs },
    aliyun: { keyId: 'key-id', keySecret: KEY_SECRET },
  });
  sender = senderOf(envFor('adapter'));
});
afterEach(async () => {
  await mail.stop();
  await http.stop();
});

describe('e-mail', () => {
  it('arrives with its text and id', async () => {
    expect(await sender.send(notice('email', 'li@example.com'))).toMatchObject({
      id: 'site-1-1',
      result: { ok: true },
    });
    expect(inbox.all).toEqual([
      {
        id: 'site-1-1',
        way: 'mail',
        channel: 'email',
        to: 'li@example.com',
        text: '余额 ¥12.34，请及时充值。',
        times: 1,
      },
    ]);
  });
  it('a mailbox that does not exist is final, a busy server is not', async () => {
    mail.fault = 'permanent';
    expect((await sender.send(notice('email', 'li@example.com'))).result).toEqual({
      ok: false,
      permanent: true,
      error: 'SMTP 550',
    });
    mail.fault = 'temporary';
    expect((await sender.send(notice('email', 'li@example.com'))).result).toMatchObject({
      ok: false,
      permanent: false,
    });
    expect(inbox.all).toEqual([]);
  });
  it('an address cannot smuggle in a second reader or a header', async () => {
    await sender.send(notice('email', 'li@example.com', { subject: 'a\r\nBcc: other@example.com' }));
    expect(inbox.all.map(({ to }) => to)).toEqual(['li@example.com']);
  });
  it('a server that is away is no refusal, and its password is not in the error', async () => {
    const away = senderOf({ ...envFor('adapter'), SMTP_URL: 'smtp://user:the-password@127.0.0.1:1' });
    const { result } = await away.send(notice('email', 'li@example.com'));
    expect(result).toMatchObject({ ok: false, permanent: false });
    expect(JSON.stringify(result)).not.toContain('the-password');
  });
  it('a password is not sent over a connection that stays open to all', async () => {
    const open = senderOf({ ...envFor('adapter'), SMTP_URL: `smtp://user:the-password@127.0.0.1:${mail.port}` });
    expect((await open.send(notice('email', 'li@example.com'))).result).toMatchObject({ ok: false });
    expect(inbox.all).toEqual([]);
  });
});

describe('the signed adapter', () => {
  it.each(['sms', 'voice', 'wechat'] as const)('takes %s once, however often it comes', async (channel) => {
    for (let i = 0; i < 3; i++)
      expect((await sender.send(notice(channel, '13800001234'))).result).toEqual({ ok: true });
    expect(inbox.all).toMatchObject([{ id: 'site-1-1', way: 'adapter', channel, to: '13800001234', times: 3 }]);
  });
  it('an answer that is lost is no success, and the repeat has the same id', async () => {
    http.silent = true;
    expect((await sender.send(notice('sms', '13800001234'))).result).toMatchObject({ ok: false, permanent: false });
    http.silent = false;
    expect((await sender.send(notice('sms', '13800001234', { attempt: 2 }))).result).toEqual({ ok: true });
    expect(inbox.all).toMatchObject([{ id: 'site-1-1', times: 2 }]);
  });
  it('a wrong secret, an old timestamp and a replay are refused by the receiver', async () => {
    const other = senderOf({ ...envFor('adapter'), NOTICE_HTTP_SECRET: 'x'.repeat(40) });
    expect((await other.send(notice('sms', '1380000'))).result).toMatchObject({ permanent: true, error: 'HTTP 401' });
    const past = noticeConfig(envFor('adapter'));
    if (!past.ok) throw new Error(past.why);
    const late = noticeSender(past.config, () => nowMs - 301_000);
    expect((await late.send(notice('sms', '1380000'))).result).toMatchObject({ permanent: true, error: 'HTTP 401' });
    expect(inbox.all).toEqual([]);
  });
  it('the same request twice is a replay', async () => {
    const body = JSON.stringify({ id: 'x', channel: 'sms', to: '138', text: 't' });
    const timestamp = String(Math.floor(nowMs / 1000));
    const headers = {
      ...{ 'idempotency-key': 'x', 'x-wattroom-timestamp': timestamp, 'x-wattroom-nonce': 'once' },
      'x-wattroom-signature': signature(SECRET, timestamp, 'once', body),
    };
    const post = (text: string) =>
      fetch(`http://127.0.0.1:${http.port}/notices`, { method: 'POST', headers, body: text }).then(
        ({ status }) => status,
      );
    expect(await post(body)).toBe(200);
    expect(await post(body)).toBe(409);
    expect(await post(body.replace('138', '139'))).toBe(401);
  });
  it.each([
    [503, false],
    [429, false],
    [400, true],
    [302, true],
  ])('HTTP %d: final %s', async (status, permanent) => {
    http.fault = status;
    expect((await sender.send(notice('sms', '1380000'))).result).toEqual({
      ok: false,
      permanent,
      error: `HTTP ${status}`,
    });
  });
});

describe('Aliyun SMS', () => {
  it('arrives signed, with the approved template and our places', async () => {
    sender = senderOf(envFor('aliyun'));
    expect((await sender.send(notice('sms', '138 0000-1234'))).result).toEqual({ ok: true });
    expect(inbox.all).toMatchObject([{ id: 'site-1-1', way: 'aliyun', to: '13800001234' }]);
    expect(inbox.all[0]?.text).toBe('SMS_1 {"room":"A-101","balance":"¥12.34"}');
  });
  it('a wrong key is final and says so; a kind without a template is not sent', async () => {
    sender = senderOf({ ...envFor('aliyun'), ALIYUN_ACCESS_KEY_SECRET: 'other' });
    expect((await sender.send(notice('sms', '1380000'))).result).toEqual({
      ok: false,
      permanent: true,
      error: 'SignatureDoesNotMatch',
    });
    expect((await sender.send(notice('sms', '1380000', { kind: 'opened' }))).result).toMatchObject({ permanent: true });
    expect(inbox.all).toEqual([]);
  });
});

describe('Web Push', () => {
  const subscription = (path: string, port = http.port) => {
    const browser = createECDH('prime256v1');
    browser.generateKeys();
    const auth = randomBytes(16).toString('base64url');
    return { endpoint: `http://127.0.0.1:${port}${path}`, p256dh: browser.getPublicKey('base64url'), auth };
  };
  it('reaches every browser, encrypted', async () => {
    const subscriptions = [subscription('/push/a'), subscription('/push/b')];
    expect((await sender.send(notice('push', 'anna', { subscriptions }))).result).toEqual({ ok: true });
    expect(inbox.all.map(({ to }) => to).sort()).toEqual(['/push/a', '/push/b']);
  });
  it('forgets browsers that are gone and hosts that are not configured', async () => {
    http.fault = 410;
    const subscriptions = [subscription('/push/a'), subscription('/push/b', 9)];
    const { gone, result } = await sender.send(notice('push', 'anna', { subscriptions }));
    expect(gone).toEqual(subscriptions.map(({ endpoint }) => endpoint));
    expect(result).toMatchObject({ ok: false, permanent: true, nowhere: true });
  });
  it('says that nobody is there where no browser has subscribed', async () => {
    expect((await sender.send(notice('push', 'anna'))).result).toMatchObject({ ok: false, nowhere: true });
  });
});

it('what no sender is configured for is final', async () => {
  const none = senderOf({});
  expect((await none.send(notice('wechat', 'openid'))).result).toMatchObject({ ok: false, permanent: true });
});
