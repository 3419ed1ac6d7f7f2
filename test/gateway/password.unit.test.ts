import { describe, expect, it } from 'vitest';
import { Limiter } from '../../server/gateway/limiter.ts';
import { hashPassword, Turnstile, verifyPassword } from '../../server/gateway/password.ts';

const cheap = { N: 1024, r: 8, p: 1 };

describe('a password', () => {
  it('is verified against its own hash and no other', async () => {
    const stored = await hashPassword('correct horse', cheap);
    expect(await verifyPassword('correct horse', stored)).toBe(true);
    expect(await verifyPassword('Correct horse', stored)).toBe(false);
    expect(await hashPassword('correct horse', cheap)).not.toBe(stored);
  });

  it('is hashed as RFC 7914 says', async () => {
    // RFC 7914 §12: scrypt("pleaseletmein", "SodiumChloride", N=16384, r=8, p=1, dkLen=64)
    const key =
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
      'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
    const salt = Buffer.from('SodiumChloride').toString('base64url');
    const stored = `scrypt$16384$8$1$${salt}$${Buffer.from(key, 'hex').toString('base64url')}`;
    expect(await verifyPassword('pleaseletmein', stored)).toBe(true);
  });

  it('typed with composed or decomposed characters is the same', async () => {
    expect(await verifyPassword('ca\u0066e\u0301 noir', await hashPassword('caf\u00e9 noir', cheap))).toBe(true);
  });

  it('never matches a hash that cannot be read or asks for too much', async () => {
    const [, , , , salt, key] = (await hashPassword('x', cheap)).split('$');
    const wrong = ['plain', `scrypt$1000$8$1$${salt}$${key}`, `scrypt$16777216$64$1$${salt}$${key}`];
    for (const stored of wrong) expect(await verifyPassword('x', stored)).toBe(false);
    expect(await verifyPassword('x', null)).toBe(false);
  });
});

describe('the turnstile', () => {
  it('lets no more through at once than its bound and refuses beyond its queue', async () => {
    const turnstile = new Turnstile(2, 1);
    const release: (() => void)[] = [];
    let inside = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise<void>((go) => release.push(go));
      inside -= 1;
      return 'done';
    };
    const three = [turnstile.pass(work), turnstile.pass(work), turnstile.pass(work)];
    expect(await turnstile.pass(work)).toBeNull();
    release.shift()?.();
    expect(await three[0]).toBe('done');
    release.splice(0).forEach((go) => go());
    await three[1];
    release.splice(0).forEach((go) => go());
    expect(await three[2]).toBe('done');
    expect(most).toBe(2);
    const again = turnstile.pass(() => Promise.reject(new Error('broke')));
    await expect(again).rejects.toThrow('broke');
    expect(await turnstile.pass(() => Promise.resolve('free'))).toBe('free');
  });
});

describe('the limiter', () => {
  it('lets a burst through and then one per refill, each key for itself', () => {
    const limiter = new Limiter({ burst: 3, refillMs: 100 }, 10);
    expect([0, 0, 0, 0].map((ms) => limiter.take('a', ms))).toEqual([true, true, true, false]);
    expect(limiter.take('b', 0)).toBe(true);
    expect([99, 100, 100].map((ms) => limiter.take('a', ms))).toEqual([false, true, false]);
    limiter.giveBack('a');
    expect(limiter.take('a', 100)).toBe(true);
    expect([10_000, 10_000, 10_000, 10_000].map((ms) => limiter.take('a', ms))).toEqual([true, true, true, false]);
  });

  it('remembers a bounded number of keys and forgets the one unused for longest', () => {
    const limiter = new Limiter({ burst: 1, refillMs: 1e9 }, 3);
    for (const key of ['a', 'b', 'c']) limiter.take(key, 0);
    limiter.take('a', 0);
    limiter.take('d', 0);
    expect(limiter.size).toBe(3);
    expect([limiter.take('a', 0), limiter.take('b', 0)]).toEqual([false, true]);
  });
});
