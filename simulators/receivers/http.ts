/**
 * What a provider's side may look like, written apart from the sender: the signed adapter at `/notices`, Aliyun's SendSms at
 * `/`, and a push service at `/push/…`. It refuses what is unsigned, too old or repeated, or fails as it is told.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Inbox } from './received.ts';

/** Rules of the adapter (README): older or newer than this, or a nonce seen within it, is a replay. */
export const REPLAY_WINDOW_SECONDS = 300;
const BODY_BYTES_MAX = 64 * 1024;

const noticeSchema = z.object({
  id: z.string().min(1),
  channel: z.enum(['sms', 'voice', 'wechat']),
  to: z.string().min(1),
  text: z.string().min(1),
});

export type HttpReceiver = {
  readonly port: number;
  /** The status of every answer from now on; null: as it should be. `gone` of a push is 410. */
  fault: number | null;
  /** Takes it in and then says nothing: as a connection that breaks before the answer. */
  silent: boolean;
  readonly stop: () => Promise<void>;
};
export type HttpReceiverOptions = {
  readonly inbox: Inbox;
  readonly secret: string;
  readonly aliyun?: { readonly keyId: string; readonly keySecret: string };
  readonly nowMs?: () => number;
  readonly port?: number;
  readonly host?: string;
};

type Answer = { readonly status: number; readonly body: unknown };
const answer = (status: number, body: unknown = {}): Answer => ({ status, body });

export async function startHttpReceiver(options: HttpReceiverOptions): Promise<HttpReceiver> {
  const { inbox, secret, aliyun, nowMs = Date.now, port = 0, host = '127.0.0.1' } = options;
  const nonces = new Map<string, number>();
  const receiver: { fault: number | null; silent: boolean } = { fault: null, silent: false };
  const handle = (request: IncomingMessage, body: Buffer): Answer => {
    const url = new URL(request.url ?? '/', 'http://receiver');
    if (receiver.fault !== null) return answer(receiver.fault);
    if (request.method !== 'POST') return answer(405);
    if (url.pathname.startsWith('/push/')) return takePush(request, body, inbox);
    if (url.pathname === '/notices')
      return takeNotice(request, body.toString('utf8'), { inbox, secret, nonces, nowMs });
    return aliyun && url.pathname === '/' ? takeSms(request, url, body, inbox, aliyun) : answer(404);
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    request.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > BODY_BYTES_MAX) request.destroy();
      else parts.push(part);
    });
    request.on('end', () => {
      const { status, body } = handle(request, Buffer.concat(parts));
      if (receiver.silent) return response.destroy();
      return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // Once it listens on TCP its address has a port.
  const address = server.address() as AddressInfo;
  return Object.assign(receiver, {
    port: address.port,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

const headerOf = (request: IncomingMessage, name: string): string => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
};
const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));

type Adapter = {
  readonly inbox: Inbox;
  readonly secret: string;
  readonly nonces: Map<string, number>;
  readonly nowMs: () => number;
};

function takeNotice(request: IncomingMessage, body: string, { inbox, secret, nonces, nowMs }: Adapter): Answer {
  const timestamp = headerOf(request, 'x-wattroom-timestamp');
  const nonce = headerOf(request, 'x-wattroom-nonce');
  const expected = createHmac('sha256', secret).update(`${timestamp}.${nonce}.${body}`).digest('hex');
  if (!same(headerOf(request, 'x-wattroom-signature'), `v1=${expected}`)) return answer(401, { error: 'signature' });
  const now = nowMs() / 1000;
  if (!(Math.abs(now - Number(timestamp)) <= REPLAY_WINDOW_SECONDS)) return answer(401, { error: 'timestamp' });
  for (const [old, at] of nonces) if (now - at > 2 * REPLAY_WINDOW_SECONDS) nonces.delete(old);
  if (nonces.has(nonce)) return answer(409, { error: 'nonce' });
  nonces.set(nonce, now);
  const parsed = noticeSchema.safeParse(JSON.parse(body));
  if (!parsed.success || headerOf(request, 'idempotency-key') !== parsed.data.id) return answer(400, { error: 'body' });
  const { id, channel, to, text } = parsed.data;
  inbox.take({ id, way: 'adapter', channel, to, text });
  return answer(200, { id });
}

/** Checks a signature of ACS3-HMAC-SHA256 by what the request names as signed. */
function takeSms(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  inbox: Inbox,
  { keyId, keySecret }: { readonly keyId: string; readonly keySecret: string },
): Answer {
  const header = /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
    headerOf(request, 'authorization'),
  );
  if (!header || header[1] !== keyId) return answer(404, { Code: 'InvalidAccessKeyId.NotFound' });
  const names = (header[2] ?? '').split(';');
  const hash = createHash('sha256').update(body).digest('hex');
  const signed = names.map((name) => `${name}:${headerOf(request, name)}\n`).join('');
  const canonical = ['POST', '/', url.search.slice(1), signed, names.join(';'), hash].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const expected = createHmac('sha256', keySecret).update(`ACS3-HMAC-SHA256\n${digest}`).digest('hex');
  if (!same(header[3] ?? '', expected)) return answer(400, { Code: 'SignatureDoesNotMatch' });
  const get = (name: string): string => url.searchParams.get(name) ?? '';
  if (headerOf(request, 'x-acs-action') !== 'SendSms' || get('TemplateCode') === '')
    return answer(400, { Code: 'InvalidAction.NotFound' });
  inbox.take({
    ...{ id: get('OutId'), way: 'aliyun', channel: 'sms', to: get('PhoneNumbers') },
    text: `${get('TemplateCode')} ${get('TemplateParam')}`,
  });
  return answer(200, { Code: 'OK', Message: 'OK', BizId: '1', RequestId: '1' });
}

/** The payload is for the browser alone: what can be seen is that it came, signed and encrypted. */
function takePush(request: IncomingMessage, body: Buffer, inbox: Inbox): Answer {
  const encrypted = headerOf(request, 'content-encoding') === 'aes128gcm' && body.length > 86;
  if (!encrypted || !/^vapid t=.+, ?k=.+$/.test(headerOf(request, 'authorization'))) return answer(401);
  const id = createHash('sha256').update(body).digest('hex').slice(0, 16);
  inbox.take({ id, way: 'push', channel: 'push', to: request.url ?? '', text: `${body.length} bytes` });
  return answer(201);
}
