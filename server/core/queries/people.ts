/** Answers about colleagues and their sessions. */
import type { SessionRecord } from '../../../protocol/ipc.ts';
import { personSchema, type Person, type SessionRow } from '../../../protocol/people.ts';
import type { ConfigValue } from '../../domain/config.ts';
import { durable, found, type Answers, type Asked } from './answer.ts';

export const peopleAnswers: Answers<'getOperators' | 'getSessions'> = {
  getOperators: async ({ core }) => {
    const sessions = [...(await core.people.sessions()).values()].filter(({ expiresMs }) => expiresMs > Date.now());
    const items = core.directory.all('operator').map((operator) => personOf(operator, sessions, Date.now()));
    return durable(core, () => found<'getOperators'>({ items }));
  },
  getSessions: async (asked, { whose }) => {
    const { core, who } = asked;
    if (whose === 'all' && who.role !== 'administrator')
      return { ok: false, refusal: 'forbidden', detail: 'the sessions of others are for administrators' };
    const rows = [...(await core.people.sessions())].flatMap(([hash, session]) => rowOf(asked, hash, session) ?? []);
    const items = rows.filter(({ name }) => whose === 'all' || name === who.operator);
    items.sort((a, b) => b.seenMs - a.seenMs);
    return durable(core, () => found<'getSessions'>({ items }));
  },
};

/** Enough of the hash to be unique; the token cannot be had from it. */
export const sessionId = (tokenHash: string): string => tokenHash.slice(0, 16);

function personOf(operator: ConfigValue<'operator'>, sessions: readonly SessionRecord[], nowMs: number): Person {
  const { name, displayName, role, buildings, disabled, passwordHash, invitation } = operator;
  const own = sessions.filter((session) => session.operator === name);
  return personSchema.parse({
    ...{ name, displayName, role, buildings: buildings ?? null },
    state: disabled ? 'disabled' : passwordHash === null ? 'invited' : 'active',
    invitedUntilMs: invitation && invitation.untilMs > nowMs ? invitation.untilMs : null,
    sessions: own.length,
    lastSeenMs: own.length === 0 ? null : Math.max(...own.map(({ seenMs }) => seenMs)),
  });
}

function rowOf({ core, who }: Asked, hash: string, session: SessionRecord): SessionRow | null {
  const operator = core.directory.get('operator', session.operator);
  if (!operator || session.expiresMs <= Date.now()) return null;
  const { address, browser, sinceMs, seenMs, expiresMs } = session;
  return {
    ...{ id: sessionId(hash), name: operator.name, displayName: operator.displayName, own: hash === who.session },
    ...{ address, browser, sinceMs, seenMs, expiresMs },
  };
}
