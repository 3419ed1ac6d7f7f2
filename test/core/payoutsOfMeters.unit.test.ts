/** A meter that keeps its money is no way past the second person. */
import { describe, expect, it } from 'vitest';
import { secondPersonSchema } from '../../protocol/secondPerson.ts';
import { done, inLedger, MINUTE, opened, pass } from '../tools/chargingAccount.ts';

describe('a refund out of a meter that keeps its money', () => {
  it('needs a second person above the limit like any other', async () => {
    const site = await opened();
    const rules = secondPersonSchema.parse({ refundAbove: '5' });
    site.core.setConfig('site', 'site', {
      ...site.core.directory.site,
      rules: { ...site.core.directory.site.rules, secondPerson: rules },
    });
    const refund = { wallet: 'w', channel: 'cash', note: 'moves' };
    await done(site, 'refund', { ...refund, amount: '4' });
    const more = site.do('refund', { ...refund, amount: '8' }, 'big');
    await pass(site, 2 * MINUTE);
    expect(await more).toMatchObject({ refusal: 'needsApproval' });
    expect(inLedger(site, 'refundReserved')).toBe(4_000_000);
  });
});
