import { describe, expect, it } from 'vitest';
import type { GatewayToCore, Internal } from '../../protocol/ipc.ts';
import { CoreLink } from '../../server/gateway/link.ts';
import { SESSION_MS, SESSION_MS_MAX, Sessions } from '../../server/gateway/sessions.ts';

const limits = { pendingMax: 10, timeoutMs: 60_000, silenceMs: 3_000 };
const record = {
  ...{ operator: 'olga', displayName: 'Olga', role: 'operator', buildings: null, csrf: 'c', expiresMs: SESSION_MS },
  ...{ sinceMs: 1, seenMs: 1, provedMs: 1, address: '192.0.2.1', browser: 'b' },
} as const;

/** Sessions over a link whose answers the test gives by hand. */
function byHand() {
  const clock = { wallMs: 0, monoMs: 0 };
  const questions: { readonly id: number; readonly question: Internal }[] = [];
  const send = (message: GatewayToCore): void => {
    if (message.type === 'internal') questions.push(message);
  };
  const link = new CoreLink(send, () => clock.monoMs, limits);
  const sessions = new Sessions(
    link,
    () => clock.wallMs,
    () => clock.monoMs,
  );
  const answer = (answer: unknown): void => {
    const asked = questions.shift();
    if (asked === undefined) throw new Error('nothing was asked');
    link.settle({ type: 'answer', id: asked.id, answer });
  };
  return { sessions, clock, questions, answer, asks: () => questions.map(({ question }) => question.ask) };
}

describe('sessions', () => {
  it('are asked of the core once for many requests and again after three seconds, so that a revoked one ends', async () => {
    const { sessions, clock, answer, asks } = byHand();
    const both = [sessions.byHash('h'), sessions.byHash('h')];
    expect(asks()).toEqual(['sessionGet']);
    answer(record);
    expect((await both[1])?.operator).toBe('olga');
    clock.monoMs = 2_999;
    expect(await sessions.byHash('h')).toEqual(await both[0]);
    expect(asks()).toEqual([]);
    clock.monoMs = 3_000;
    const again = sessions.byHash('h');
    answer(null);
    expect(await again).toBeNull();
  });

  it('in use are moved on once a minute, not more often', async () => {
    const { sessions, clock, questions, answer, asks } = byHand();
    clock.wallMs = 60_000;
    const early = sessions.byHash('h');
    answer(record);
    expect((await early)?.expiresMs).toBe(SESSION_MS);
    clock.monoMs = 5_000;
    clock.wallMs = 60_001;
    const late = sessions.byHash('h');
    answer(record);
    await Promise.resolve();
    await Promise.resolve();
    expect(asks()).toEqual(['sessionPut']);
    expect(questions[0]?.question).toMatchObject({ tokenHash: 'h', expiresMs: SESSION_MS + clock.wallMs, csrf: 'c' });
    answer(true);
    expect((await late)?.expiresMs).toBe(SESSION_MS + clock.wallMs);
  });

  it('end a week after they began, however much they are used', async () => {
    const { sessions, clock, answer, questions } = byHand();
    clock.wallMs = SESSION_MS_MAX - 1_000;
    const found = sessions.byHash('h');
    answer({ ...record, seenMs: clock.wallMs - 70_000, expiresMs: clock.wallMs + 5_000 });
    await Promise.resolve();
    await Promise.resolve();
    expect(questions[0]?.question).toMatchObject({ ask: 'sessionPut', expiresMs: 1 + SESSION_MS_MAX });
    answer(true);
    expect((await found)?.expiresMs).toBe(1 + SESSION_MS_MAX);
    clock.wallMs = 1 + SESSION_MS_MAX;
    expect(await sessions.byHash('h')).toBeNull();
  });

  it('renewed by the password have another token; the old one leads there for ten seconds, then nowhere', async () => {
    const { sessions, clock, answer, questions } = byHand();
    const opening = sessions.open(
      { name: 'olga', displayName: 'Olga', role: 'operator', buildings: null },
      { address: '192.0.2.1', browser: 'b' },
    );
    answer(true);
    const { session: old, token } = await opening;
    clock.wallMs = 600_000;
    const renewing = sessions.renew(old);
    expect(questions[0]?.question).toMatchObject({ ask: 'sessionPut', csrf: old.csrf, sinceMs: 0, provedMs: 600_000 });
    answer(true);
    await new Promise((resolve) => setImmediate(resolve));
    // No log-out, for the log of who did what.
    expect(questions[0]?.question).toMatchObject({ ask: 'sessionDelete', why: 'renewed' });
    answer(true);
    const renewed = await renewing;
    expect(renewed.token).not.toBe(token);
    expect((await sessions.find(token))?.tokenHash).toBe(renewed.session.tokenHash);
    clock.monoMs = 10_001;
    const late = sessions.find(token);
    expect(questions[0]?.question).toMatchObject({ ask: 'sessionGet', tokenHash: old.tokenHash });
    answer(null);
    expect(await late).toBeNull();
  });

  it('ended by the core are none at once, without being asked for', async () => {
    const { sessions, answer, asks } = byHand();
    const found = sessions.byHash('h');
    answer(record);
    await found;
    sessions.forget('h');
    const again = sessions.byHash('h');
    expect(asks()).toEqual(['sessionGet']);
    answer(record);
    expect(await again).toBeNull();
  });

  it('that have expired are none, in the cache too', async () => {
    const { sessions, clock, answer } = byHand();
    const found = sessions.byHash('h');
    answer({ ...record, expiresMs: 1_000 + SESSION_MS });
    await found;
    clock.wallMs = 1_000 + SESSION_MS;
    expect(await sessions.byHash('h')).toBeNull();
  });

  it('logged out stay so: an answer still on its way brings none back and moves none on', async () => {
    const { sessions, clock, answer, asks } = byHand();
    const first = sessions.byHash('h');
    answer(record);
    const session = await first;
    if (session === null) throw new Error('there is no session');
    clock.monoMs = 5_000;
    clock.wallMs = 3_600_000;
    const onItsWay = sessions.byHash('h');
    const closing = sessions.close(session);
    answer(record);
    expect(await onItsWay).toBeNull();
    expect(asks()).toEqual(['sessionDelete']);
    answer(true);
    await closing;
    expect(asks()).toEqual([]);
  });
});
