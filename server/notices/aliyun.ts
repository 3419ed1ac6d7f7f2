/**
 * SMS by Aliyun: SendSms, version 2017-05-25, signed by ACS3-HMAC-SHA256 (Alibaba Cloud, "V3 request structure and signature",
 * whose worked example is a test here). The provider keeps the approved templates: ours give the code and the places.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { AliyunConfig } from './config.ts';
import { failed, refusedFor, type Way } from './sender.ts';

const TIMEOUT_MS = 20_000;
const ALGORITHM = 'ACS3-HMAC-SHA256';

export type Acs3Request = {
  readonly host: string;
  readonly action: string;
  readonly version: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  /** `2023-10-26T10:22:32Z` */
  readonly date: string;
  readonly nonce: string;
};

/** RFC 3986: encodeURIComponent leaves !'()* alone. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The query string as it is signed and sent: names in order. */
export function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return Object.keys(query)
    .sort()
    .map((name) => `${encoded(name)}=${encoded(query[name] ?? '')}`)
    .join('&');
}

/** Headers of a signed POST to `/`. */
export function signedHeaders(request: Acs3Request, keyId: string, keySecret: string): Record<string, string> {
  const headers: Readonly<Record<string, string>> = {
    host: request.host,
    'x-acs-action': request.action,
    'x-acs-content-sha256': sha256(request.body),
    'x-acs-date': request.date,
    'x-acs-signature-nonce': request.nonce,
    'x-acs-version': request.version,
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    ...['POST', '/', canonicalQuery(request.query)],
    names.map((name) => `${name}:${headers[name]}\n`).join(''),
    ...[names.join(';'), headers['x-acs-content-sha256']],
  ].join('\n');
  const signature = createHmac('sha256', keySecret)
    .update(`${ALGORITHM}\n${sha256(canonical)}`)
    .digest('hex');
  return {
    ...headers,
    authorization: `${ALGORITHM} Credential=${keyId},SignedHeaders=${names.join(';')},Signature=${signature}`,
  };
}

const answerSchema = z.object({ Code: z.string() });
/** Limits that pass with time (Aliyun, error codes of SendSms). MED: taken from its table; another is final. */
const passing = /^isv\.(BUSINESS_LIMIT_CONTROL|DAY_LIMIT_CONTROL)|^isp\.|Throttling|ServiceUnavailable/;

export function aliyunSms(config: AliyunConfig, nowMs: () => number): Way {
  const url = new URL(config.url);
  return async ({ id, kind, language, address, values }) => {
    const code = config.templates.get(`${kind}.${language}`);
    if (code === undefined) return failed(true, `no template is configured for ${kind}.${language}`);
    const request: Acs3Request = {
      ...{ host: url.host, action: 'SendSms', version: '2017-05-25', body: '' },
      date: `${new Date(nowMs()).toISOString().slice(0, 19)}Z`,
      nonce: randomBytes(16).toString('hex'),
      query: {
        ...{ PhoneNumbers: address.replaceAll(/[ -]/g, ''), SignName: config.signName, TemplateCode: code },
        ...{ TemplateParam: JSON.stringify(values), OutId: id },
      },
    };
    const { host: _host, ...headers } = signedHeaders(request, config.keyId, config.keySecret);
    const response = await fetch(`${url.origin}/?${canonicalQuery(request.query)}`, {
      ...{ method: 'POST', headers, redirect: 'manual' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = answerSchema.safeParse(await response.json().catch(() => null));
    if (!answer.success) return refusedFor(response.ok ? 502 : response.status);
    if (answer.data.Code === 'OK') return { ok: true };
    return failed(response.status < 500 && !passing.test(answer.data.Code), answer.data.Code.slice(0, 80));
  };
}
