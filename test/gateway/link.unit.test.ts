import { describe, expect, it } from 'vitest';
import type { GatewayToCore } from '../../protocol/ipc.ts';
import { answerOf, type GatewayRequest, type Outlet } from '../../server/gateway/http/exchange.ts';
import { CoreAway, CoreLink } from '../../server/gateway/link.ts';

const limits = { pendingMax: 2, timeoutMs: 60_000, silenceMs: 3_000 };

function linked(over: Partial<typeof limits> = {}) {
  const sent: GatewayToCore[] = [];
  const clock = { ms: 0 };
  const link = new CoreLink(
    (message) => sent.push(message),
    () => clock.ms,
    { ...limits, ...over },
  );
  return { link, sent, clock };
}

describe('the link to the core', () => {
  it('gives each answer to the one who asked, in whatever order they come', async () => {
    const { link } = linked();
    const first = link.ask<'setupOpen'>({ ask: 'setupOpen', tokenHash: 'a' });
    const second = link.ask<'metrics'>({ ask: 'metrics' });
    link.settle({ type: 'answer', id: 2, answer: 'figures' });
    link.settle({ type: 'answer', id: 1, answer: true });
    expect([await first, await second]).toEqual([true, 'figures']);
  });

  it('believes no answer of another shape', async () => {
    const { link } = linked();
    const asking = link.ask<'sessionGet'>({ ask: 'sessionGet', tokenHash: 'a' });
    link.settle({ type: 'answer', id: 1, answer: { operator: 'olga', role: 'emperor' } });
    await expect(asking).rejects.toThrow();
  });

  it('gives up at the deadline, knowing that the question was sent, and ignores what comes later', async () => {
    const { link } = linked({ timeoutMs: 1 });
    const asking = link.op({ operator: 'olga', role: 'operator' }, 'recharge', {}, 'k');
    await expect(asking).rejects.toMatchObject({ name: 'CoreAway', sent: true });
    link.settle({ type: 'outcome', id: 1, outcome: { ok: true, result: 1 } });
    expect(link.pendingCount).toBe(0);
  });

  it('refuses one question more than its bound without sending it', async () => {
    const { link, sent } = linked();
    void link.ask<'metrics'>({ ask: 'metrics' });
    void link.ask<'metrics'>({ ask: 'metrics' });
    await expect(link.ask<'metrics'>({ ask: 'metrics' })).rejects.toMatchObject({ name: 'CoreAway', sent: false });
    expect(sent.length).toBe(2);
    link.settle({ type: 'answer', id: 1, answer: '' });
    void link.ask<'metrics'>({ ask: 'metrics' });
    expect(sent.length).toBe(3);
  });

  it('takes the core for away after three seconds of silence, and back at its first word', () => {
    const { link, clock } = linked();
    clock.ms = 3_000;
    expect(link.alive).toBe(true);
    clock.ms = 3_001;
    expect(link.alive).toBe(false);
    link.heard();
    expect(link.alive).toBe(true);
  });
});

describe('an answer without a core', () => {
  const outlet: Outlet = { common: () => ({}), counted: () => undefined, failed: () => undefined };
  const detail = async (method: string, sent: boolean): Promise<string> => {
    const request = { method, path: '/api/x' } as GatewayRequest;
    const fail = () => Promise.reject(new CoreAway('no answer', sent));
    const reply = await answerOf(request, fail, outlet);
    expect(reply.status).toBe(503);
    return reply.body.toString();
  };

  it('says of a change that was sent that its outcome is not known, and only of that', async () => {
    expect(await detail('POST', true)).toContain('not known');
    expect(await detail('POST', false)).toContain('Nothing was changed');
    expect(await detail('GET', true)).toContain('Nothing was changed');
  });

  it('is a 500 without any detail of the fault when the handler itself is broken', async () => {
    const request = { method: 'GET', path: '/api/x' } as GatewayRequest;
    const reply = await answerOf(request, () => Promise.reject(new Error('secret at line 7')), outlet);
    expect(reply.status).toBe(500);
    expect(reply.body).not.toContain('secret');
  });
});
