/** Calls of the JSON API, driven by the table of operations. */
import {
  CSRF_HEADER,
  INVITATION_PATH,
  invitedSchema,
  PASSWORD_PATH,
  PROOF_PATH,
  IDEMPOTENCY_HEADER,
  PROBLEM_PREFIX,
  problemSchema,
  SESSION_PATH,
  sessionViewSchema,
  SETUP_PATH,
  type Invited,
  type Login,
  type SessionView,
  type Setup,
} from '../../../protocol/session.ts';
import { SHARED_PATH, sharedSchema, type Shared } from '../../../protocol/explanations.ts';
import { ops, type OpName, type OpResult } from '../../../protocol/ops.ts';
import { z } from 'zod';

export type FieldErrors = Readonly<Record<string, string>>;
/** code: of protocol/ops.ts or protocol/session.ts, or `network` when no answer came. */
export type Failure = {
  readonly ok: false;
  readonly code: string;
  readonly detail: string;
  readonly errors: FieldErrors;
};
export type Answer<T> = { readonly ok: true; readonly value: T } | Failure;
type Params = Readonly<Record<string, unknown>>;

/** A lost answer is not a refusal: a change may have been made. */
const TIMEOUT_MS = 20_000;
const network: Failure = { ok: false, code: 'network', detail: '', errors: {} };

let csrf = '';
let whenLoggedOut: () => void = () => undefined;
export function onLoggedOut(run: () => void): void {
  whenLoggedOut = run;
}

async function failure(response: Response): Promise<Failure> {
  const parsed = problemSchema.safeParse(await response.json().catch(() => null));
  if (!parsed.success) return { ok: false, code: 'internal', detail: `HTTP ${response.status}`, errors: {} };
  const { type, detail, errors } = parsed.data;
  const code = type.startsWith(PROBLEM_PREFIX) ? type.slice(PROBLEM_PREFIX.length) : 'internal';
  const byField = Object.fromEntries((errors ?? []).map(({ path, message }) => [path, message]));
  return { ok: false, code, detail, errors: byField };
}

async function send<T>(path: string, init: RequestInit, decode: (body: unknown) => T): Promise<Answer<T>> {
  try {
    const response = await fetch(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) {
      const failed = await failure(response);
      if (failed.code === 'unauthenticated') whenLoggedOut();
      return failed;
    }
    const body: unknown = response.status === 204 ? null : await response.json();
    return { ok: true, value: decode(body) };
  } catch (error) {
    if (error instanceof z.ZodError) throw error;
    return network;
  }
}

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

function keep(view: SessionView): SessionView {
  csrf = view.csrf;
  return view;
}

export const currentSession = (): Promise<Answer<SessionView>> =>
  send(SESSION_PATH, {}, (body) => keep(sessionViewSchema.parse(body)));
export const logIn = (login: Login): Promise<Answer<SessionView>> =>
  send(SESSION_PATH, post(login), (body) => keep(sessionViewSchema.parse(body)));
export const logOut = (): Promise<Answer<null>> =>
  send(SESSION_PATH, { method: 'DELETE', headers: { [CSRF_HEADER]: csrf } }, () => null);
const withSession = (path: string, body: unknown): Promise<Answer<SessionView>> =>
  send(path, post(body, { [CSRF_HEADER]: csrf }), (view) => keep(sessionViewSchema.parse(view)));
export const prove = (password: string): Promise<Answer<SessionView>> => withSession(PROOF_PATH, { password });
export const changePassword = (old: string, password: string): Promise<Answer<SessionView>> =>
  withSession(PASSWORD_PATH, { old, password });
export const invitation = (token: string): Promise<Answer<Invited>> =>
  send(INVITATION_PATH, post({ token }), (body) => invitedSchema.parse(body));
export const acceptInvitation = (token: string, password: string): Promise<Answer<null>> =>
  send(`${INVITATION_PATH}/accept`, post({ token, password }), () => null);
export const sharedExplanation = (token: string): Promise<Answer<Shared>> =>
  send(SHARED_PATH, post({ token }), (body) => sharedSchema.parse(body));
export const setUp = (setup: Setup): Promise<Answer<null>> => send(SETUP_PATH, post(setup), () => null);

/** The address of an operation and what is left of its parameters for the query or the body. */
function address(name: OpName, params: Params): { readonly path: string; readonly rest: Params } {
  const rest: Record<string, unknown> = { ...params };
  const path = ops[name].path.replace(/\{(\w+)\}/g, (_whole, key: string) => {
    const value = rest[key];
    if (typeof value !== 'string') throw new Error(`${name} needs ${key}`);
    delete rest[key];
    return encodeURIComponent(value);
  });
  return { path, rest };
}

type Named<N extends OpName> = Readonly<z.input<(typeof ops)[N]['params']>>;
/** The table's result schema belongs to the name: TypeScript loses that link in a generic index. */
const decoder =
  <N extends OpName>(name: N) =>
  (body: unknown): OpResult<N> =>
    (ops[name].result as unknown as z.ZodType<OpResult<N>>).parse(body);

export function query<N extends OpName>(name: N, params: Named<N>): Promise<Answer<OpResult<N>>> {
  const { path, rest } = address(name, params);
  // A question too long for an address is posted; it changes nothing.
  if (ops[name].method !== 'GET') return send(path, post(rest), decoder(name));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(rest))
    if (value !== undefined && value !== null) search.set(key, String(value));
  const text = search.toString();
  return send(text === '' ? path : `${path}?${text}`, {}, decoder(name));
}

/** Asks for the password; false: the person would rather not. */
let whenProofNeeded: () => Promise<boolean> = () => Promise.resolve(false);
export function onProofNeeded(run: () => Promise<boolean>): void {
  whenProofNeeded = run;
}

/** `key` names the intention: the same key sent again is done once. */
export async function command<N extends OpName>(name: N, params: Named<N>, key: string): Promise<Answer<OpResult<N>>> {
  const { path, rest } = address(name, params);
  const once = (): Promise<Answer<OpResult<N>>> =>
    send(path, post(rest, { [CSRF_HEADER]: csrf, [IDEMPOTENCY_HEADER]: key }), decoder(name));
  const answer = await once();
  if (answer.ok || answer.code !== 'proofNeeded') return answer;
  return (await whenProofNeeded()) ? once() : answer;
}
export const newKey = (): string => crypto.randomUUID();
