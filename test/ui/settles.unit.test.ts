import { describe, expect, it } from 'vitest';
import { settles } from '../../ui/src/net/settles.ts';

describe('an answer to an order', () => {
  it('that may have been given while the core was still at work leaves its outcome open', () => {
    for (const code of ['network', 'coreAway', 'internal'])
      expect([settles(code, false), settles(code, true)], code).toEqual([false, false]);
  });

  it('that refused the first attempt at the door settles it, but says nothing of an earlier attempt', () => {
    for (const code of ['storeAway', 'unauthenticated', 'csrf', 'forbidden', 'outOfScope', 'proofNeeded', 'tooMany'])
      expect([settles(code, false), settles(code, true)], code).toEqual([true, false]);
  });

  it('that was given after the number had been looked up settles it', () => {
    for (const code of ['insufficientBalance', 'accountState', 'notFound', 'parked', 'needsApproval'])
      expect([settles(code, false), settles(code, true)], code).toEqual([true, true]);
  });
});
