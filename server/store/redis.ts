/** The production store: one Redis, AOF on every write. Streams as the journal, hashes and sorted sets for the rest. */
import { commitHash, GENESIS } from './chain.ts';
import { decodeCursor, decodeEntry, decodeObject, decodeSnapshot, encodeCursor } from './decode.ts';
import { encodeBatch, type EncodedBatch } from './encode.ts';
import { newClient, prefixOf, shownUrl, type RedisClient } from './redisClient.ts';
import { EventsText } from './eventsText.ts';
import { entryOf, numberOf, snapshotOf, snapshotText } from './redisRows.ts';
import { COMMIT, TRIM } from './redisScripts.ts';
import { checkSettings, redisError } from './redisChecks.ts';
import {
  StoreError,
  type BadSnapshot,
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
import { within } from './within.ts';

export type RedisOptions = {
  readonly url: string;
  /** What is not answered by then is unknown (`away`); node-redis' own time limit does not reach written commands. */
  readonly deadlineMs?: number;
  /** Said in so many words: money on a Redis that may forget it. */
  readonly allowUnsafeSettings?: boolean;
};

/** Entries are of all sizes: a page of the journal aims at so many characters. */
const PAGE_CHARS = 1024 * 1024;
const PAGE_ENTRIES = { first: 16, max: 1_000 };
const SNAPSHOT_PAGE = 500;
const DEADLINE_MS = 3_000;
const OPEN_DEADLINE_MS = 5_000;

export class RedisStore implements Store {
  readonly #options: RedisOptions;
  readonly #writer: RedisClient;
  readonly #reader: RedisClient;
  readonly #scripts = new Map<string, string>();
  #prefix = '';
  #epoch = 0;
  #head: Head = { number: 0, hash: GENESIS };
  /** Settings and last commit have been looked at since the last connect. */
  #verified = false;
  /** A commit that was written but not answered by its deadline: its repeat waits for the same answer. */
  #unanswered: { readonly hash: string; readonly answer: Promise<unknown> } | null = null;
  readonly #texts: EventsText[] = [];
  /** What the connections last complained of. */
  #complaint: string | null = null;
  #closed = false;

  constructor(options: RedisOptions) {
    this.#options = options;
    this.#writer = newClient(options.url);
    this.#reader = newClient(options.url);
    // The state of a connection is told by its commands; the listeners keep an 'error' from ending the process.
    for (const client of [this.#writer, this.#reader])
      client.on('error', (error: Error) => {
        this.#verified &&= client !== this.#writer;
        this.#complaint = error.message === '' ? error.name : error.message;
      });
    this.#writer.on('reconnecting', () => (this.#verified = false));
  }

  open(options: OpenOptions): Promise<Head> {
    return this.#try(async () => {
      this.#prefix = prefixOf(options.siteId);
      const connected = Promise.all([this.#writer.connect(), this.#reader.connect()]);
      await within(OPEN_DEADLINE_MS, connected).catch((error: unknown) => {
        const why = this.#complaint ?? (error instanceof Error ? error.message : String(error));
        throw new StoreError('away', `${shownUrl(this.#options.url)} cannot be used: ${why}`, { cause: error });
      });
      return within(OPEN_DEADLINE_MS, this.#open(options));
    });
  }

  async #open({ siteId, init, remembered }: OpenOptions): Promise<Head> {
    await this.#checkSettings();
    const site = await this.#writer.hGet(this.#key('meta'), 'siteId');
    if (site === null && !init)
      throw new StoreError('empty', `Redis holds no site ${siteId}; set one up with --init --site`);
    if (site !== null && init)
      throw new StoreError('foreign', `Redis already holds the site ${siteId}; --init needs an empty store`);
    if (site !== null && site !== siteId)
      throw new StoreError('foreign', `Redis holds the site ${site}, not ${siteId}`);
    if (site === null) await this.#begin(siteId);
    this.#head = await this.#lastCommit();
    if (remembered && remembered.number > 0) await this.#contains(remembered);
    this.#epoch = await this.#writer.hIncrBy(this.#key('meta'), 'epoch', 1);
    this.#verified = true;
    return this.#head;
  }

  async commit(batch: Batch): Promise<Head> {
    const text = this.#texts.pop() ?? new EventsText();
    const encoded = encodeBatch(batch, text.of(batch.events));
    const { number, atMs, events } = encoded;
    if (number > this.#head.number + 1)
      throw new StoreError('corrupt', `commit ${number} cannot follow ${this.#head.number}`);
    const answer = await this.#soon(async () => {
      await this.#verify();
      const previous = number > this.#head.number ? this.#head.hash : await this.#hashOf(number - 1);
      if (previous === undefined) return { code: 'fenced', hash: '' };
      const hash = commitHash(previous, number, atMs, events);
      return { code: await this.#send(encoded, hash, previous), hash };
    });
    // Only now: what is not answered in time may still be on its way, and its text is not written over.
    this.#texts.push(text);
    if (answer.code === 'gap') throw new StoreError('corrupt', `commit ${number} cannot follow what is in Redis`);
    if (answer.code !== 'ok' && answer.code !== 'applied')
      throw new StoreError('fenced', `commit ${number}: another writer has taken over`);
    const head = { number, hash: answer.hash };
    if (number > this.#head.number) this.#head = head;
    return head;
  }

  async #send(encoded: EncodedBatch<Buffer>, hash: string, previous: string): Promise<unknown> {
    if (this.#unanswered?.hash === hash) return this.#unanswered.answer;
    const answer = this.#eval(COMMIT, commitArguments(encoded, this.#epoch, hash, previous, this.#prefix));
    const unanswered = { hash, answer };
    this.#unanswered = unanswered;
    const settled = (): void => {
      if (this.#unanswered === unanswered) this.#unanswered = null;
    };
    answer.then(settled, settled);
    return answer;
  }

  async *snapshots(): AsyncIterable<readonly (Snapshot | BadSnapshot)[]> {
    const seen = new Set<string>(); // a scan may show a field twice
    const scan = (cursor: string): (() => ReturnType<RedisClient['hScan']>) =>
      this.#ahead(() => this.#reader.hScan(this.#key('snapshots'), cursor, { COUNT: SNAPSHOT_PAGE }));
    for (let page = scan('0'); ;) {
      const { cursor, entries } = await page();
      if (cursor !== '0') page = scan(cursor);
      const fresh = entries.filter(({ field }) => !seen.has(field));
      for (const { field } of fresh) seen.add(field);
      yield fresh.map(({ field, value }) => decodeSnapshot(snapshotOf(field, value)));
      if (cursor === '0') return;
    }
  }

  async *journal(from: number): AsyncIterable<JournalEntry> {
    const oldest = await this.oldest();
    let previous = Math.max(from, oldest) - 1;
    let hash = await this.#soon(async () => (await this.#hashOf(previous)) ?? GENESIS);
    const range = (first: number, count: number): (() => ReturnType<RedisClient['xRange']>) =>
      this.#ahead(() => this.#reader.xRange(this.#key('journal'), `${first}-0`, '+', { COUNT: count }));
    let count = PAGE_ENTRIES.first;
    for (let coming = range(previous + 1, count); ;) {
      const page = ((await coming()) ?? []).map(({ id, message }) => entryOf(id, message));
      const last = page.length < count;
      let chars = 0;
      for (const { events } of page) chars += events.length;
      count = Math.max(1, Math.min(PAGE_ENTRIES.max, Math.floor((PAGE_CHARS * page.length) / (chars + 1))));
      if (!last) coming = range((page.at(-1)?.number ?? previous) + 1, count);
      for (const entry of page) {
        const decoded = decodeEntry({ number: previous, hash }, entry.number, entry.atMs, entry.events, entry.hash);
        previous = decoded.number;
        hash = decoded.hash;
        yield decoded;
      }
      if (last) return;
    }
  }

  async trim(below: number): Promise<void> {
    const answer = await this.#soon(() => this.#eval(TRIM, [String(this.#epoch), String(below)]));
    if (answer === 'fenced') throw new StoreError('fenced', 'another writer has taken over');
  }

  async oldest(): Promise<number> {
    return this.#soon(async () => {
      const [first] = (await this.#reader.xRange(this.#key('journal'), '-', '+', { COUNT: 1 })) ?? [];
      return first ? numberOf(first.id) : (await this.#trimmed()).number + 1;
    });
  }

  async get(kind: string, id: string): Promise<JsonObject | null> {
    const text = await this.#soon(() => this.#reader.hGet(`${this.#prefix}r:${kind}`, id));
    return text === null ? null : decodeObject(text, `record ${kind} ${id}`);
  }

  range(query: RecordQuery): Promise<RecordPage> {
    return this.#soon(() => this.#range(query));
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
    const epoch = await this.#soon(() => this.#writer.hGet(this.#key('meta'), 'epoch'));
    if (Number(epoch) !== this.#epoch) throw new StoreError('fenced', 'another writer has taken over');
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const client of [this.#writer, this.#reader]) if (client.isOpen) client.destroy();
  }

  #key(name: 'meta' | 'journal' | 'snapshots'): string {
    return this.#prefix + name;
  }

  /** What an import broken off or a deleted key left behind is not taken for a new site. */
  async #begin(siteId: string): Promise<void> {
    if (await this.#writer.exists([this.#key('meta'), this.#key('journal'), this.#key('snapshots')]))
      throw new StoreError(
        'foreign',
        `Redis holds remains of a site ${siteId}; remove the keys ${this.#prefix}* if nobody needs them`,
      );
    await this.#writer.hSet(this.#key('meta'), 'siteId', siteId);
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
    await checkSettings((name) => this.#writer.configGet(name));
  }

  async #contains(head: Head): Promise<void> {
    const last = await this.#lastCommit();
    if (last.number < head.number)
      throw new StoreError(
        'foreign',
        `Redis ends at commit ${last.number}, but commit ${head.number} was durable: it is an older copy`,
      );
    const stored = await this.#hashOf(head.number);
    if (stored !== undefined && stored !== head.hash)
      throw new StoreError('foreign', `commit ${head.number} in Redis is not the one this site wrote`);
  }

  async #lastCommit(): Promise<Head> {
    const [newest] = ((await this.#writer.xRevRange(this.#key('journal'), '+', '-', { COUNT: 1 })) ?? []).map(
      ({ id, message }) => entryOf(id, message),
    );
    if (!newest) return this.#trimmed();
    const previous = await this.#hashOf(newest.number - 1);
    if (previous === undefined || commitHash(previous, newest.number, newest.atMs, newest.events) !== newest.hash)
      throw new StoreError('corrupt', `commit ${newest.number} has been changed: its hash does not fit`);
    return { number: newest.number, hash: newest.hash };
  }

  /** Hash of a commit in the journal, of the last trimmed one, or before the first; undefined below that. */
  async #hashOf(number: number): Promise<string | undefined> {
    const trimmed = await this.#trimmed();
    if (number === trimmed.number) return trimmed.hash;
    const [found] = (await this.#writer.xRange(this.#key('journal'), `${number}-0`, `${number}-0`)) ?? [];
    return found && entryOf(found.id, found.message).hash;
  }

  /** The last trimmed commit; number 0 before the first trim. */
  async #trimmed(): Promise<Head> {
    const [number, hash] = await this.#writer.hmGet(this.#key('meta'), ['trimmedNumber', 'trimmedHash']);
    return { number: Number(number ?? '0'), hash: hash ?? GENESIS };
  }

  async #eval(script: string, args: (string | Buffer)[]): Promise<unknown> {
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

  /** A command in time, or `away`. */
  #soon<T>(work: () => Promise<T>): Promise<T> {
    return this.#try(() => within(this.#options.deadlineMs ?? DEADLINE_MS, work()));
  }

  /**
   * Asked for while the page before is still being worked on, so that Redis and we do not wait for each other. Its
   * deadline begins when it is waited for: until then it is us who are late.
   */
  #ahead<T>(work: () => Promise<T>): () => Promise<T> {
    const page = work();
    page.catch(() => {}); // told to whoever takes it; a reader that stops early takes nothing more
    return () => this.#soon(() => page);
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('away', 'the store is closed');
    try {
      return await work();
    } catch (error) {
      throw redisError(error);
    }
  }
}

function commitArguments(
  { number, atMs, events, records, snapshots }: EncodedBatch<Buffer>,
  epoch: number,
  hash: string,
  previous: string,
  prefix: string,
): (string | Buffer)[] {
  const args: (string | Buffer)[] = [
    String(epoch),
    String(number),
    String(atMs),
    events,
    hash,
    previous,
    prefix,
    String(snapshots.length),
  ];
  for (const snapshot of snapshots) args.push(snapshot.key, snapshotText(snapshot));
  args.push(String(records.length));
  for (const { kind, id, value, index } of records) {
    args.push(kind, id, value === null ? '0' : '1', value ?? '', String(index.length));
    for (const [name, score] of index) args.push(name, String(score));
  }
  return args;
}
