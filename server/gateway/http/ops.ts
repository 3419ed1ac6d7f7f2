/** The operations table as handlers: the gateway checks form and says who; the core decides whether. */
import { ops, type OpName } from '../../../protocol/ops.ts';
import type { Who } from '../../../protocol/ipc.ts';
import type { CoreLink } from '../link.ts';
import type { Session } from '../sessions.ts';
import type { Handler } from './exchange.ts';
import type { Guard } from './guard.ts';
import { decode, rawParams } from './params.ts';
import { json, problem, RequestRefused } from './problem.ts';

export const opNames = Object.keys(ops) as OpName[];

/** `/api/rooms/{room}` as the router wants it, and the names in it. */
export function routeOf(path: string): { readonly pattern: string; readonly params: readonly string[] } {
  const params = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  return { pattern: path.replaceAll(/\{(\w+)\}/g, ':$1'), params };
}

/** What a caller may choose as the id of a change. */
const keyShape = /^[A-Za-z0-9._:-]{1,80}$/;

function idempotencyKey(given: string): string {
  if (keyShape.test(given)) return given;
  throw new RequestRefused(
    'idempotencyKeyMissing',
    'Send Idempotency-Key: an id of your own for this change (1 to 80 letters, digits, . _ : -), the same when you repeat it.',
  );
}

/** Whom the core is told of. `nowMs`: real time. */
const whoOf = ({ operator, role, buildings, tokenHash, provedMs }: Session, address: string, nowMs: number): Who => ({
  ...{ operator, role, session: tokenHash, provedAgoMs: Math.max(0, nowMs - provedMs), address },
  ...(buildings === null ? {} : { buildings }),
});

export function opHandler(name: OpName, link: CoreLink, guard: Guard, wallMs: () => number): Handler {
  const { kind, params: schema } = ops[name];
  return async (request) => {
    const session = kind === 'command' ? await guard.changing(request) : await guard.session(request);
    const key = kind === 'command' ? idempotencyKey(request.header['idempotency-key']) : null;
    const params = decode(schema, rawParams(request));
    const outcome = await link.op(whoOf(session, guard.address(request), wallMs()), name, params, key);
    const headers = key === null ? {} : { 'idempotency-key': key };
    if (outcome.ok) return json(200, outcome.result, headers);
    const { refusal: code, detail, approval } = outcome;
    return problem({ code, detail, approval, path: request.path, headers });
  };
}
