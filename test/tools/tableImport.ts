/** A table of rooms and meters, imported as the control room does it. */
import { expect } from 'vitest';
import type { ImportRow } from '../../protocol/importRows.ts';
import type { OpOutcome, OpResult } from '../../protocol/ops.ts';
import { IMPORT_ROWS_MAX } from '../../protocol/ops/siteImport.ts';
import type { SiteImportView } from '../../protocol/siteImport.ts';
import type { Running } from './siteInMemory.ts';

let keys = 0;
export type Check = OpResult<'checkRows'>;
export const draftOf = (): string => `rows-of-draft-${(keys += 1)}`;
/** Rows as the control room sends them: in parts, checked as a whole. */
export async function staged(running: Running, rows: readonly ImportRow[], draft = draftOf()): Promise<string> {
  for (let part = 0; part * IMPORT_ROWS_MAX < rows.length; part += 1) {
    const own = rows.slice(part * IMPORT_ROWS_MAX, (part + 1) * IMPORT_ROWS_MAX);
    expect(await running.do('stageRows', { draft, part, rows: own }, '', 'administrator')).toMatchObject({ ok: true });
  }
  return draft;
}
export async function check(running: Running, rows: readonly ImportRow[], draft = draftOf()): Promise<Check> {
  await staged(running, rows, draft);
  const outcome = await running.do('checkRows', { draft }, '', 'administrator');
  expect(outcome.ok).toBe(true);
  return (outcome as { result: Check }).result;
}
export async function start(running: Running, rows: readonly ImportRow[]): Promise<OpOutcome> {
  const draft = draftOf();
  const { hash } = await check(running, rows, draft);
  return running.do('importRows', { draft, hash }, `i${keys}`, 'administrator');
}
export async function finished(running: Running): Promise<void> {
  while (running.core.siteImports.under) await running.settle();
  await running.settle();
}
/** Imports, and says what the import has come to. */
export async function load(running: Running, rows: readonly ImportRow[]): Promise<OpOutcome> {
  const outcome = await start(running, rows);
  if (!outcome.ok) return outcome;
  await finished(running);
  const { posted, refused, endedMs, count } = await importOf(running, (outcome.result as { import: string }).import);
  expect([posted, refused, endedMs !== null]).toEqual([rows.length, [], true]);
  return { ok: true, result: count };
}
export async function importOf(running: Running, id: string): Promise<SiteImportView> {
  const outcome = await running.do('getImports', { limit: 500 }, '', 'administrator');
  const item = (outcome as { result: OpResult<'getImports'> }).result.items.find((one) => one.id === id);
  if (!item) throw new Error(`no import ${id}`);
  return item;
}
