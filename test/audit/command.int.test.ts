/** The audit log from the command line: a site in its folder, an exported file, and what was done to either. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SqliteStore } from '../../server/store/sqlite.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore } from '../tools/siteInMemory.ts';

const run = promisify(execFile);
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wattroom-audit-'));
  const store = new SqliteStore({ file: join(folder, 'wattroom.db') });
  const site = await startCore(new MemoryDisk(), plainSite(1), undefined, store);
  for (let i = 0; i < 6; i++) {
    const outcome = site.intake.do(
      { operator: i === 3 ? '=cmd()' : 'anna', role: i % 2 === 0 ? 'manager' : 'viewer', provedAgoMs: 0 },
      'recharge',
      { wallet: 'w1', amount: '1', channel: 'cash' },
      `k${i}`,
    );
    await site.settle();
    await outcome;
  }
  await site.core.committer.drained();
  site.core.committer.stop();
  await store.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

async function audit(...args: string[]): Promise<{ code: number; text: string }> {
  const command = ['--disable-warning=ExperimentalWarning', 'server/audit.ts', ...args];
  try {
    const { stdout } = await run(process.execPath, command, { env: { ...process.env, DATA_DIR: folder } });
    return { code: 0, text: stdout.trim() };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, text: stderr.trim() };
  }
}
const sql = (text: string): void => {
  const database = new DatabaseSync(join(folder, 'wattroom.db'));
  database.exec(text);
  database.close();
};
const verify = () => audit('verify', '--site', 'test');

it('verifies a site, and says what was changed, deleted, inserted, swapped and cut, and where', async () => {
  expect(await verify()).toMatchObject({ code: 0, text: expect.stringContaining('6 entries, the chain is whole') });
  const row = (n: number): string => `kind = 'audit' AND id = '00000000000${n}'`;
  sql(`UPDATE record SET value = replace(value, '"anna"', '"bert"') WHERE ${row(1)}`);
  expect(await verify()).toMatchObject({ code: 1, text: expect.stringContaining('changed: 1') });
  sql(`DELETE FROM record WHERE ${row(3)}`);
  expect((await verify()).text).toContain('missing: 3');
  sql(`UPDATE record SET value = (SELECT value FROM record WHERE ${row(5)}) WHERE ${row(4)}`);
  expect((await verify()).text).toContain('inserted: 5');
  sql(`DELETE FROM record WHERE ${row(5)}; DELETE FROM record WHERE ${row(6)}`);
  expect((await verify()).text).toContain('cut: 6');
});

it('exports a table without formulas, and a file that verifies without the site', async () => {
  const csv = join(folder, 'log.csv');
  const lines = join(folder, 'log.jsonl');
  expect((await audit('export', '--site', 'test', '--out', csv)).code).toBe(0);
  expect(readFileSync(csv, 'utf8')).toContain(",'=cmd(),");
  expect((await audit('export', '--site', 'test', '--out', lines)).code).toBe(0);
  expect((await audit('verify', '--file', lines)).text).toContain('6 entries, the chain is whole; it ends at 6');
  const [first, second, third, ...others] = readFileSync(lines, 'utf8').trim().split('\n');
  const write = (rows: readonly unknown[]): void => writeFileSync(lines, `${rows.join('\n')}\n`);
  write([first, third, second, ...others]);
  expect(await audit('verify', '--file', lines)).toMatchObject({ code: 1, text: expect.stringContaining('moved: 2') });
  write([first, second, third, others.at(-1)]);
  expect((await audit('verify', '--file', lines)).text).toContain('cut: 4 to 6');
});

it('says how it is used', async () => {
  expect(await audit('look')).toMatchObject({ code: 1, text: expect.stringContaining('usage:') });
});
