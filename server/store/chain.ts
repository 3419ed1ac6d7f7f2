/** The hash chain over commits, and checksums of snapshots: a flipped byte is found at load. */
import { createHash } from 'node:crypto';

/** Hash before the first commit. */
export const GENESIS = '0'.repeat(64);

/** sha256 over the previous hash and everything of a commit that is read back; `events` is the stored JSON text. */
export function commitHash(previous: string, number: number, atMs: number, events: string): string {
  return createHash('sha256').update(`${previous}\n${number}\n${atMs}\n`).update(events).digest('hex');
}

/** Over every field of a snapshot as stored. */
export function snapshotChecksum(key: string, commit: number, hash: string, schema: number, state: string): string {
  return createHash('sha256').update(`${key}\n${commit}\n${hash}\n${schema}\n`).update(state).digest('hex');
}
