/** The hash chain over commits, and checksums of snapshots: a flipped byte is found at load. */
import { createHash, hash as digest } from 'node:crypto';

/** Hash before the first commit. */
export const GENESIS = '0'.repeat(64);

/** sha256 over the previous hash and everything of a commit that is read back; `events` is the stored JSON text, or its UTF-8. */
export function commitHash(previous: string, number: number, atMs: number, events: string | Buffer): string {
  return createHash('sha256').update(`${previous}\n${number}\n${atMs}\n`).update(events).digest('hex');
}

/** Over every field of a snapshot as stored. */
export function snapshotChecksum(key: string, commit: number, hash: string, schema: number, state: string): string {
  return digest('sha256', `${key}\n${commit}\n${hash}\n${schema}\n${state}`);
}
