import { describe, expect, it } from 'vitest';
import type { GatewayToCore, Internal } from '../../protocol/ipc.ts';
import { CoreLink } from '../../server/gateway/link.ts';
import { SESSION_MS, Sessions } from '../../server/gateway/sessions.ts';

const limits = { pendingMax: 10, timeoutMs: 60_000, silenceMs: 3_000 };
const record = { operator: 'olga', displayName: 'Olga', role: 'operator', csrf: 'c', expiresMs: SESSION_MS } as const;

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

  it('in use are moved on once ten minutes of them are gone, not before', async () => {
    const { sessions, clock, questions, answer, asks } = byHand();
    clock.wallMs = 10 * 60_000 - 1;
    const early = sessions.byHash('h');
    answer(record);
    expect((await early)?.expiresMs).toBe(SESSION_MS);
    clock.monoMs = 5_000;
    clock.wallMs = 10 * 60_000;
    const late = sessions.byHash('h');
    answer(record);
    await Promise.resolve();
    await Promise.resolve();
    expect(asks()).toEqual(['sessionPut']);
    expect(questions[0]?.question).toMatchObject({ tokenHash: 'h', expiresMs: SESSION_MS + clock.wallMs, csrf: 'c' });
    answer(true);
    expect((await late)?.expiresMs).toBe(SESSION_MS + clock.wallMs);
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
