/** The audit log in a whole core: every command, what was refused, in the commit of its effect, over kills. */
import { describe, expect, it } from 'vitest';
import { auditRowSchema, type AuditRow } from '../../protocol/audit.ts';
import type { Who } from '../../protocol/ipc.ts';
import { sha256 } from '../../server/core/auditLog.ts';
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
