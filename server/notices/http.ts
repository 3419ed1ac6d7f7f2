/** SMS, voice call and WeChat through an adapter of the site's own: one signed POST (README, "The notice adapter"). */
import { createHmac, randomBytes } from 'node:crypto';
import type { HttpConfig } from './config.ts';
import { refusedFor, type Way } from './sender.ts';

const TIMEOUT_MS = 20_000;

/** `v1=` and the HMAC-SHA256, in hex, of `timestamp.nonce.body`; the timestamp in seconds since 1970. */
export function signature(secret: string, timestamp: string, nonce: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${nonce}.${body}`).digest('hex')}`;
}

export function httpAdapter({ url, secret }: HttpConfig, nowMs: () => number): Way {
  return async ({ id, attempt, kind, channel, address, language, subject, text, values }) => {
    const body = JSON.stringify({ id, attempt, kind, channel, to: address, language, subject, text, values });
    const timestamp = String(Math.floor(nowMs() / 1000));
    const nonce = randomBytes(16).toString('hex');
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'idempotency-key': id,
        'x-wattroom-timestamp': timestamp,
        'x-wattroom-nonce': nonce,
        'x-wattroom-signature': signature(secret, timestamp, nonce, body),
      },
      body,
      // The host is the configured one; an answer does not send us elsewhere.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? { ok: true } : refusedFor(response.status);
  };
}
