/** Between the port's values and the text that both adapters store. */
import { z } from 'zod';
import { assert } from '../domain/assert.ts';
import { commitHash, snapshotChecksum } from './chain.ts';
import {
  StoreError,
  type Batch,
  type Head,
  type JournalEntry,
  type JsonObject,
  type RecordPut,
  type Snapshot,
  type StoredEvent,
} from './store.ts';

export const RECORDS_MAX = 1_000;
export const BYTES_MAX = 1024 * 1024;

export type EncodedRecord = {
  readonly kind: string;
  readonly id: string;
  readonly value: string | null;
  readonly index: readonly (readonly [string, number])[];
};
export type EncodedSnapshot = {
  readonly key: string;
  readonly commit: number;
  readonly commitHash: string;
  readonly schema: number;
  readonly state: string;
  readonly checksum: string;
};
export type EncodedBatch = {
  readonly number: number;
  readonly atMs: number;
  readonly events: string;
  readonly records: readonly EncodedRecord[];
  readonly snapshots: readonly EncodedSnapshot[];
};

const json: z.ZodType<JsonObject> = z.record(z.string(), z.json()) as z.ZodType<JsonObject>;
const eventsSchema = z.array(z.object({ key: z.string(), type: z.string(), v: z.int(), data: z.looseObject({}) }));

/**
 * Throws StoreError `tooLarge` over the bounds of one commit, InvariantError for what no store could write: an adapter
 * that finds out in the middle (a Redis script rolls nothing back) would leave half a commit.
 */
export function encodeBatch(batch: Batch): EncodedBatch {
  const records = batch.records.map(encodeRecord);
  const snapshots = batch.snapshots.map(encodeSnapshot);
  for (const { key, commit } of snapshots)
    assert(commit < batch.number, `the snapshot of ${key} is of commit ${commit}, which is not durable yet`);
  const events = JSON.stringify(batch.events);
  let bytes = Buffer.byteLength(events);
  for (const { value } of records) bytes += value === null ? 0 : Buffer.byteLength(value);
  for (const { state } of snapshots) bytes += Buffer.byteLength(state);
  if (records.length > RECORDS_MAX)
    throw new StoreError('tooLarge', `${records.length} records in one commit, ${RECORDS_MAX} at most`);
  if (bytes > BYTES_MAX) throw new StoreError('tooLarge', `${bytes} bytes in one commit, ${BYTES_MAX} at most`);
  return { number: batch.number, atMs: batch.atMs, events, records, snapshots };
}

function encodeRecord({ kind, id, value, index }: RecordPut): EncodedRecord {
  const memberships = Object.entries(index ?? {});
  for (const [name, score] of memberships) {
    assert(Number.isFinite(score), `record ${kind} ${id} has the score ${score} in the index ${name}`);
    // The Redis adapter keeps a record's index names as lines.
    assert(name !== '' && !name.includes('\n'), `record ${kind} ${id}: ${JSON.stringify(name)} is no index name`);
  }
  return { kind, id, value: value === null ? null : JSON.stringify(value), index: memberships };
}

function encodeSnapshot({ key, commit, commitHash: hash, schema, state }: Snapshot): EncodedSnapshot {
  const text = JSON.stringify(state);
  return {
    key,
    commit,
    commitHash: hash,
    schema,
    state: text,
    checksum: snapshotChecksum(key, commit, hash, schema, text),
  };
}

export function decodeSnapshot(encoded: EncodedSnapshot): Snapshot | { readonly key: string; readonly reason: string } {
  const { key, commit, commitHash: hash, schema, state, checksum } = encoded;
  if (snapshotChecksum(key, commit, hash, schema, state) !== checksum) return { key, reason: 'its checksum is wrong' };
  return { key, commit, commitHash: hash, schema, state: decodeObject(state, `snapshot ${key}`) };
}

export function decodeObject(text: string, what: string): JsonObject {
  try {
    return json.parse(JSON.parse(text));
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
  const parsed = eventsSchema.safeParse(JSON.parse(events));
  if (!parsed.success) throw new StoreError('corrupt', `commit ${number} holds no events`);
  return { number, atMs, hash, events: parsed.data as StoredEvent[] };
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
