/** The rows of a file of rooms and meters: sent part by part, then checked as a whole. */
import type { ImportRow } from '../../../protocol/importRows.ts';
import type { OpResult } from '../../../protocol/ops.ts';
import { IMPORT_ROWS_MAX } from '../../../protocol/ops/siteImport.ts';
import { t } from '../i18n/locale.svelte.ts';
import { tableMistake } from '../lib/tableMistake.ts';
import { newKey, query, type Failure } from '../net/api.ts';
import { readRows } from './table.ts';

export class ImportDraft {
  rows = $state.raw<readonly ImportRow[]>([]);
  progress = $state.raw<{ readonly done: number; readonly total: number } | null>(null);
  failure = $state.raw<Failure | null>(null);
  unreadable = $state('');
  gb18030 = $state(false);
  checked = $state.raw<OpResult<'checkRows'> | null>(null);
  id = '';

  async choose(file: File): Promise<void> {
    this.clear();
    const table = await readRows(file);
    if (!table.ok) this.unreadable = tableMistake(table.mistake);
    else if (table.rows.length === 0) this.unreadable = t('setup.noRows');
    else {
      this.gb18030 = table.gb18030 ?? false;
      await this.#send(table.rows);
    }
  }

  clear(): void {
    [this.rows, this.checked, this.failure, this.unreadable, this.progress] = [[], null, null, '', null];
    this.gb18030 = false;
    this.id = newKey();
  }

  async #send(rows: readonly ImportRow[]): Promise<void> {
    const draft = this.id;
    this.rows = rows;
    for (let part = 0; part * IMPORT_ROWS_MAX < rows.length; part += 1) {
      const from = part * IMPORT_ROWS_MAX;
      this.progress = { done: from, total: rows.length };
      const own = rows.slice(from, from + IMPORT_ROWS_MAX);
      const answer = await query('stageRows', { draft, part, rows: own });
      // Another file was chosen meanwhile: what becomes of this one is for nobody.
      if (this.id !== draft) return;
      if (!answer.ok) {
        [this.failure, this.progress] = [answer, null];
        return;
      }
    }
    this.progress = { done: rows.length, total: rows.length };
    const answer = await query('checkRows', { draft });
    if (this.id !== draft) return;
    [this.progress, this.failure, this.checked] = [null, answer.ok ? null : answer, answer.ok ? answer.value : null];
  }
}
