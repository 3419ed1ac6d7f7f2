/** An account in one room whose meter keeps its money: opened, looked at, with time passing and its meter polled. */
import { expect } from 'vitest';
import type { Charging } from '../../server/domain/charging/state.ts';
import type { OpOutcome } from '../../protocol/ops.ts';
import { startCharging, type ChargingSite } from './chargingSite.ts';
import { MemoryDisk } from './memoryStore.ts';
import { plainSite } from './siteInMemory.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const details = {
  ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
  ...{ contractFromMs: null, contractUntilMs: null, note: '' },
};
export const plan = (more: object = {}): object => ({
  rooms: ['r1'],
  wallets: [{ id: 'w', thresholds: ['5', '2', '0'], firstRecharge: { amount: '20', channel: 'cash' } }],
  meters: [],
  payment: 'inMeter',
  ...more,
});
export const twoYuan = {
  wallets: [{ id: 'w', thresholds: ['5', '2', '0'], firstRecharge: { amount: '2', channel: 'cash' } }],
};
/** One room without an account; 1 yuan a kWh. */
export const empty = (): ReturnType<typeof plainSite> => ({ ...plainSite(1), accounts: [] });

let keys = 0;
export async function done(
  site: ChargingSite,
  op: Parameters<ChargingSite['do']>[0],
  params: object,
): Promise<unknown> {
  keys += 1;
  const outcome = await site.do(op, params, `k${keys}`);
  expect(outcome).toMatchObject({ ok: true });
  await turns(site);
  return (outcome as Extract<OpOutcome, { ok: true }>).result;
}
/** Tasks run in turns of their own. */
async function turns(site: ChargingSite): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await site.settle();
}
export async function pass(site: ChargingSite, ms: number, between = MINUTE): Promise<void> {
  for (let left = ms; left > 0; left -= between) {
    await site.pass(Math.min(left, between));
    await site.poll();
    await turns(site);
  }
}
export async function opened(more: object = {}, disk = new MemoryDisk()): Promise<ChargingSite> {
  const site = await startCharging(disk, empty());
  await site.poll();
  await done(site, 'saveAccount', { account: 'a', isNew: true, name: 'A', details, plan: plan(more) });
  await done(site, 'openAccount', { account: 'a' });
  await site.poll();
  await turns(site);
  return site;
}
export const inLedger = (site: ChargingSite, account: string): number => site.core.ledger.ledger.balance(account);
export const charging = (site: ChargingSite): Charging | undefined => site.core.wallets.get('w')?.state.charging;
export const conserved = (site: ChargingSite): void => {
  expect(site.core.ledger.imbalanceMicro).toBe(0);
  expect(inLedger(site, 'onMeter:m1')).toBe(charging(site)?.last?.remainingMicro ?? 0);
  expect(site.core.actors.parked).toEqual([]);
  expect(site.fatal).toEqual([]);
};
export const orderOf = async (site: ChargingSite, kind: string): Promise<Record<string, unknown>> => {
  const outcome = await site.do('getOrders', { wallet: 'w' }, '');
  const { items } = (outcome as { result: { items: Record<string, unknown>[] } }).result;
  const found = items.find((one) => one.kind === kind);
  expect(found).toBeDefined();
  return found ?? {};
};
