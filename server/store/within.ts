import { StoreError } from './store.ts';

/** The outcome of `work`, or StoreError `away` after `ms`: the work itself goes on, and nobody waits for it any more. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreError('away', `Redis did not answer within ${ms} ms`)), ms);
  });
  // The loser of the race may still be rejected.
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
