/** The rows that are to be taken over: sent part by part, then checked as a whole. */
import type { OpResult } from '../../../protocol/ops.ts';
import { TAKEOVER_ROWS_MAX } from '../../../protocol/ops/takeovers.ts';
import { takeoverColumns, type TakeoverColumn, type TakeoverRow } from '../../../protocol/takeover.ts';
import { t } from '../i18n/locale.svelte.ts';
import { readTable } from '../lib/tableFile.ts';
import { tableMistake } from '../lib/tableMistake.ts';
import { newKey, query, type Failure } from '../net/api.ts';

export type Check = OpResult<'checkTakeover'>;
const needed: readonly TakeoverColumn[] = ['account', 'name', 'room'];

export class TakeoverDraft {
  rows = $state.raw<readonly TakeoverRow[]>([]);
  progress = $state.raw<{ readonly done: number; readonly total: number } | null>(null);
  failure = $state.raw<Failure | null>(null);
  unreadable = $state('');
  gb18030 = $state(false);
  checked = $state.raw<Check | null>(null);
  id = $state('');
  /** What the present check is of. */
  asOfMs = $state<number | null>(null);

  async choose(file: File, asOfMs: number): Promise<void> {
    this.clear();
    const table = await readTable(file, takeoverColumns, needed);
    if (!table.ok) this.unreadable = tableMistake(table.mistake);
    else if (table.rows.length === 0) this.unreadable = t('setup.noRows');
    else {
      this.gb18030 = table.gb18030 ?? false;
      await this.#send(table.rows, asOfMs);
    }
  }

  /** Without the file: nothing is left to sign. */
  clear(): void {
    [this.rows, this.checked, this.failure, this.unreadable, this.progress] = [[], null, null, '', null];
    this.gb18030 = false;
  }

  async #send(rows: readonly TakeoverRow[], asOfMs: number): Promise<void> {
    const draft = newKey();
    [this.rows, this.id] = [rows, draft];
    const parts = Math.ceil(rows.length / TAKEOVER_ROWS_MAX);
    for (let part = 0; part < parts; part++) {
      this.progress = { done: part * TAKEOVER_ROWS_MAX, total: rows.length };
      const own = rows.slice(part * TAKEOVER_ROWS_MAX, (part + 1) * TAKEOVER_ROWS_MAX);
      const answer = await query('stageTakeover', { draft, part, rows: own });
      // Another file was chosen meanwhile: what becomes of this one is for nobody.
      if (this.id !== draft) return;
      if (!answer.ok) {
        [this.failure, this.progress] = [answer, null];
        return;
      }
    }
    this.progress = { done: rows.length, total: rows.length };
    await this.check(asOfMs);
  }

  async check(asOfMs: number): Promise<void> {
    const draft = this.id;
    this.asOfMs = asOfMs;
    const answer = await query('checkTakeover', { draft, asOfMs });
    if (this.id !== draft || this.asOfMs !== asOfMs) return;
    [this.progress, this.failure, this.checked] = [null, answer.ok ? null : answer, answer.ok ? answer.value : null];
  }
}
