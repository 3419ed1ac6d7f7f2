/** Passwords as `scrypt$N$r$p$salt$hash`, salt and hash in base64url; work is done off the main thread. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

type Cost = { readonly N: number; readonly r: number; readonly p: number };
/** 32 MiB and three passes: one of the settings of the OWASP Password Storage Cheat Sheet. */
export const standardCost: Cost = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** A stored hash asking for more than this is not believed: it would be a way to exhaust memory. */
const MEMORY_BYTES_MAX = 256 * 1024 * 1024;
const PASSES_MAX = 16;

const format = /^scrypt\$(\d{1,8})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{8,128})\$([A-Za-z0-9_-]{20,128})$/;

function derive(password: string, salt: Buffer, bytes: number, cost: Cost): Promise<Buffer> {
  const maxmem = 2 * 128 * cost.N * cost.r;
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, bytes, { ...cost, maxmem }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

export async function hashPassword(password: string, cost: Cost = standardCost): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, HASH_BYTES, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

type Stored = { readonly cost: Cost; readonly salt: Buffer; readonly key: Buffer };

function parseHash(stored: string): Stored | null {
  const match = format.exec(stored);
  if (match === null) return null;
  const [, n, r, p, salt = '', key = ''] = match;
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  const powerOfTwo = cost.N > 1 && (cost.N & (cost.N - 1)) === 0;
  if (!powerOfTwo || cost.r < 1 || cost.p < 1 || cost.p > PASSES_MAX) return null;
  if (128 * cost.N * cost.r > MEMORY_BYTES_MAX) return null;
  return { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
}

/**
 * Whether the password is the one behind the stored hash. `null` (no such operator) and a hash that cannot be read
 * cost as much time as a standard one and answer false.
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const parsed = stored === null ? null : parseHash(stored);
  if (parsed === null) {
    await derive(password, Buffer.alloc(SALT_BYTES), HASH_BYTES, standardCost);
    return false;
  }
  const key = await derive(password, parsed.salt, parsed.key.length, parsed.cost);
  return timingSafeEqual(key, parsed.key);
}

/** Lets few at a time through and refuses beyond a short queue: a flood of logins must not take all memory and both cores. */
export class Turnstile {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #runningMax: number;
  readonly #waitingMax: number;

  constructor(runningMax: number, waitingMax: number) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  /** The work's result, or null when the queue is full. */
  async pass<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.#running >= this.#runningMax) {
      if (this.#waiting.length >= this.#waitingMax) return null;
      // The one who leaves hands over the place, so `running` is not counted again.
      await new Promise<void>((go) => this.#waiting.push(go));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
