/**
 * A whole site, out of one store and into another: what a backup copies, as the adapters store it, so that hashes and
 * checksums travel unchanged.
 */
import { z } from 'zod';
import { commitHash, snapshotChecksum } from './chain.ts';
import type { EncodedRecord, EncodedSnapshot } from './encode.ts';
import { StoreError, type Head } from './store.ts';

const head = z.strictObject({ number: z.int().min(0), hash: z.string() });

/** What a site's store holds besides its rows. `trimmed` is the last commit no longer in the journal (0 = none). */
export const archiveHeadSchema = z.strictObject({
  siteId: z.string().min(1),
  epoch: z.int().min(0),
  trimmed: head,
  head,
});
export type ArchiveHead = z.infer<typeof archiveHeadSchema>;

export type ArchivedCommit = {
  readonly number: number;
  readonly atMs: number;
  readonly hash: string;
  readonly events: string;
};
export type Row =
  | { readonly row: 'commit'; readonly commit: ArchivedCommit }
  | { readonly row: 'snapshot'; readonly snapshot: EncodedSnapshot }
  | { readonly row: 'record'; readonly record: EncodedRecord & { readonly value: string } };

/** The read and write sides of one adapter, apart from the store port: no writer's epoch is raised by looking. */
export interface Archive {
  /** null = no site in it. Rejects with StoreError `foreign` for remains of one. */
  head(): Promise<ArchiveHead | null>;
  /** All rows in pages: commits in order, then snapshots, then records. */
  rows(): AsyncIterable<readonly Row[]>;
  /** Into an empty store only; the site exists once this resolves, and not before. */
  restore(head: ArchiveHead, rows: AsyncIterable<readonly Row[]>): Promise<void>;
  close(): Promise<void>;
}

export type Counts = { commits: number; snapshots: number; records: number };

/** Checks rows as they pass: the chain from the last trimmed commit to the head, and each snapshot's checksum. */
export class RowCheck {
  readonly counts: Counts = { commits: 0, snapshots: 0, records: 0 };
  readonly #head: ArchiveHead;
  #last: Head;

  constructor(archiveHead: ArchiveHead) {
    this.#head = archiveHead;
    this.#last = archiveHead.trimmed;
  }

  /** Throws StoreError `corrupt`, naming the commit or snapshot. */
  take(row: Row): void {
    if (row.row === 'commit') {
      const { number, atMs, events, hash } = row.commit;
      if (number !== this.#last.number + 1)
        throw new StoreError('corrupt', `commit ${this.#last.number + 1} is missing`);
      if (commitHash(this.#last.hash, number, atMs, events) !== hash)
        throw new StoreError('corrupt', `commit ${number} has been changed: its hash does not fit`);
      this.#last = { number, hash };
      this.counts.commits += 1;
    } else if (row.row === 'snapshot') {
      const { key, commit, commitHash: at, schema, state, checksum } = row.snapshot;
      if (snapshotChecksum(key, commit, at, schema, state) !== checksum)
        throw new StoreError('corrupt', `the snapshot of ${key} has been changed: its checksum is wrong`);
      this.counts.snapshots += 1;
    } else this.counts.records += 1;
  }

  /** After the last row. Throws StoreError `corrupt` when the commits do not end at the head. */
  end(): void {
    const { number, hash } = this.#head.head;
    if (this.#last.number !== number || this.#last.hash !== hash)
      throw new StoreError('corrupt', `the commits end at ${this.#last.number}, not at ${number}`);
  }
}
