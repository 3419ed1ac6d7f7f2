/** Token buckets by key in a bounded map. Time comes as an argument: monotonic ms. */
type Bucket = { tokens: number; atMs: number };
export type Rate = { readonly burst: number; readonly refillMs: number };

export const fullBucket = (rate: Rate, nowMs: number): Bucket => ({ tokens: rate.burst, atMs: nowMs });

/** Takes one token; false when there is none. */
export function take(bucket: Bucket, rate: Rate, nowMs: number): boolean {
  bucket.tokens = Math.min(rate.burst, bucket.tokens + (nowMs - bucket.atMs) / rate.refillMs);
  bucket.atMs = nowMs;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

export class Limiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #rate: Rate;
  readonly #keysMax: number;

  /** At `keysMax` keys the one unused for longest is forgotten, which is the one nearest to full again. */
  constructor(rate: Rate, keysMax: number) {
    this.#rate = rate;
    this.#keysMax = keysMax;
  }

  take(key: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(key) ?? fullBucket(this.#rate, nowMs);
    this.#buckets.delete(key);
    if (this.#buckets.size >= this.#keysMax) {
      const oldest = this.#buckets.keys().next();
      if (oldest.done !== true) this.#buckets.delete(oldest.value);
    }
    this.#buckets.set(key, bucket);
    return take(bucket, this.#rate, nowMs);
  }

  /** An attempt that turned out well does not count. */
  giveBack(key: string): void {
    const bucket = this.#buckets.get(key);
    if (bucket !== undefined) bucket.tokens = Math.min(this.#rate.burst, bucket.tokens + 1);
  }

  /** Whole seconds until one more is let through. */
  retryAfterS(): number {
    return Math.max(1, Math.ceil(this.#rate.refillMs / 1000));
  }

  get size(): number {
    return this.#buckets.size;
  }
}
