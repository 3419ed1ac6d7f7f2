/**
 * One request and its one answer. uWebSockets.js ends the process when a handler returns without an answer or an
 * abort handler, and nothing may touch an aborted response: only this file touches `req` and `res`.
 */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { addressText } from '../address.ts';
import { CoreAway, StoreAway } from '../link.ts';
import { problem, RequestRefused } from './problem.ts';

export const BODY_BYTES_MAX = 64 * 1024;
/** The headers any handler reads. */
const headerNames = [
  'authorization',
  'content-type',
  'cookie',
  'forwarded',
  'host',
  'idempotency-key',
  'if-none-match',
  'origin',
  'user-agent',
  'x-csrf-token',
  'x-forwarded-for',
  'x-real-ip',
] as const;
export type HeaderName = (typeof headerNames)[number];

export type GatewayRequest = {
  readonly method: string;
  /** Path without the query, as sent. */
  readonly path: string;
  readonly query: string;
  /** `:name` parts of the route, still percent-encoded. */
  readonly pathParams: Readonly<Record<string, string>>;
  /** Empty text where the header is absent. */
  readonly header: Readonly<Record<HeaderName, string>>;
  /** Address of the other end of the TCP connection. */
  readonly peer: string;
  readonly body: Buffer;
};

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
};
export type Handler = (request: GatewayRequest) => Reply | Promise<Reply>;

export type Outlet = {
  /** Headers every answer carries. */
  readonly common: (request: GatewayRequest) => Readonly<Record<string, string>>;
  readonly counted: (method: string, route: string, status: number) => void;
  readonly failed: (error: unknown, request: GatewayRequest) => void;
};

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export function readRequest(res: HttpResponse, req: HttpRequest, params: readonly string[]): GatewayRequest {
  const header = Object.fromEntries(headerNames.map((name) => [name, req.getHeader(name)]));
  return {
    method: req.getCaseSensitiveMethod().toUpperCase(),
    path: req.getUrl(),
    query: req.getQuery(),
    pathParams: Object.fromEntries(params.map((name, index) => [name, req.getParameter(index) ?? ''])),
    // Built from the very list its type is made of.
    header: header as Record<HeaderName, string>,
    peer: addressText(new Uint8Array(res.getRemoteAddress())),
    body: Buffer.alloc(0),
  };
}

/** The answer a handler gives or fails to give. */
export async function answerOf(request: GatewayRequest, handler: Handler, outlet: Outlet): Promise<Reply> {
  try {
    return await handler(request);
  } catch (error) {
    if (error instanceof RequestRefused) return error.reply(request.path);
    if (error instanceof StoreAway) {
      return problem({ code: 'storeAway', detail: error.message, path: request.path, headers: { 'retry-after': '2' } });
    }
    if (error instanceof CoreAway) return coreAway(error, request);
    outlet.failed(error, request);
    return problem({
      code: 'internal',
      detail: 'This is a fault of the server; it is in its log.',
      path: request.path,
    });
  }
}

function coreAway(error: CoreAway, request: GatewayRequest): Reply {
  const unsure = error.sent && request.method !== 'GET';
  const detail = unsure
    ? 'The core did not answer. Whether this was done is not known: send it again with the same Idempotency-Key.'
    : 'The core does not answer. Nothing was changed.';
  return problem({ code: 'coreAway', detail, path: request.path, headers: { 'retry-after': '2' } });
}

export function writeReply(
  res: HttpResponse,
  request: GatewayRequest,
  reply: Reply,
  outlet: Outlet,
  end = false,
): void {
  res.cork(() => {
    res.writeStatus(`${reply.status} ${reasons[reply.status] ?? ''}`);
    for (const [name, value] of Object.entries({ ...outlet.common(request), ...reply.headers })) {
      res.writeHeader(name, value);
    }
    if (request.method === 'HEAD') res.endWithoutBody(Buffer.byteLength(reply.body), end);
    else if (reply.status === 204 || reply.status === 304) res.endWithoutBody(undefined, end);
    else res.end(reply.body, end);
  });
}

/** Collects the body, runs the handler, writes its answer; `route` is the name requests are counted under. */
export function exchange(route: string, params: readonly string[], handler: Handler, outlet: Outlet) {
  return (res: HttpResponse, req: HttpRequest): void => {
    let over = false;
    res.onAborted(() => {
      over = true;
    });
    const head = readRequest(res, req, params);
    const finish = (request: GatewayRequest, reply: Reply, end = false): void => {
      outlet.counted(request.method, route, reply.status);
      if (over) return;
      over = true;
      writeReply(res, request, reply, outlet, end);
    };
    const run = (request: GatewayRequest): void => {
      void answerOf(request, handler, outlet).then((reply) => finish(request, reply));
    };
    if (head.method === 'GET' || head.method === 'HEAD') return run(head);
    const chunks: Buffer[] = [];
    let bytes = 0;
    res.onData((chunk, last) => {
      if (over) return;
      bytes += chunk.byteLength;
      if (bytes > BODY_BYTES_MAX) {
        const detail = `A body may have ${BODY_BYTES_MAX} bytes.`;
        return finish(head, problem({ code: 'tooLarge', detail, path: head.path }), true);
      }
      // The chunk's memory is taken back when this callback returns.
      chunks.push(Buffer.from(new Uint8Array(chunk)));
      if (last) run({ ...head, body: Buffer.concat(chunks) });
    });
  };
}
