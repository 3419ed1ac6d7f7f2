/**
 * The one narrow door to durable state. Features never see an adapter.
 * One site = one journal = one writer. A commit is atomic, ordered, and durable when its promise resolves.
 */

import type { Json, JsonObject } from '../domain/json.ts';
export type { Json, JsonObject };

/** `kind:id` of the actor an event belongs to, such as `wallet:w-101`. */
export type ActorKey = string;

export type StoredEvent = {
  readonly key: ActorKey;
  readonly type: string;
  /** Version of the event's shape; older versions go through an upcaster when read. */
  readonly v: number;
  readonly data: JsonObject;
};

/** A value written inside a commit, as an absolute value; `value: null` deletes it and its index entries. */
export type RecordPut = {
  readonly kind: string;
  readonly id: string;
  readonly value: JsonObject | null;
  /** Sorted index memberships: index name → score. They replace the record's earlier ones of the same names. */
  readonly index?: Readonly<Record<string, number>>;
};

export type Snapshot = {
  readonly key: ActorKey;
  /** Last commit whose events the state contains, and that commit's hash. */
  readonly commit: number;
  readonly commitHash: string;
  /** Version of the state's shape. */
  readonly schema: number;
  readonly state: JsonObject;
};

/** A snapshot that fails its checksum. */
export type BadSnapshot = { readonly key: ActorKey; readonly reason: string };

/** What one commit holds. `number` is the last commit's number + 1. */
export type Batch = {
  readonly number: number;
  /** Site time of sealing, epoch ms. */
  readonly atMs: number;
  readonly events: readonly StoredEvent[];
  readonly records: readonly RecordPut[];
  /** Of earlier, already durable commits. */
  readonly snapshots: readonly Snapshot[];
};

export type JournalEntry = {
  readonly number: number;
  readonly atMs: number;
  readonly hash: string;
  readonly events: readonly StoredEvent[];
};
export type Head = { readonly number: number; readonly hash: string };

export type StoreErrorKind =
  | 'away' // not reachable, or did not answer in time: the commit MAY have been applied; retry the identical batch
  | 'full' // no room or no memory: not applied
  | 'readOnly' // not applied
  | 'fenced' // another writer has taken over: exit at once
  | 'foreign' // another site's store, or its last commit is not ours
  | 'empty' // no site in it, and `init` was not asked for
  | 'corrupt' // the chain, a checksum or the shape is wrong
  | 'misconfigured' // Redis durability settings are not the required ones
  | 'tooLarge'; // more than 1 000 records or 1 MiB in one commit

export class StoreError extends Error {
  readonly kind: StoreErrorKind;
  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.kind = kind;
  }
}

export type RecordQuery = {
  readonly kind: string;
  readonly index: string;
  /** Inclusive score bounds. */
  readonly min?: number;
  readonly max?: number;
  readonly newestFirst?: boolean;
  readonly limit: number;
  /** From the previous page. */
  readonly cursor?: string;
};
export type RecordPage = {
  readonly items: readonly { id: string; value: JsonObject }[];
  readonly cursor: string | null;
};

export type OpenOptions = {
  readonly siteId: string;
  /** Create the site in an empty store; without it an empty store is an error, with it a non-empty one is. */
  readonly init: boolean;
  /** What DATA_DIR remembers of the last run, or null: head must be at or past it, with this hash there. */
  readonly remembered: Head | null;
};

export interface Store {
  /** Checks site, settings and head, raises the writer's epoch. Rejects with StoreError. */
  open(options: OpenOptions): Promise<Head>;
  /** Rejects with StoreError; after `away` a repeat of the identical batch is harmless and tells the truth. */
  commit(batch: Batch): Promise<Head>;
  /** All snapshots in pages, each once. */
  snapshots(): AsyncIterable<readonly (Snapshot | BadSnapshot)[]>;
  /** Entries from `from` (inclusive) on, in order, chain verified; rejects with `corrupt` at a flipped byte. */
  journal(from: number): AsyncIterable<JournalEntry>;
  /** Removes entries with number < `below`, keeping the hash of the last removed one. */
  trim(below: number): Promise<void>;
  /** Number of the oldest entry still in the journal (head.number + 1 when none is). */
  oldest(): Promise<number>;
  get(kind: string, id: string): Promise<JsonObject | null>;
  range(query: RecordQuery): Promise<RecordPage>;
  /** Resolves when we are still the writer, rejects with `fenced` or `away`. */
  confirmEpoch(): Promise<void>;
  close(): Promise<void>;
}
