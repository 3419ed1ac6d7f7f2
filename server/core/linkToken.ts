/** The text a tenant is given: id and end of a link, signed. What was not signed with this key opens nothing. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Says what is signed, so that the key signs nothing that could be taken for something else. */
const PURPOSE = 'wattroom explanation 1';

const signature = (key: string, body: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64url')).update(`${PURPOSE}\n${body}`).digest('base64url');

/** `key`: 32 bytes, base64url. `expiresMs`: site time. */
export function linkToken(key: string, id: string, expiresMs: number): string {
  const body = `${id}.${expiresMs.toString(36)}`;
  return `${body}.${signature(key, body)}`;
}

/** null: not ours. Compared as text, since some characters of base64url leave the bytes as they are. */
export function readLinkToken(key: string, token: string): { readonly id: string; readonly expiresMs: number } | null {
  const [, body = '', id = '', end = '', given = ''] = /^(([\w-]+)\.([0-9a-z]{1,11}))\.([\w-]{43})$/.exec(token) ?? [];
  if (body === '') return null;
  if (!timingSafeEqual(Buffer.from(given), Buffer.from(signature(key, body)))) return null;
  return { id, expiresMs: Number.parseInt(end, 36) };
}
