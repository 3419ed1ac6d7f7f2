/** What is signed, by the providers' own worked examples; what is configured; which addresses a push may go to. */
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signedHeaders } from '../../server/notices/aliyun.ts';
import { channelsOf, noticeConfig } from '../../server/notices/config.ts';
import { signature } from '../../server/notices/http.ts';
import { pushAllowed } from '../../server/notices/push.ts';
import { vapidKeys } from '../../server/notices/vapid.ts';

describe('signatures', () => {
  it('ACS3-HMAC-SHA256 is that of Alibaba Cloud’s worked example', () => {
    // "V3 request structure and signature", RunInstances of 2023-10-26.
    const request = {
      ...{ host: 'ecs.cn-shanghai.aliyuncs.com', action: 'RunInstances', version: '2014-05-26', body: '' },
      ...{ date: '2023-10-26T10:22:32Z', nonce: '3156853299f313e23d1673dc12e1703d' },
      query: { RegionId: 'cn-shanghai', ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd' },
    };
    expect(signedHeaders(request, 'YourAccessKeyId', 'YourAccessKeySecret').authorization).toBe(
      'ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,' +
        'Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
    );
  });
  it('of the adapter is what openssl makes of the same text', () => {
    // printf '1.n.{}' | openssl dgst -sha256 -hmac k
    expect(signature('k', '1', 'n', '{}')).toBe('v1=4e8eabcbd8775f98e18fb6f3fc9e7b476bcc035484c87c2ce85ad97ad22507c2');
  });
});

describe('the configuration', () => {
  const secret = 's'.repeat(32);
  it('is nothing by default, and then nothing is sent', () => {
    const read = noticeConfig({});
    expect(read.ok && [...channelsOf(read.config)]).toEqual([]);
  });
  it('names a channel for each part that is there', () => {
    const read = noticeConfig({
      ...{ SMTP_URL: 'smtp://127.0.0.1:25', MAIL_FROM: 'Site <site@example.com>' },
      ...{
        NOTICE_HTTP_URL: 'http://127.0.0.1:1/notices',
        NOTICE_HTTP_SECRET: secret,
        NOTICE_HTTP_CHANNELS: 'voice, wechat',
      },
      ...{ ALIYUN_ACCESS_KEY_ID: 'id', ALIYUN_ACCESS_KEY_SECRET: 'k', ALIYUN_SMS_SIGN: 'S' },
      ALIYUN_SMS_TEMPLATES: 'lowBalance.zh=SMS_1,tripped.en=SMS_2',
      ...{ PUSH_SUBJECT: 'mailto:a@example.com', PUSH_HOSTS: '.push.example.com' },
    });
    expect(read.ok && [...channelsOf(read.config)].sort()).toEqual(['email', 'push', 'sms', 'voice', 'wechat']);
    expect(read.ok && read.config.aliyun?.templates.get('tripped.en')).toBe('SMS_2');
  });
  it.each([
    [{ SMTP_URL: 'http://mail', MAIL_FROM: 'a@b.c' }, 'SMTP_URL'],
    [{ SMTP_URL: 'smtp://mail' }, 'MAIL_FROM: missing'],
    [{ NOTICE_HTTP_URL: 'https://a', NOTICE_HTTP_SECRET: 'short-and-secret' }, 'NOTICE_HTTP_SECRET'],
    [{ NOTICE_HTTP_URL: 'file:///etc/passwd', NOTICE_HTTP_SECRET: 's'.repeat(32) }, 'NOTICE_HTTP_URL'],
    [{ ALIYUN_ACCESS_KEY_SECRET: 'short-and-secret' }, 'ALIYUN_ACCESS_KEY_ID'],
    [{ ALIYUN_SMS_TEMPLATES: 'low=SMS_1' }, 'ALIYUN_SMS_TEMPLATES'],
  ])('%j is refused in one line that names the variable and no value', (env, named) => {
    const read = noticeConfig(env);
    expect(read.ok).toBe(false);
    if (read.ok) return;
    expect(read.why).toContain(named);
    expect(read.why).not.toContain('\n');
    expect(read.why).not.toContain('short-and-secret');
  });
});

describe('pushes', () => {
  it.each([
    ['https://fcm.googleapis.com/fcm/send/x', true],
    ['https://wns2-par02p.notify.windows.com/w/?token=x', true],
    ['https://evil.example.com/x', false],
    ['https://fcm.googleapis.com.evil.com/x', false],
    ['https://evilnotify.windows.com/x', false],
    ['http://fcm.googleapis.com/x', false],
    ['http://169.254.169.254/latest', false],
    ['http://127.0.0.1:9/push/1', true],
    ['http://127.0.0.1:10/push/1', false],
  ])('to %s: %s', (endpoint, allowed) => {
    expect(pushAllowed(endpoint, ['fcm.googleapis.com', '.notify.windows.com', '127.0.0.1:9'])).toBe(allowed);
  });
  it('keep one key pair, which its owner alone can read', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'wattroom-vapid-')), 'vapid.json');
    const made = vapidKeys(file);
    expect(vapidKeys(file)).toEqual(made);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(made.publicKey, 'base64url')).toHaveLength(65);
    expect(Buffer.from(made.privateKey, 'base64url')).toHaveLength(32);
    expect(readFileSync(file, 'utf8')).toContain(made.publicKey);
  });
});
