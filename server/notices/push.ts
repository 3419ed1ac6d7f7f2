/** Web Push to the browsers of an operator, while no page is open (RFC 8030, 8291, 8292). */
import webpush from 'web-push';
import type { SendResult } from '../../protocol/notices.ts';
import { isLoopbackHost } from '../gateway/address.ts';
import type { PushConfig } from './config.ts';
import { refusedFor, type Way } from './sender.ts';
import { vapidKeys } from './vapid.ts';

const TIMEOUT_MS = 20_000;
/** How long the push service keeps it for a browser that is off. */
const TTL_SECONDS = 3_600;

/** A browser names the address itself: only configured push services are dialled; `.host` covers its subdomains. */
export function pushAllowed(endpoint: string, hosts: readonly string[]): boolean {
  const url = new URL(endpoint);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) return false;
  return hosts.some((host) => (host.startsWith('.') ? url.hostname.endsWith(host) : url.host === host));
}

export function pusher({ subject, hosts, keyFile }: PushConfig): Way {
  const keys = vapidKeys(keyFile);
  return async (notice) => {
    const payload = JSON.stringify({ id: notice.id, kind: notice.kind, title: notice.subject, body: notice.text });
    const gone: string[] = [];
    let result: SendResult = {
      ok: false,
      permanent: true,
      nowhere: true,
      error: 'no browser of this operator has subscribed',
    };
    for (const { endpoint, p256dh, auth } of notice.subscriptions) {
      if (!pushAllowed(endpoint, hosts)) {
        gone.push(endpoint);
        continue;
      }
      const { headers, body } = webpush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, payload, {
        vapidDetails: { subject, ...keys },
        ...{ TTL: TTL_SECONDS, urgency: 'high', contentEncoding: 'aes128gcm' },
      });
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: stringHeaders(headers),
        body: body ? new Uint8Array(body) : null,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) gone.push(endpoint);
      else if (response.ok) result = { ok: true };
      else if (!result.ok) result = refusedFor(response.status);
    }
    return { ...result, gone };
  };
}

/** `content-length` is fetch's own business. */
function stringHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.toLowerCase() === 'content-length' ? [] : [[name, String(value)]],
    ),
  );
}
