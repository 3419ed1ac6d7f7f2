/** The text of a link: read back as it was signed, whatever its id looks like, by its own key alone. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linkToken, readLinkToken } from '../../server/core/linkToken.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
const id = fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
const end = fc.integer({ min: 0, max: 8_000_000_000_000 });

it('is read back by its key, and by no other', () => {
  fc.assert(
    fc.property(key, key, fc.oneof(id, fc.constant('-_-_0000aaaaZZZZ')), end, (own, other, link, expiresMs) => {
      fc.pre(own !== other);
      const token = linkToken(own, link, expiresMs);
      expect(readLinkToken(own, token)).toEqual({ id: link, expiresMs });
      expect(readLinkToken(other, token)).toBeNull();
    }),
  );
});
