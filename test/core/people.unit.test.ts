/** Colleagues and their sessions in the core: invited, changed, disabled, locked out, ended. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Internal, InternalAnswer, SessionRecord, Who } from '../../protocol/ipc.ts';
import type { OpName, OpOutcome, OpResult } from '../../protocol/ops.ts';
import { INVITATION_MS } from '../../protocol/people.ts';
import type { Role } from '../../protocol/site.ts';
import { answerInternal } from '../../server/core/internal.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const HASH = 'scrypt$1$1$1$abcdefgh$abcdefghijklmnopqrst';
const START = Date.parse('2026-06-01T04:00:00Z');
const hashOf = (token: string): string => createHash('sha256').update(token, 'utf8').digest('hex');
const person = (name: string, role: Role) => ({ name, displayName: name, role, passwordHash: HASH });
const anna: Who = { operator: 'anna', role: 'administrator', provedAgoMs: 0, session: 'a'.repeat(64) };

async function start(disk = new MemoryDisk()): Promise<{ site: Running; disk: MemoryDisk; ended: string[] }> {
  const operators = [person('anna', 'administrator'), person('olga', 'operator')];
  const site = await startCore(disk, { ...plainSite(1), operators });
  const ended: string[] = [];
  site.core.people.onEnded = (hashes) => ended.push(...hashes);
  return { site, disk, ended };
}
async function ask<A extends Internal['ask']>(
  site: Running,
  question: Extract<Internal, { readonly ask: A }>,
): Promise<InternalAnswer[A]> {
  const answer = answerInternal(site.core, question);
  await site.settle();
  return (await answer) as InternalAnswer[A];
}
let keys = 0;
async function act(site: Running, op: OpName, params: object, who: Who = anna, key = `k${(keys += 1)}`) {
  const outcome: Promise<OpOutcome> = site.intake.do(who, op, params, key);
  await site.settle();
  return outcome;
}
async function result<N extends OpName>(site: Running, op: N, params: object, who: Who = anna): Promise<OpResult<N>> {
  const outcome = await act(site, op, params, who);
  if (!outcome.ok) throw new Error(`${op}: ${outcome.refusal} ${outcome.detail}`);
  return outcome.result as OpResult<N>;
}
const sessionOf = (operator: string, more: Partial<SessionRecord> = {}): SessionRecord => ({
  ...{ operator, csrf: 'c', sinceMs: Date.now(), seenMs: Date.now(), expiresMs: Date.now() + 3_600_000 },
  ...{ provedMs: Date.now(), address: '192.0.2.1', browser: 'Firefox/140.0', ...more },
});
const open = (site: Running, tokenHash: string, record: SessionRecord): Promise<true> =>
  ask(site, { ask: 'sessionPut', tokenHash, ...record });
const login = (site: Running, name: string, why: 'login' | 'proof' = 'login') =>
  ask(site, { ask: 'operatorForLogin', address: '10.0.0.9', name, why });

afterEach(() => void vi.useRealTimers());
const clock = (ms: number): void => void vi.useFakeTimers({ toFake: ['Date'], now: ms });

const ines = { operator: 'ines', displayName: 'Ines', role: 'cashier', buildings: ['A'] };

describe('an invitation', () => {
  it('is a link that sets a password once, of which only the hash is kept', async () => {
    const { site, disk } = await start();
    const { token } = await result(site, 'inviteOperator', ines);
    if (token === null) throw new Error('the first answer has the token');
    const stored = JSON.stringify([...disk.entries, ...[...disk.records.values()].map((each) => [...each.values()])]);
    expect(stored).toContain(hashOf(token));
    expect(stored).not.toContain(token);

    expect((await login(site, 'ines')).operator).toBeNull();
    expect(await ask(site, { ask: 'invitation', tokenHash: hashOf(token) })).toMatchObject({ name: 'ines' });
    const use = { ask: 'invitationUse', address: '10.0.0.9', tokenHash: hashOf(token), passwordHash: HASH } as const;
    expect(await ask(site, use)).toBe(true);
    expect(await ask(site, use)).toBe(false);
    expect((await login(site, 'ines')).operator).toMatchObject({ role: 'cashier', buildings: ['A'] });
  });

  it('is over after three days', async () => {
    clock(START);
    const { site } = await start();
    const { token } = await result(site, 'inviteOperator', ines);
    const tokenHash = hashOf(token ?? '');
    clock(START + INVITATION_MS - 1);
    expect(await ask(site, { ask: 'invitation', tokenHash })).not.toBeNull();
    clock(START + INVITATION_MS);
    expect(await ask(site, { ask: 'invitation', tokenHash })).toBeNull();
    expect(await ask(site, { ask: 'invitationUse', address: '10.0.0.9', tokenHash, passwordHash: HASH })).toBe(false);
  });

  it('repeated under its id is the same one, and does not tell the token again', async () => {
    const { site } = await start();
    await act(site, 'inviteOperator', ines, anna, 'once');
    const again = await act(site, 'inviteOperator', ines, anna, 'once');
    expect(again).toMatchObject({ ok: true, result: { operator: 'ines', token: null } });
    expect((await result(site, 'getOperators', {})).items).toHaveLength(3);
  });

  it('is refused for a taken name and for a building that is not there', async () => {
    const { site } = await start();
    expect(await act(site, 'inviteOperator', { ...ines, operator: 'olga' })).toMatchObject({ refusal: 'invalid' });
    expect(await act(site, 'inviteOperator', { ...ines, buildings: ['Z'] })).toMatchObject({ refusal: 'invalid' });
  });

  it('renewed takes password and sessions of the present one', async () => {
    const { site, ended } = await start();
    await open(site, 'o1', sessionOf('olga'));
    const { token } = await result(site, 'resetOperator', { operator: 'olga' });
    expect(ended).toEqual(['o1']);
    expect((await login(site, 'olga')).operator).toBeNull();
    await ask(site, { ask: 'invitationUse', address: '10.0.0.9', tokenHash: hashOf(token ?? ''), passwordHash: HASH });
    expect((await login(site, 'olga')).operator).not.toBeNull();
  });
});

describe('people', () => {
  it('lose their sessions with another role, other buildings or when disabled, not with another name', async () => {
    const { site, ended } = await start();
    const change = { operator: 'olga', displayName: 'Olga', role: 'operator', buildings: null };
    const steps: [OpName, object, number][] = [
      ['changeOperator', { ...change, displayName: 'Olga 2' }, 0],
      ['changeOperator', { ...change, role: 'cashier' }, 1],
      ['changeOperator', { ...change, role: 'cashier', buildings: ['A'] }, 1],
      ['disableOperator', { operator: 'olga' }, 1],
    ];
    for (const [op, params, count] of steps) {
      await open(site, 'o1', sessionOf('olga'));
      ended.length = 0;
      await result(site, op, params);
      expect([op, params, ended.length]).toEqual([op, params, count]);
    }
    expect(await ask(site, { ask: 'sessionGet', tokenHash: 'o1' })).toBeNull();
    expect((await login(site, 'olga')).operator).toBeNull();
    await result(site, 'enableOperator', { operator: 'olga' });
    expect((await login(site, 'olga')).operator).toMatchObject({ role: 'cashier' });
  });

  it('always include an administrator of the whole site who can log in', async () => {
    const { site } = await start();
    const lesser = { operator: 'anna', displayName: 'Anna', role: 'manager', buildings: null };
    const last = { ok: false, refusal: 'lastAdministrator' };
    expect(await act(site, 'disableOperator', { operator: 'anna' })).toMatchObject(last);
    expect(await act(site, 'changeOperator', lesser)).toMatchObject(last);
    const limited = { ...lesser, role: 'administrator', buildings: ['A'] };
    expect(await act(site, 'changeOperator', limited)).toMatchObject(last);
    // Invited, and without a password yet: nobody who could log in.
    const { token } = await result(site, 'inviteOperator', { ...ines, role: 'administrator', buildings: null });
    expect(await act(site, 'disableOperator', { operator: 'anna' })).toMatchObject(last);
    await ask(site, { ask: 'invitationUse', address: '10.0.0.9', tokenHash: hashOf(token ?? ''), passwordHash: HASH });
    expect(await act(site, 'disableOperator', { operator: 'anna' })).toMatchObject({ ok: true });
  });

  it('always include one, also when two administrators take each other’s place at the same moment', async () => {
    const { site } = await start();
    await act(site, 'addOperator', { ...person('adam', 'administrator') });
    const adam: Who = { ...anna, operator: 'adam', session: 'b'.repeat(64) };
    const outcomes = [
      site.intake.do(anna, 'disableOperator', { operator: 'adam' }, 'x'),
      site.intake.do(adam, 'disableOperator', { operator: 'anna' }, 'y'),
    ];
    await site.settle();
    expect((await Promise.all(outcomes)).map(({ ok }) => ok)).toEqual([true, false]);
  });
});

describe('sessions', () => {
  it('are listed to their owner, all of them to administrators, over a restart', async () => {
    const { site, disk } = await start();
    await open(site, 'a'.repeat(64), sessionOf('anna'));
    await open(site, 'b'.repeat(64), sessionOf('olga', { browser: 'Chrome/150.0' }));
    await open(site, 'c'.repeat(64), sessionOf('olga', { expiresMs: Date.now() - 1 }));
    const again = await startCore(disk, null, site.clock);
    const mine = await result(again, 'getSessions', {});
    expect(mine.items).toMatchObject([{ id: 'a'.repeat(16), name: 'anna', own: true, address: '192.0.2.1' }]);
    const olga: Who = { operator: 'olga', role: 'operator' };
    expect(await act(again, 'getSessions', { whose: 'all' }, olga)).toMatchObject({ refusal: 'forbidden' });
    const all = await result(again, 'getSessions', { whose: 'all' });
    expect(all.items.map(({ id }) => id).sort()).toEqual(['a'.repeat(16), 'b'.repeat(16)]);
    const people = (await result(again, 'getOperators', {})).items;
    expect(people.map(({ name, sessions }) => [name, sessions])).toEqual([
      ['anna', 1],
      ['olga', 1],
    ]);
  });

  it('are ended one by one and everywhere, by their owner or an administrator, and the gateway is told', async () => {
    const { site, ended } = await start();
    const olga: Who = { operator: 'olga', role: 'operator', provedAgoMs: 0, session: 'b'.repeat(64) };
    for (const letter of ['b', 'c', 'd']) await open(site, letter.repeat(64), sessionOf('olga'));
    await open(site, 'a'.repeat(64), sessionOf('anna'));
    expect(await act(site, 'endSession', { session: 'a'.repeat(16) }, olga)).toMatchObject({ refusal: 'notFound' });
    expect(await act(site, 'endSessions', { operator: 'anna' }, olga)).toMatchObject({ refusal: 'forbidden' });
    expect(ended).toEqual([]);
    await result(site, 'endSession', { session: 'c'.repeat(16) }, olga);
    expect(ended.splice(0)).toEqual(['c'.repeat(64)]);
    expect(await result(site, 'endSessions', { keepThis: true }, olga)).toEqual({ ended: 1 });
    expect(ended.splice(0)).toEqual(['d'.repeat(64)]);
    expect(await result(site, 'endSessions', { operator: 'olga' })).toEqual({ ended: 1 });
    expect(ended).toEqual(['b'.repeat(64)]);
    expect(await ask(site, { ask: 'sessionGet', tokenHash: 'b'.repeat(64) })).toBeNull();
  });

  it('but the present one end with a new password', async () => {
    const { site, ended } = await start();
    for (const letter of ['b', 'c']) await open(site, letter.repeat(64), sessionOf('olga'));
    await open(site, 'a'.repeat(64), sessionOf('anna'));
    const keepSession = 'b'.repeat(64);
    await ask(site, {
      ask: 'passwordSet',
      address: '10.0.0.9',
      operator: 'olga',
      passwordHash: `${HASH}x`,
      keepSession,
    });
    expect(ended).toEqual(['c'.repeat(64)]);
    expect((await login(site, 'olga')).operator?.passwordHash).toBe(`${HASH}x`);
  });
});

describe('wrong passwords', () => {
  it('make a name wait longer each time, over a restart of core and gateway, until a right one', async () => {
    clock(START);
    const { site, disk } = await start();
    for (let n = 0; n < 10; n += 1) expect((await login(site, 'olga')).waitMs).toBe(0);
    expect(await login(site, 'olga')).toEqual({ waitMs: 10_000, operator: null });
    const again = await startCore(disk, null, site.clock);
    expect((await login(again, 'olga')).waitMs).toBe(10_000);
    expect((await login(again, 'anna')).waitMs).toBe(0);
    // What someone who is logged in proves is counted apart: a guesser outside cannot stop it.
    expect((await login(again, 'olga', 'proof')).waitMs).toBe(0);
    const waits: number[] = [];
    let now = START;
    for (let n = 0; n < 9; n += 1) {
      now += (await login(again, 'olga')).waitMs;
      clock(now);
      expect((await login(again, 'olga')).waitMs).toBe(0);
      waits.push((await login(again, 'olga')).waitMs / 1000);
    }
    expect(waits).toEqual([20, 40, 80, 160, 320, 640, 900, 900, 900]);
    clock(now + 900_000);
    expect((await login(again, 'olga')).operator).not.toBeNull();
    await ask(again, { ask: 'passwordRight', address: '10.0.0.9', name: 'olga', why: 'login' });
    for (let n = 0; n < 10; n += 1) expect((await login(again, 'olga')).waitMs).toBe(0);
  });

  it('are counted for names nobody has as well, so that the wait does not tell who is known', async () => {
    clock(START);
    const { site } = await start();
    for (let n = 0; n < 10; n += 1) expect(await login(site, 'nobody')).toEqual({ waitMs: 0, operator: null });
    expect(await login(site, 'nobody')).toEqual({ waitMs: 10_000, operator: null });
  });
});
