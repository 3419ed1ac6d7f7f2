/**
 * Imports of rooms and meters. Rows wait in memory until they are checked as a whole; then they are written part by
 * part, and take effect from the one commit that starts the job: this process or the next puts them on the site.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { importRowSchema, type ImportRow } from '../../protocol/importRows.ts';
import type { OpOutcome, OpParams, OpResult } from '../../protocol/ops.ts';
import { IMPORT_ERRORS_MAX, IMPORT_ROWS_MAX } from '../../protocol/ops/siteImport.ts';
import type { SiteImport } from '../../protocol/siteImport.ts';
import { assert } from '../domain/assert.ts';
import { accept, type RecordChange, type Request } from '../domain/messages.ts';
import { named, RowChecker } from '../domain/siteImport/check.ts';
import { aboveFirst } from '../domain/siteImport/order.ts';
import {
  evolveSiteImport,
  initialSiteImport,
  viewOf,
  type SiteImportEvent,
  type SiteImportState,
} from '../domain/siteImport/state.ts';
import { putRows, siteNow } from './commands/importRows.ts';
import { refusal } from './commands/route.ts';
import type { Core } from './core.ts';
import { Drafts } from './drafts.ts';
import { EVENT_VERSION } from './kinds.ts';

const KEY = 'siteImport:site';
/** Rows a turn: a few milliseconds. */
const CHECKED_AT_ONCE = 100;
const partSchema = z.object({ rows: z.array(importRowSchema) });

type Found = OpResult<'checkRows'> & { readonly all: readonly ImportRow[] };

export class SiteImports {
  state: SiteImportState = initialSiteImport;
  readonly #core: Core;
  readonly #drafts = new Drafts<ImportRow>();
  #running = false;
  #starting = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** What would change the places and meters that its rows were checked against is refused meanwhile. */
  get under(): boolean {
    return this.#starting || this.state.under !== null;
  }

  stage({ draft, part, rows }: OpParams<'stageRows'>): OpOutcome {
    const count = this.#drafts.put(draft, part, rows);
    return count === null ? refusal('invalid', 'rows: too many at once') : { ok: true, result: { rows: count } };
  }

  async check({ draft }: OpParams<'checkRows'>): Promise<OpOutcome> {
    const found = await this.#checked(draft);
    if ('refusal' in found) return found;
    const { all: _rows, ...result } = found;
    return { ok: true, result };
  }

  async start(params: OpParams<'importRows'>, request: Request): Promise<OpOutcome> {
    this.#starting = true;
    try {
      return await this.#started(params, request);
    } finally {
      this.#starting = false;
    }
  }

  async #started({ draft, hash }: OpParams<'importRows'>, request: Request): Promise<OpOutcome> {
    const found = await this.#checked(draft);
    if ('refusal' in found) return found;
    const [first] = found.errors;
    if (first) return refusal('invalid', `rows.${first.row}.${first.column}: ${first.mistake}`);
    if (found.hash !== hash) return refusal('invalid', 'hash: the rows are not what was shown');
    const { nowMs } = this.#core.context();
    const rows = aboveFirst(named(found.all));
    const parts = Array.from({ length: Math.ceil(rows.length / IMPORT_ROWS_MAX) }, (_, i) =>
      rows.slice(i * IMPORT_ROWS_MAX, (i + 1) * IMPORT_ROWS_MAX),
    );
    const job: SiteImport = {
      ...{ id: `I${this.state.taken + 1}`, by: request.operator, atMs: nowMs, rows: rows.length },
      ...{ parts: parts.length, hash, count: found.count },
    };
    const { committer } = this.#core;
    // Below the start: without it nobody ever reads them, and the next import writes over them.
    for (const [i, part] of parts.entries())
      committer.append([], [{ kind: 'importPart', id: `${job.id}/${i}`, value: { rows: part } }]);
    this.#drafts.drop(draft);
    const answer = this.#answered({ type: 'ImportStarted', job }, request, { import: job.id }, null, job);
    committer.whenDurable(() => this.resume());
    return answer;
  }

  cancel(id: string, request: Request): OpOutcome | Promise<OpOutcome> {
    const { under } = this.state;
    if (under?.job.id !== id || under.cancelledBy !== null) return refusal('nothingToCancel', 'it is over');
    const left = Math.max(0, under.job.rows - (under.parts + 1) * IMPORT_ROWS_MAX);
    if (left === 0) return refusal('nothingToCancel', 'its last rows are being imported');
    return this.#answered({ type: 'ImportCancelled', by: request.operator }, request, { left }, under, {
      ...under,
      cancelledBy: request.operator,
    });
  }

  /** After the start, and at recovery. */
  resume(): void {
    if (this.state.under === null || this.#running) return;
    this.#running = true;
    void this.#post()
      .catch((error: unknown) => this.#core.options.onFatal(error))
      .finally(() => (this.#running = false));
  }

  async #post(): Promise<void> {
    const { committer, options } = this.#core;
    for (let at = this.state.under; at !== null; at = this.state.under) {
      const { job, parts, cancelledBy } = at;
      if (parts === job.parts || cancelledBy !== null) {
        this.#emit({ type: 'ImportEnded', atMs: this.#core.context().nowMs }, [], at);
        await committer.drained();
        return;
      }
      const { rows } = partSchema.parse(await options.store.get('importPart', `${job.id}/${parts}`));
      const { refused, stuck } = await putRows(this.#core, rows, job.by);
      // A parked meter stops here, and the import goes on when the core starts again.
      if (stuck) return options.log('error', 'an import has stopped', { import: job.id, why: stuck });
      const before = at.rows;
      this.#emit({
        ...{ type: 'ImportPosted', parts: parts + 1, rows: before + rows.length },
        refused: refused.map((row) => before + row),
      });
      await committer.drained();
    }
  }

  async #checked(draft: string): Promise<Found | Extract<OpOutcome, { ok: false }>> {
    const all = this.#drafts.rows(draft);
    if (!all) return { ok: false, refusal: 'notFound', detail: 'the rows are here no more; choose the file again' };
    const count = { new: 0, changed: 0, same: 0 };
    const errors: Found['errors'] = [];
    let errorCount = 0;
    // What is shown is what is done: the rows, and what they come to.
    const hash = createHash('sha256');
    const checker = new RowChecker(siteNow(this.#core), all);
    for (const [row, cells] of all.entries()) {
      // Pulses go before: a table may be long.
      if (row % CHECKED_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
      const one = checker.next(cells);
      if (one.effect) count[one.effect] += 1;
      errorCount += one.errors.length;
      if (errors.length < IMPORT_ERRORS_MAX) errors.push(...one.errors.map((error) => ({ row, ...error })));
      hash.update(JSON.stringify([cells, one.effect]));
    }
    return { rows: all.length, count, errorCount, errors, hash: hash.digest('base64url'), all };
  }

  #answered(
    event: SiteImportEvent,
    request: Request,
    result: { readonly [key: string]: string | number },
    before: object | null,
    after: object,
  ): Promise<OpOutcome> {
    this.#core.audit.changed(request.key, KEY, before, after);
    this.#emit(event, [accept(request, result, this.#core.context().nowMs).record]);
    return new Promise((resolve) => this.#core.committer.whenDurable(() => resolve({ ok: true, result })));
  }

  #emit(event: SiteImportEvent, records: readonly RecordChange[] = [], ended: SiteImportState['under'] = null): void {
    this.state = evolveSiteImport(this.state, event);
    const shown = this.state.under ?? ended;
    assert(shown !== null, 'an event of an import is of one');
    const endedMs = event.type === 'ImportEnded' ? event.atMs : null;
    const { type, ...data } = event;
    const { id, atMs } = shown.job;
    this.#core.committer.append(
      [{ key: KEY, type, v: EVENT_VERSION, data }],
      [...records, { kind: 'siteImport', id, value: viewOf(shown, endedMs), index: { all: atMs } }],
    );
  }
}
