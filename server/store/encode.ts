/** From the port's values to the text that both adapters store; decode.ts is the way back. */
import { assert } from '../domain/assert.ts';
import { snapshotChecksum } from './chain.ts';
import { StoreError, type Batch, type RecordPut, type Snapshot } from './store.ts';

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
/** `events`: their JSON as a list, text or its UTF-8. */
export type EncodedBatch<E extends string | Buffer = string> = {
  readonly number: number;
  readonly atMs: number;
  readonly events: E;
  readonly records: readonly EncodedRecord[];
  readonly snapshots: readonly EncodedSnapshot[];
};

/**
 * Throws StoreError `tooLarge` over the bounds of one commit, InvariantError for what no store could write: an adapter
 * that finds out in the middle (a Redis script rolls nothing back) would leave half a commit.
 */
export function encodeBatch<E extends string | Buffer>(batch: Batch, events: E): EncodedBatch<E> {
  const records = batch.records.map(encodeRecord);
  const snapshots = batch.snapshots.map(encodeSnapshot);
  for (const { key, commit } of snapshots)
    assert(commit < batch.number, `the snapshot of ${key} is of commit ${commit}, which is not durable yet`);
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
