/** From the text that both adapters store (encode.ts) back to the port's values. */
import { z } from 'zod';
import { commitHash, snapshotChecksum } from './chain.ts';
import type { EncodedSnapshot } from './encode.ts';
import {
  StoreError,
  type BadSnapshot,
  type Head,
  type JournalEntry,
  type JsonObject,
  type Snapshot,
  type StoredEvent,
} from './store.ts';

/** What JSON.parse gives is JSON through and through: only what it is at the top is left to ask. */
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** By hand: recovery asks this of every event of the journal, and a schema takes ten times as long. */
const isEvent = (value: unknown): value is StoredEvent =>
  isObject(value) &&
  typeof value.key === 'string' &&
  typeof value.type === 'string' &&
  Number.isSafeInteger(value.v) &&
  isObject(value.data);

export function decodeSnapshot(encoded: EncodedSnapshot): Snapshot | BadSnapshot {
  const { key, commit, commitHash: hash, schema, state, checksum } = encoded;
  if (snapshotChecksum(key, commit, hash, schema, state) !== checksum) return { key, reason: 'its checksum is wrong' };
  return { key, commit, commitHash: hash, schema, state: decodeObject(state, `snapshot ${key}`) };
}

/** Throws StoreError `corrupt` for what is no JSON object. */
export function decodeObject(text: string, what: string): JsonObject {
  const value = parsed(text, what);
  if (!isObject(value)) throw new StoreError('corrupt', `${what} cannot be read`);
  return value;
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StoreError('corrupt', `${what} cannot be read`, { cause: error });
  }
}

/** Checks an entry against the hash before it. Throws StoreError `corrupt`. */
export function decodeEntry(previous: Head, number: number, atMs: number, events: string, hash: string): JournalEntry {
  if (number !== previous.number + 1)
    throw new StoreError('corrupt', `commit ${previous.number + 1} is missing in the journal`);
  if (commitHash(previous.hash, number, atMs, events) !== hash)
    throw new StoreError('corrupt', `commit ${number} has been changed: its hash does not fit`);
  const values = parsed(events, `commit ${number}`);
  if (!Array.isArray(values) || !values.every(isEvent))
    throw new StoreError('corrupt', `commit ${number} holds no events`);
  return { number, atMs, hash, events: values };
}

/** Score and id of the last item of a page; opaque to callers. */
export function encodeCursor(score: number, id: string): string {
  return Buffer.from(JSON.stringify([score, id])).toString('base64url');
}

/** Throws StoreError `corrupt` for what is no cursor of ours. */
export function decodeCursor(cursor: string): [number, string] {
  try {
    return z.tuple([z.number(), z.string()]).parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (error) {
    throw new StoreError('corrupt', 'not a cursor of this store', { cause: error });
  }
}
