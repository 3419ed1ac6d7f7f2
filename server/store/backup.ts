/**
 * A site as one text file of JSON lines: a head; each commit, snapshot and record as stored, with its hash; and an end
 * with counts and the SHA-256 of all lines before it. It holds password hashes and everything about tenants.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { archiveHeadSchema, RowCheck, type Archive, type ArchiveHead, type Counts, type Row } from './archive.ts';
import { StoreError, type Head } from './store.ts';

const FORMAT = 1;
const LINE_BYTES_MAX = 16 * 1024 * 1024;
const PAGE_ROWS = 200;

const text = z.string();
const headLine = z.strictObject({ wattroomBackup: z.literal(FORMAT), ...archiveHeadSchema.shape });
const commitLine = z.strictObject({ commit: z.int(), atMs: z.int(), hash: text, events: text });
const snapshotLine = z.strictObject({
  ...{ snapshot: text, commit: z.int(), commitHash: text, schema: z.int(), state: text, checksum: text },
});
const recordLine = z.strictObject({
  ...{ record: text, id: text, value: text, index: z.array(z.tuple([text, z.number()])) },
});
const endLine = z.strictObject({
  end: z.strictObject({ commits: z.int(), snapshots: z.int(), records: z.int() }),
  sha256: text,
});
const rowLine = z.union([commitLine, snapshotLine, recordLine]);

function lineOf(row: Row): z.infer<typeof rowLine> {
  if (row.row === 'commit') {
    const { number, atMs, hash, events } = row.commit;
    return { commit: number, atMs, hash, events };
  }
  if (row.row === 'snapshot') {
    const { key, ...rest } = row.snapshot;
    return { snapshot: key, ...rest };
  }
  const { kind, id, value, index } = row.record;
  return { record: kind, id, value, index: index.map(([name, score]) => [name, score]) };
}

function rowOf(line: z.infer<typeof rowLine>): Row {
  if ('record' in line) {
    const { record: kind, id, value, index } = line;
    return { row: 'record', record: { kind, id, value, index } };
  }
  if ('snapshot' in line) {
    const { snapshot: key, ...rest } = line;
    return { row: 'snapshot', snapshot: { key, ...rest } };
  }
  const { commit: number, atMs, hash, events } = line;
  return { row: 'commit', commit: { number, atMs, hash, events } };
}

/**
 * Writes `path`, which must not exist, whole or not at all. Verifies what it copies. Rejects with StoreError: `empty`,
 * `corrupt`, or `fenced` when the core wrote meanwhile.
 */
export async function writeBackup(archive: Archive, path: string): Promise<{ head: ArchiveHead; counts: Counts }> {
  if (existsSync(path)) throw new StoreError('foreign', `${path} exists already`);
  const head = await archive.head();
  if (head === null) throw new StoreError('empty', 'there is no site to back up');
  const check = new RowCheck(head);
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    const sha = createHash('sha256');
    await put(file, sha, [{ wattroomBackup: FORMAT, ...head }]);
    for await (const page of archive.rows()) {
      for (const row of page) check.take(row);
      await put(file, sha, page.map(lineOf));
    }
    const after = await archive.head();
    if (JSON.stringify(after) !== JSON.stringify(head))
      throw new StoreError('fenced', 'the site went on during the backup: stop the core, then run the backup again');
    check.end();
    await put(file, createHash('sha256'), [{ end: check.counts, sha256: sha.digest('hex') }]);
    await file.sync();
    await file.close();
    await rename(part, path);
  } catch (error) {
    await file.close();
    await rm(part, { force: true });
    throw error;
  }
  return { head, counts: check.counts };
}

async function put(file: FileHandle, sha: Hash, lines: readonly object[]): Promise<void> {
  if (lines.length === 0) return;
  const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  sha.update(bytes);
  await file.writeFile(bytes);
}

export type BackupReading = { readonly head: ArchiveHead; readonly pages: AsyncIterable<readonly Row[]> };

/** Rows of a backup, each verified; the iteration rejects with StoreError `corrupt` at the first thing that is wrong. */
export async function readBackup(path: string): Promise<BackupReading> {
  if (!existsSync(path)) throw new StoreError('empty', `${path}: there is no such file`);
  const lines = linesOf(path);
  const first = await lines.next();
  const head = headLine.safeParse(first.done ? null : asJson(first.value, 1));
  if (!head.success) throw new StoreError('corrupt', `${path} is no backup that this version can read`);
  const { wattroomBackup: _, ...archiveHead } = head.data;
  const sha = createHash('sha256').update(first.value ?? '');
  return { head: archiveHead, pages: pagesOf(lines, sha, new RowCheck(archiveHead)) };
}

async function* pagesOf(
  lines: AsyncGenerator<Buffer, void>,
  sha: Hash,
  check: RowCheck,
): AsyncGenerator<readonly Row[], void> {
  const page: Row[] = [];
  let number = 1;
  let end: z.infer<typeof endLine> | null = null;
  for await (const line of lines) {
    number += 1;
    if (end) throw new StoreError('corrupt', `line ${number}: there is something after the end`);
    const value = asJson(line, number);
    const row = rowLine.safeParse(value);
    if (row.success) {
      const found = rowOf(row.data);
      check.take(found);
      sha.update(line);
      page.push(found);
      if (page.length >= PAGE_ROWS) yield page.splice(0);
      continue;
    }
    const parsed = endLine.safeParse(value);
    if (!parsed.success) throw new StoreError('corrupt', `line ${number} cannot be read`);
    end = parsed.data;
  }
  if (!end) throw new StoreError('corrupt', 'the backup ends too early');
  check.end();
  if (end.sha256 !== sha.digest('hex') || JSON.stringify(end.end) !== JSON.stringify(check.counts))
    throw new StoreError('corrupt', 'the backup has been changed: its SHA-256 does not fit');
  yield page.splice(0);
}

/** Each line with its end. Only \n ends one: other line separators may stand in texts. */
async function* linesOf(path: string): AsyncGenerator<Buffer, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
      yield rest.subarray(0, at + 1);
      rest = rest.subarray(at + 1);
    }
    if (rest.length > LINE_BYTES_MAX) throw new StoreError('corrupt', 'a line of the backup has no end');
  }
  if (rest.length > 0) throw new StoreError('corrupt', 'the backup ends in the middle of a line');
}

function asJson(line: Buffer, number: number): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch (error) {
    throw new StoreError('corrupt', `line ${number} is not JSON`, { cause: error });
  }
}

/** Reads a backup to its end. `at` is a commit to look for: its hash is undefined when the backup does not show it. */
export async function verifyBackup(
  path: string,
  at: number,
): Promise<{ head: ArchiveHead; hashAt: string | undefined }> {
  const { head, pages } = await readBackup(path);
  let hashAt: string | undefined;
  const known = (commit: Head): void => {
    if (commit.number === at) hashAt = commit.hash;
  };
  known(head.trimmed);
  for await (const page of pages) for (const row of page) if (row.row === 'commit') known(row.commit);
  return { head, hashAt };
}
