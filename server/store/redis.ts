/** The production store: one Redis, AOF on every write. Streams as the journal, hashes and sorted sets for the rest. */
import { createClient } from 'redis';
import { commitHash, GENESIS } from './chain.ts';
import {
  decodeCursor,
  decodeEntry,
  decodeObject,
  decodeSnapshot,
  encodeBatch,
  encodeCursor,
  type EncodedBatch,
  type EncodedSnapshot,
} from './encode.ts';
import { COMMIT, TRIM } from './redisScripts.ts';
import { checkSettings, redisError } from './redisChecks.ts';
import {
  StoreError,
  type Batch,
  type Head,
  type JournalEntry,
  type JsonObject,
  type OpenOptions,
  type RecordPage,
  type RecordQuery,
  type Snapshot,
  type Store,
} from './store.ts';

export type RedisOptions = {
  readonly url: string;
  /** A commit not answered by then is unknown (`away`); node-redis' own time limit does not reach written commands. */
  readonly commitDeadlineMs?: number;
  /** Said in so many words: money on a Redis that may forget it. */
  readonly allowUnsafeSettings?: boolean;
};

const JOURNAL_PAGE = 200;
const QUEUE_MAX = 2_000;
const DEADLINE_MS = 3_000;
const OPEN_DEADLINE_MS = 5_000;
const RECONNECT_MS = { first: 50, max: 2_000 };

/** Growing pause with a random half, so that many clients do not come back at once. */
const reconnectStrategy = (retries: number): number => {
  const pause = Math.min(RECONNECT_MS.max, RECONNECT_MS.first * 2 ** Math.min(retries, 10));
  return pause / 2 + (Math.random() * pause) / 2;
};

function newClient(url: string, queueMax: number): ReturnType<typeof createClient> {
  const unix = url.startsWith('unix:') ? url.slice('unix:'.length) : null;
  const socket = { reconnectStrategy, connectTimeout: 2_000 };
  const common = { disableOfflineQueue: true, commandsQueueMaxLength: queueMax, pingInterval: 10_000 };
  return createClient(
    unix === null ? { url, socket, ...common } : { socket: { ...socket, path: unix, tls: false }, ...common },
  ) as ReturnType<typeof createClient>;
}

type Entry = { readonly number: number; readonly atMs: number; readonly events: string; readonly hash: string };

export class RedisStore implements Store {
  readonly #options: RedisOptions;
  readonly #writer: ReturnType<typeof createClient>;
  readonly #reader: ReturnType<typeof createClient>;
  readonly #scripts = new Map<string, string>();
  #prefix = '';
  #epoch = 0;
  #head: Head = { number: 0, hash: GENESIS };
  /** Settings and last commit have been looked at since the last connect. */
  #verified = false;
  #closed = false;

  constructor(options: RedisOptions) {
    this.#options = options;
    this.#writer = newClient(options.url, QUEUE_MAX);
    this.#reader = newClient(options.url, QUEUE_MAX);
    // The state of a connection is told by its commands; the listeners keep an 'error' from ending the process.
    for (const client of [this.#writer, this.#reader])
      client.on('error', () => (this.#verified &&= client !== this.#writer));
    this.#writer.on('reconnecting', () => (this.#verified = false));
  }

  async open({ siteId, init, remembered }: OpenOptions): Promise<Head> {
    this.#prefix = `{wattroom:${siteId}}:`;
    await this.#within(OPEN_DEADLINE_MS, Promise.all([this.#writer.connect(), this.#reader.connect()]));
    return this.#try(async () => {
      await this.#checkSettings();
      const site = await this.#writer.hGet(this.#key('meta'), 'siteId');
      if (site === null && !init)
        throw new StoreError('empty', `Redis holds no site ${siteId}; set one up with --init --site`);
      if (site !== null && init)
        throw new StoreError('foreign', `Redis already holds the site ${siteId}; --init needs an empty store`);
      if (site !== null && site !== siteId)
        throw new StoreError('foreign', `Redis holds the site ${site}, not ${siteId}`);
      if (site === null) await this.#writer.hSet(this.#key('meta'), 'siteId', siteId);
      this.#head = await this.#lastCommit();
      if (remembered && remembered.number > 0) await this.#contains(remembered);
      this.#epoch = await this.#writer.hIncrBy(this.#key('meta'), 'epoch', 1);
      this.#verified = true;
      return this.#head;
    });
  }

  async commit(batch: Batch): Promise<Head> {
    const encoded = encodeBatch(batch);
    if (batch.number <= this.#head.number)
      throw new StoreError('corrupt', `commit ${batch.number} again after ${this.#head.number}`);
    const hash = commitHash(this.#head.hash, encoded.number, encoded.atMs, encoded.events);
    return this.#try(async () => {
      await this.#verify();
      const answer = await this.#within(
        this.#options.commitDeadlineMs ?? DEADLINE_MS,
        this.#eval(COMMIT, commitArguments(encoded, this.#epoch, hash, this.#head.hash, this.#prefix)),
      );
      if (answer !== 'ok' && answer !== 'applied') {
        throw new StoreError(
          answer === 'gap' ? 'corrupt' : 'fenced',
          answer === 'gap'
            ? `commit ${batch.number} cannot follow what is in Redis`
            : `commit ${batch.number}: another writer has taken over`,
        );
      }
      this.#head = { number: batch.number, hash };
      return this.#head;
    });
  }

  async snapshots(): Promise<{ good: Snapshot[]; bad: { key: string; reason: string }[] }> {
    return this.#try(async () => {
      const good: Snapshot[] = [];
      const bad: { key: string; reason: string }[] = [];
      for await (const page of this.#reader.hScanIterator(this.#key('snapshots'), { COUNT: 500 })) {
        for (const { field, value } of page) {
          const decoded = decodeSnapshot(snapshotOf(field, value));
          if ('reason' in decoded) bad.push(decoded);
          else good.push(decoded);
        }
      }
      return { good, bad };
    });
  }

  async *journal(from: number): AsyncIterable<JournalEntry> {
    const oldest = await this.oldest();
    let next = Math.max(from, oldest);
    let previous: Head = {
      number: next - 1,
      hash: next === oldest ? await this.#trimmedHash() : ((await this.#entry(next - 1))?.hash ?? GENESIS),
    };
    for (;;) {
      const page = await this.#try(() =>
        this.#reader.xRange(this.#key('journal'), `${next}-0`, '+', { COUNT: JOURNAL_PAGE }),
      );
      for (const { id, message } of page ?? []) {
        const entry = entryOf(id, message);
        const decoded = decodeEntry(previous, entry.number, entry.atMs, entry.events, entry.hash);
        previous = { number: decoded.number, hash: decoded.hash };
        yield decoded;
      }
      if ((page?.length ?? 0) < JOURNAL_PAGE) return;
      next = previous.number + 1;
    }
  }

  async trim(below: number): Promise<void> {
    await this.#try(async () => {
      const answer = await this.#eval(TRIM, [String(this.#epoch), String(below)]);
      if (answer === 'fenced') throw new StoreError('fenced', 'another writer has taken over');
    });
  }

  async oldest(): Promise<number> {
    return this.#try(async () => {
      const [first] = (await this.#reader.xRange(this.#key('journal'), '-', '+', { COUNT: 1 })) ?? [];
      return first ? numberOf(first.id) : this.#head.number + 1;
    });
  }

  async get(kind: string, id: string): Promise<JsonObject | null> {
    const text = await this.#try(() => this.#within(DEADLINE_MS, this.#reader.hGet(`${this.#prefix}r:${kind}`, id)));
    return text === null ? null : decodeObject(text, `record ${kind} ${id}`);
  }

  range(query: RecordQuery): Promise<RecordPage> {
    return this.#try(() => this.#within(DEADLINE_MS, this.#range(query)));
  }

  async #range({ kind, index, min, max, newestFirst = false, limit, cursor }: RecordQuery): Promise<RecordPage> {
    const after = cursor === undefined ? null : decodeCursor(cursor);
    const low = newestFirst ? (min ?? '-inf') : (after?.[0] ?? min ?? '-inf');
    const high = newestFirst ? (after?.[0] ?? max ?? '+inf') : (max ?? '+inf');
    const beyond = (score: number, id: string): boolean =>
      after === null || score !== after[0] || (newestFirst ? id < after[1] : id > after[1]);
    const found: { value: string; score: number }[] = [];
    for (let offset = 0; found.length <= limit;) {
      const options = { BY: 'SCORE' as const, LIMIT: { offset, count: limit + 1 } };
      const key = `${this.#prefix}i:${kind}:${index}`;
      const page = newestFirst
        ? await this.#reader.zRangeWithScores(key, high, low, { ...options, REV: true })
        : await this.#reader.zRangeWithScores(key, low, high, options);
      found.push(...page.filter(({ value, score }) => beyond(score, value)));
      offset += page.length;
      if (page.length <= limit) break;
    }
    const shown = found.slice(0, limit);
    const values =
      shown.length === 0
        ? []
        : await this.#reader.hmGet(
            `${this.#prefix}r:${kind}`,
            shown.map(({ value }) => value),
          );
    const items = shown.flatMap(({ value: id }, i) =>
      values[i] == null ? [] : [{ id, value: decodeObject(values[i], `record ${kind} ${id}`) }],
    );
    const last = found.length > limit ? shown.at(-1) : undefined;
    return { items, cursor: last ? encodeCursor(last.score, last.value) : null };
  }

  async confirmEpoch(): Promise<void> {
    await this.#try(async () => {
      const epoch = await this.#within(
        this.#options.commitDeadlineMs ?? DEADLINE_MS,
        this.#writer.hGet(this.#key('meta'), 'epoch'),
      );
      if (Number(epoch) !== this.#epoch) throw new StoreError('fenced', 'another writer has taken over');
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const client of [this.#writer, this.#reader]) if (client.isOpen) client.destroy();
  }

  #key(name: 'meta' | 'journal' | 'snapshots'): string {
    return this.#prefix + name;
  }

  /** Before the first write after each connect: settings, and that the last commit is ours. */
  async #verify(): Promise<void> {
    if (this.#verified) return;
    if (!this.#writer.isReady) throw new StoreError('away', 'Redis is not connected');
    await this.#checkSettings();
    if (this.#head.number > 0) await this.#contains(this.#head);
    this.#verified = true;
  }

  async #checkSettings(): Promise<void> {
    if (this.#options.allowUnsafeSettings) return;
    await this.#within(
      OPEN_DEADLINE_MS,
      checkSettings((name) => this.#writer.configGet(name)),
    );
  }

  async #contains(head: Head): Promise<void> {
    const last = await this.#lastCommit();
    if (last.number < head.number)
      throw new StoreError(
        'foreign',
        `Redis ends at commit ${last.number}, but commit ${head.number} was durable: it is an older copy`,
      );
    const entry = await this.#entry(head.number);
    if (entry && entry.hash !== head.hash)
      throw new StoreError('foreign', `commit ${head.number} in Redis is not the one this site wrote`);
  }

  async #lastCommit(): Promise<Head> {
    const [newest, before] = ((await this.#writer.xRevRange(this.#key('journal'), '+', '-', { COUNT: 2 })) ?? []).map(
      ({ id, message }) => entryOf(id, message),
    );
    if (!newest) return { number: 0, hash: GENESIS };
    const previous = before?.hash ?? (await this.#trimmedHash());
    if (commitHash(previous, newest.number, newest.atMs, newest.events) !== newest.hash)
      throw new StoreError('corrupt', `commit ${newest.number} has been changed: its hash does not fit`);
    return { number: newest.number, hash: newest.hash };
  }

  async #entry(number: number): Promise<Entry | undefined> {
    const [found] = (await this.#writer.xRange(this.#key('journal'), `${number}-0`, `${number}-0`)) ?? [];
    return found && entryOf(found.id, found.message);
  }

  async #trimmedHash(): Promise<string> {
    return (await this.#writer.hGet(this.#key('meta'), 'trimmedHash')) ?? GENESIS;
  }

  async #eval(script: string, args: string[]): Promise<unknown> {
    const call = { keys: [this.#key('meta'), this.#key('journal'), this.#key('snapshots')], arguments: args };
    let sha = this.#scripts.get(script);
    if (sha === undefined) this.#scripts.set(script, (sha = await this.#writer.scriptLoad(script)));
    try {
      return await this.#writer.evalSha(sha, call);
    } catch (error) {
      // A restarted Redis has forgotten the script; it ran nothing.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#writer.eval(script, call);
    }
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('away', 'the store is closed');
    try {
      return await work();
    } catch (error) {
      throw redisError(error);
    }
  }

  async #within<T>(ms: number, work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new StoreError('away', `Redis did not answer within ${ms} ms`)), ms);
    });
    // The loser of the race may still settle; nobody waits for it.
    work.catch(() => {});
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw redisError(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

function commitArguments(
  { number, atMs, events, records, snapshots }: EncodedBatch,
  epoch: number,
  hash: string,
  previous: string,
  prefix: string,
): string[] {
  const args = [String(epoch), String(number), String(atMs), events, hash, previous, prefix, String(snapshots.length)];
  for (const { key, commit, commitHash: at, schema, state, checksum } of snapshots)
    args.push(key, JSON.stringify([commit, at, schema, state, checksum]));
  args.push(String(records.length));
  for (const { kind, id, value, index } of records) {
    args.push(kind, id, value === null ? '0' : '1', value ?? '', String(index.length));
    for (const [name, score] of index) args.push(name, String(score));
  }
  return args;
}

function snapshotOf(key: string, text: string): EncodedSnapshot {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    fields = null; // unreadable: its checksum below cannot fit
  }
  const [commit, hash, schema, state, checksum] = Array.isArray(fields) ? fields : [];
  return {
    key,
    commit: Number(commit),
    commitHash: String(hash),
    schema: Number(schema),
    state: String(state),
    checksum: String(checksum),
  };
}

const numberOf = (id: string): number => Number(id.slice(0, id.indexOf('-')));
function entryOf(id: string, message: Record<string, string>): Entry {
  return { number: numberOf(id), atMs: Number(message.at), events: message.events ?? '', hash: message.hash ?? '' };
}
