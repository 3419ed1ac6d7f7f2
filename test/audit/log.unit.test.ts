/** The audit log in a whole core: every command, what was refused, in the commit of its effect, over kills. */
import { describe, expect, it } from 'vitest';
import { auditRowSchema, type AuditRow } from '../../protocol/audit.ts';
import { z } from 'zod';
import type { Internal, Who } from '../../protocol/ipc.ts';
import { sha256 } from '../../server/core/auditLog.ts';
import { answerInternal } from '../../server/core/internal.ts';
import { AuditCheck } from '../../server/domain/audit/verify.ts';
import { StoreError } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

function logOf(disk: MemoryDisk): AuditRow[] {
  return [...(disk.records.get('audit')?.values() ?? [])]
    .map(({ value }) => auditRowSchema.parse(value))
    .sort((a, b) => a.sequence - b.sequence);
}
function findings(site: Running, disk: MemoryDisk): unknown {
  const check = new AuditCheck(sha256);
  for (const row of logOf(disk)) check.take(row);
  return check.end(site.core.audit.state);
}
const anna: Who = { operator: 'anna', role: 'manager', provedAgoMs: 0, address: '10.1.2.3' };
async function doAs(site: Running, who: Who, op: Parameters<Running['do']>[0], params: object, key: string) {
  const outcome = site.intake.do(who, op, params, key);
  await site.settle();
  return outcome;
}

describe('the audit log', () => {
  it('says who did what, from where, and what it changed', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(2));
    await doAs(site, anna, 'recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'a');
    await doAs(site, anna, 'switchMeter', { meter: 'm2', action: 'forceTrip', reason: 'smoke' }, 'b');
    const [money, trip] = logOf(disk);
    expect(money).toMatchObject({
      ...{ sequence: 1, operator: 'anna', role: 'manager', address: '10.1.2.3', op: 'recharge', outcome: 'done' },
      targets: ['wallet:w1'],
      before: { 'wallet:w1': { balanceMicro: 100_000_000 } },
      after: { 'wallet:w1': { balanceMicro: 105_000_000 } },
    });
    expect(trip).toMatchObject({
      params: { meter: 'm2', action: 'forceTrip', reason: 'smoke' },
      before: { 'meter:m2': { forcedTrip: null } },
      after: { 'meter:m2': { forcedTrip: { by: 'anna', reason: 'smoke' } } },
    });
    expect(findings(site, disk)).toEqual([]);
  });

  it('holds what was refused, whatever the reason, and no question that was allowed', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const body = { wallet: 'w1', amount: '5', channel: 'cash' };
    await doAs(site, { ...anna, role: 'viewer' }, 'recharge', body, 'a');
    await doAs(site, anna, 'recharge', { ...body, amount: 'x' }, 'b');
    await doAs(site, anna, 'recharge', body, 'c');
    await doAs(site, anna, 'recharge', { ...body, amount: '6' }, 'c');
    await doAs(site, anna, 'refund', { ...body, amount: '500', note: 'n' }, 'd');
    await doAs(site, { ...anna, buildings: ['B'] }, 'getRoom', { room: 'r1' }, 'e');
    await doAs(site, anna, 'getRoom', { room: 'r1' }, 'f');
    expect(logOf(disk).map(({ outcome }) => outcome)).toEqual([
      ...['forbidden', 'invalid', 'done', 'conflict', 'insufficientBalance', 'outOfScope'],
    ]);
    expect(findings(site, disk)).toEqual([]);
  });

  it('writes a configuration before and after, without its secrets', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const operator = { name: 'carl', displayName: 'Carl', role: 'viewer', passwordHash: 'scrypt$s3cret' };
    await doAs(site, { ...anna, role: 'administrator' }, 'addOperator', operator, 'a');
    const [row] = logOf(disk);
    expect(row?.after).toMatchObject({ 'operator:carl': { role: 'viewer', passwordHash: '•' } });
    expect(JSON.stringify(row)).not.toContain('s3cret');
  });

  it('holds logins and failed logins, whatever name was typed', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    const attempt = { why: 'login', address: '10.9.9.9' } as const;
    const ask = async (question: Internal): Promise<unknown> => {
      const answer = answerInternal(site.core, question);
      await site.settle();
      return answer;
    };
    await ask({ ask: 'operatorForLogin', name: 'a\nb', ...attempt });
    await ask({ ask: 'passwordWrong', name: 'a\nb', ...attempt });
    await ask({ ask: 'passwordRight', name: 'anna', ...attempt });
    await ask({ ask: 'passwordWrong', name: 'anna', ...attempt, why: 'proof' });
    expect(logOf(disk).map(({ op, operator, outcome, address }) => [op, operator, outcome, address])).toEqual([
      ['login', 'a\nb', 'wrongPassword', '10.9.9.9'],
      ['login', 'anna', 'done', '10.9.9.9'],
      ['passwordProof', 'anna', 'wrongPassword', '10.9.9.9'],
    ]);
    const names = [...(disk.records.get('audit')?.values() ?? [])].flatMap(({ index }) => Object.keys(index));
    expect(names.filter((name) => name.includes('\n'))).toEqual([]);
  });

  it('is searched by person, operation, target, time and refusal, exported and verified by auditors', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(2));
    const body = { wallet: 'w1', amount: '5', channel: 'cash' };
    await doAs(site, anna, 'recharge', body, 'a');
    await site.pass(60_000);
    await doAs(site, { ...anna, operator: 'olga' }, 'recharge', { ...body, wallet: 'w2' }, 'b');
    await doAs(site, { ...anna, role: 'viewer' }, 'switchMeter', {}, 'c');
    const auditor: Who = { operator: 'otto', role: 'auditor' };
    const numbers = async (filter: object): Promise<number[]> => {
      const outcome = await doAs(site, auditor, 'getAudit', filter, '');
      return z
        .object({ items: z.array(auditRowSchema) })
        .parse(outcome.ok && outcome.result)
        .items.map((row) => row.sequence);
    };
    expect(await numbers({})).toEqual([3, 2, 1]);
    expect(await numbers({ operator: 'anna' })).toEqual([3, 1]);
    expect(await numbers({ op: 'recharge', operator: 'olga' })).toEqual([2]);
    expect(await numbers({ target: 'wallet:w1' })).toEqual([1]);
    expect(await numbers({ refused: 'true' })).toEqual([3]);
    expect(await numbers({ toMs: site.clock.site() - 1 })).toEqual([1]);
    expect(await doAs(site, auditor, 'verifyAudit', {}, '')).toMatchObject({ result: { entries: 3, found: 0 } });
    expect(await doAs(site, auditor, 'exportAudit', { from: 2 }, '')).toMatchObject({
      result: { items: [{ sequence: 2 }, { sequence: 3 }], head: site.core.audit.state },
    });
    disk.records.get('audit')?.delete('000000000002');
    expect(await doAs(site, auditor, 'verifyAudit', {}, '')).toMatchObject({
      result: { entries: 2, findings: [{ fault: 'missing', from: 2, to: 2 }] },
    });
    disk.records.get('audit')?.delete('000000000003');
    expect(await doAs(site, auditor, 'verifyAudit', {}, '')).toMatchObject({
      result: { findings: [{ fault: 'cut', from: 2, to: 3 }] },
    });
  });

  it('writes a repeat under the same id once', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    for (let i = 0; i < 4; i++)
      await doAs(site, anna, 'recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'same');
    expect(logOf(disk)).toHaveLength(1);
  });

  it('has an entry for every effect and an effect for every entry, killed after any commit', async () => {
    const whole = new MemoryDisk();
    const first = await startCore(whole, plainSite(3));
    const commits: { records: number; balance: number }[] = [];
    for (let i = 0; i < 12; i++) {
      const body = { wallet: `w${(i % 3) + 1}`, amount: '1', channel: 'cash' };
      await doAs(first, anna, 'recharge', body, `k${i}`);
      // What a process killed here leaves.
      const left = structuredClone({ ...whole, failing: null });
      const disk = Object.assign(new MemoryDisk(), left);
      const again = await startCore(disk, null, undefined, new MemoryStore(disk));
      const balances = [...again.core.wallets.values()].reduce((sum, { state }) => sum + state.balanceMicro, 0);
      commits.push({ records: logOf(disk).length, balance: balances });
      expect(again.core.audit.state.sequence).toBe(i + 1);
      expect(findings(again, disk)).toEqual([]);
      again.core.actors.stop();
    }
    expect(commits.map(({ records, balance }) => balance - records * 1_000_000)).toEqual(
      commits.map(() => 300_000_000),
    );
  });

  it('answers at once while the store is away, writes what waited, and counts what could not wait', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1));
    await doAs(site, anna, 'recharge', { wallet: 'w1', amount: '5', channel: 'cash' }, 'a');
    disk.failing = new StoreError('away', 'pulled cable');
    for (let i = 0; i < 1_100; i++)
      expect(await doAs(site, { ...anna, role: 'viewer' }, 'recharge', {}, `x${i}`)).toMatchObject({
        refusal: 'forbidden',
      });
    disk.failing = null;
    await site.pass(120_000);
    const log = logOf(disk);
    expect(log.at(-1)).toMatchObject({ op: 'auditGap', outcome: 'storeAway' });
    const told = Number(log.at(-1)?.detail?.split(' ')[0]);
    expect(log.filter(({ op }) => op === 'recharge')).toHaveLength(1_101 - told);
    expect(told).toBeGreaterThan(0);
    expect(findings(site, disk)).toEqual([]);
  });
});
