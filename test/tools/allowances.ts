/** What tests of allowances share: giving one to account a1, leaps of time, and what must hold at any moment. */
import { expect } from 'vitest';
import type { StatementLine } from '../../protocol/accounts.ts';
import type { OpOutcome } from '../../protocol/ops.ts';
import type { MemoryDisk } from './memoryStore.ts';
import type { plainSite, Running } from './siteInMemory.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export type Site = ReturnType<typeof plainSite>;

let keys = 0;
export const ask = (running: Running, op: Parameters<Running['do']>[0], params: object): Promise<OpOutcome> =>
  running.do(op, params, `k${(keys += 1)}`, 'manager');
export async function done(running: Running, op: Parameters<Running['do']>[0], params: object): Promise<void> {
  expect(await ask(running, op, params)).toMatchObject({ ok: true });
  await running.settle();
}
export const give = (running: Running, more: object = {}): Promise<void> =>
  done(running, 'giveAllowance', { accounts: ['a1'], unit: 'kWh', amount: '1', ...more });
/** Time goes at once; what is due in it is done at its end. */
export async function leap(running: Running, ms: number): Promise<void> {
  running.clock.step(ms);
  running.core.epochConfirmed();
  running.core.tick();
  await running.settle();
}
export const stateOf = ({ core }: Running, wallet = 'w1') => core.wallets.get(wallet)!.state;
export const balance = (running: Running, wallet = 'w1'): number => stateOf(running, wallet).balanceMicro;
export const lots = (running: Running, unit = 'kWh'): [string, number][] =>
  stateOf(running)
    .allowances?.find((one) => one.unit === unit)
    ?.lots.map(({ period, left }) => [period, left]) ?? [];
export const inLedger = ({ core }: Running, account: string): number => core.ledger.ledger.balance(account);
export function conserved(running: Running): void {
  const { core } = running;
  expect(core.ledger.imbalanceMicro).toBe(0);
  expect(core.ledger.ledger.sumMicro).toBe(0);
  expect(core.actors.parked).toEqual([]);
  for (const [id, { state }] of core.wallets) {
    expect(inLedger(running, `wallet:${id}`)).toBe(state.balanceMicro);
    const yuan = state.allowances?.find(({ unit }) => unit === 'yuan')?.lots ?? [];
    expect(inLedger(running, `allowance:${id}`)).toBe(yuan.reduce((sum, { left }) => sum + left, 0));
    for (const { lots: own } of state.allowances ?? [])
      for (const { left } of own) expect(left).toBeGreaterThanOrEqual(0);
  }
}
/** How often each unit and period was granted. */
export function grantsOf(disk: MemoryDisk): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { events } of disk.entries)
    for (const { type, data } of events) {
      if (type !== 'AllowanceGranted') continue;
      const period = `${String(data.unit)} ${String(data.period)}`;
      found[period] = (found[period] ?? 0) + 1;
    }
  return found;
}

export async function statement(running: Running): Promise<StatementLine[]> {
  const outcome = await running.do('getStatement', { wallet: 'w1' }, '');
  return (outcome as { result: { items: StatementLine[] } }).result.items;
}
