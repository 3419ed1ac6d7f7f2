/** The API as a client of protocol/ops.ts: every answer is decoded by the table it is driven by. */
import { ops, type OpName, type OpParams, type OpResult } from '../../protocol/ops.ts';
import {
  CSRF_HEADER,
  IDEMPOTENCY_HEADER,
  problemSchema,
  SESSION_PATH,
  sessionViewSchema,
} from '../../protocol/session.ts';
import type { Login } from '../../simulators/logins.ts';

/** A refusal, with the code behind the prefix of its type. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, type: string, detail: string) {
    super(`${status} ${type}: ${detail}`);
    this.status = status;
    this.code = type.split(':').at(-1) ?? '';
  }
}

export class Api {
  base: string;
  cookie = '';
  csrf = '';
  #keys = 0;

  constructor(base: string) {
    this.base = base;
  }

  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.base + path, {
      method,
      headers: {
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(this.csrf === '' ? {} : { [CSRF_HEADER]: this.csrf }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
  }

  async login({ name, password }: Pick<Login, 'name' | 'password'>): Promise<void> {
    const response = await this.send('POST', SESSION_PATH, { name, password });
    if (response.status !== 200) throw new Error(`login: ${response.status} ${await response.text()}`);
    this.cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    this.csrf = sessionViewSchema.parse(await response.json()).csrf;
  }

  /** Throws `Refused`. A command without a key gets a new one. */
  async call<N extends OpName>(name: N, params: OpParams<N>, key?: string): Promise<OpResult<N>> {
    const { method, path, kind, result } = ops[name];
    const rest = new Map<string, unknown>(Object.entries(params));
    const filled = path.replace(/\{(\w+)\}/g, (_, part: string) => {
      const value = String(rest.get(part));
      rest.delete(part);
      return encodeURIComponent(value);
    });
    this.#keys += 1;
    const headers = kind === 'command' ? { [IDEMPOTENCY_HEADER]: key ?? `test-${process.pid}-${this.#keys}` } : {};
    const query = new URLSearchParams(
      [...rest].map(([part, value]): [string, string] => [part, String(value)]),
    ).toString();
    const response =
      method === 'GET'
        ? await this.send(method, query === '' ? filled : `${filled}?${query}`)
        : await this.send(method, filled, Object.fromEntries(rest), headers);
    if (!response.ok) {
      const { status, type, detail } = problemSchema.parse(await response.json());
      throw new Refused(status, type, detail);
    }
    return result.parse(await response.json()) as OpResult<N>;
  }

  async health(): Promise<number> {
    const response = await this.send('GET', '/healthz');
    await response.body?.cancel();
    return response.status;
  }
}
