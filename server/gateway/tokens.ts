/** Bearer secrets: random, kept by the core as hashes only, compared in constant time. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN_BYTES = 32;

/** 256 random bits as base64url, 43 characters. */
export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

/** SHA-256 of the token's text, lower-case hex: what is stored of session tokens and of the set-up link. */
export const hashToken = (token: string): string => createHash('sha256').update(token, 'utf8').digest('hex');

/** Both sides are hashed first, so neither content nor length shows in the time taken. */
export const sameSecret = (given: string, expected: string): boolean =>
  timingSafeEqual(Buffer.from(hashToken(given), 'hex'), Buffer.from(hashToken(expected), 'hex'));
