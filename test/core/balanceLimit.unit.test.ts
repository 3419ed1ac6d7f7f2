/** The upper limit of a balance: asked before money is taken, and never of what takes money back. */
import { describe, expect, it } from 'vitest';
import type { OpOutcome } from '../../protocol/ops.ts';
import { acceptsMicro, overLimit } from '../../server/domain/wallet/limits.ts';
import { siteRulesSchema } from '../../protocol/site.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { paramsOf } from '../tools/opParams.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const balance = (site: Running): number => site.core.wallets.get('w1')!.state.balanceMicro / 1e6;
const pay = (site: Running, amount: string, key: string): Promise<OpOutcome> =>
  site.do('recharge', { wallet: 'w1', amount, channel: 'cash' }, key);

describe('the limit of a balance', () => {
  it('is none by default, counts a debt in, and says how much may still come in, in whole cents', () => {
    const rules = (balanceMax?: string) => siteRulesSchema.parse({ balanceMax });
    expect(acceptsMicro(5, rules())).toBeNull();
    expect(overLimit(0, 9e15, rules('0'))).toBeNull();
    expect(acceptsMicro(-3_000_000, rules('100'))).toBe(103_000_000);
    expect(acceptsMicro(200_000_000, rules('100'))).toBe(0);
    expect(overLimit(0, 100_000_000, rules('100'))).toBeNull();
    expect(overLimit(12_345, 100_000_000, rules('100'))).toBe('at most 99.98 yuan more, for a balance of 100 at most');
  });

  it('refuses a recharge before money is taken, and keeps the order with the reason and without a receipt', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1, '90', { balanceMax: '100' }));
    expect(await pay(site, '10.01', 'a')).toMatchObject({ ok: false, refusal: 'balanceLimit' });
    await site.pass(60_000);
    expect(await pay(site, '10', 'b')).toMatchObject({ ok: true, result: { receipt: 1 } });
    expect(await pay(site, '0.01', 'c')).toMatchObject({ refusal: 'balanceLimit' });
    expect(balance(site)).toBe(100);
    const orders = await site.do('getSiteOrders', { state: 'refused' }, '');
    expect(orders).toMatchObject({
      ok: true,
      result: { items: [{ receipt: null, refused: { refusal: 'balanceLimit' } }, { amountMicro: 10_010_000 }] },
    });
    expect(await site.do('getRoom', { room: 'r1' }, '')).toMatchObject({ result: { wallets: [{ acceptsMicro: 0 }] } });
  });

  it('stands against no counter-entry: what was paid back by mistake comes in again', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1, '100', { balanceMax: '100' }));
    const refund = await site.do('refund', { wallet: 'w1', amount: '40', channel: 'cash', note: 'n' }, 'a');
    await pay(site, '40', 'b');
    const order = refund.ok ? (refund.result as { id: string }).id : '';
    await site.do('payOutRefund', { order }, 'p');
    expect(await site.do('reverse', { order, note: 'n' }, 'c')).toMatchObject({ ok: true });
    expect(balance(site)).toBe(140);
  });

  it('is set by a manager, holds from then on and over a restart, and for a first recharge too', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1, '0'));
    expect(await site.do('setSellingRules', { balanceMax: '50' }, 'a', 'cashier')).toMatchObject({
      refusal: 'forbidden',
    });
    expect(await site.do('setSellingRules', { balanceMax: '50' }, 'b', 'manager')).toMatchObject({ ok: true });
    const again = await startCore(disk, null);
    expect(await pay(again, '50.01', 'c')).toMatchObject({ refusal: 'balanceLimit' });
    const account = paramsOf(1).saveAccount as { plan: object };
    const plan = {
      ...account.plan,
      wallets: [{ id: 'w9', firstRecharge: { amount: '51', channel: 'cash' } }],
    };
    const saved = await again.do('saveAccount', { ...account, plan }, 'd');
    expect(saved).toMatchObject({ ok: false, refusal: 'invalid' });
    expect(saved.ok ? '' : saved.detail).toContain('plan.wallets.0.firstRecharge: at most 50.00 yuan');
  });
});
