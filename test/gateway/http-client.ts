/** A browser as far as the API can tell: keeps its cookie and CSRF token, speaks raw HTTP where fetch would tidy up. */
import { connect } from 'node:net';
import { z } from 'zod';
import { problemSchema, sessionViewSchema, type Problem, type SessionView } from '../../protocol/session.ts';
import { PASSWORD, type Gateway } from './fake-core.ts';

export class Browser {
  readonly gateway: Gateway;
  cookie = '';
  csrf = '';

  constructor(gateway: Gateway) {
    this.gateway = gateway;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.gateway.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(this.csrf === '' ? {} : { 'x-csrf-token': this.csrf }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  async login(name = 'olga', password = PASSWORD): Promise<SessionView> {
    const response = await this.send('POST', '/api/session', { name, password });
    if (response.status !== 200) throw new Error(`login: ${response.status} ${await response.text()}`);
    this.cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const view = sessionViewSchema.parse(await response.json());
    this.csrf = view.csrf;
    return view;
  }

  command(path: string, body: unknown, key = 'key-1'): Promise<Response> {
    return this.send('POST', path, body, { 'idempotency-key': key });
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  if (response.headers.get('content-type') !== 'application/problem+json') {
    throw new Error(`no problem but ${response.status} ${await response.text()}`);
  }
  const problem = problemSchema.parse(await response.json());
  if (problem.status !== response.status) throw new Error('the status of the problem is not that of the answer');
  return problem;
}

/** Sends bytes as they are and returns all that comes back until the other side closes or `Connection: close` is done. */
export function rawRequest(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      const so = Buffer.concat(chunks).toString('latin1');
      const head = so.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(so)?.[1];
      if (head >= 0 && length !== undefined && so.length >= head + 4 + Number(length)) socket.destroy();
    });
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    socket.on('error', reject);
  });
}

export const parsedJson = async (response: Response): Promise<Record<string, unknown>> =>
  z.record(z.string(), z.unknown()).parse(await response.json());
