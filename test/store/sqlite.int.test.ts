import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { SqliteStore } from '../../server/store/sqlite.ts';
import { again, batch, contract, fresh, kindOf, numbers } from './contract.ts';

const dirs: string[] = [];
const newFile = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'wattroom-sqlite-'));
  dirs.push(dir);
  return join(dir, 'wattroom.db');
};
const change = (file: string, sql: string, ...values: (string | number)[]): void => {
  const db = new DatabaseSync(file);
  db.prepare(sql).run(...values);
  db.close();
};

contract('SQLite', async () => {
  const file = newFile();
  return {
    open: () => new SqliteStore({ file }),
    flip: async (number) =>
      change(file, `UPDATE journal SET events = replace(events, 'Happened', 'Heppened') WHERE number = ?`, number),
    flipSnapshot: async (key) =>
      change(file, `UPDATE snapshot SET state = replace(state, '12', '13') WHERE key = ?`, key),
    remove: async () => rmSync(file, { force: true }),
    shared: false,
  };
});

describe('SQLite of its own', () => {
  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  it('is full, not broken, when the file may not grow, and what was durable stays', async () => {
    const store = new SqliteStore({ file: newFile(), pageMax: 40 });
    await store.open(fresh);
    let number = 0;
    let kind: string;
    do {
      number += 1;
      kind = await kindOf(
        store.commit(batch(number, { records: [{ kind: 'r', id: `${number}`, value: { text: 'x'.repeat(8_000) } }] })),
      );
    } while (kind === 'done' && number < 100);
    expect(kind).toBe('full');
    expect(await numbers(store)).toEqual(Array.from({ length: number - 1 }, (_, i) => i + 1));
    expect(await store.get('r', `${number}`)).toBeNull();
    await store.close();
  });

  it('refuses a second opener, which can be closed, and leaves the first one its file', async () => {
    const file = newFile();
    const first = new SqliteStore({ file });
    await first.open(fresh);
    const second = new SqliteStore({ file });
    await expect(second.open(again)).rejects.toMatchObject({
      kind: 'fenced',
      message: expect.stringContaining('another process'),
    });
    await second.close();
    expect((await first.commit(batch(1))).number).toBe(1);
    await first.close();
  });

  it('keeps a whole prefix when its process is killed in mid-commit', async () => {
    const file = newFile();
    for (let round = 0; round < 5; round++) {
      const child = fork(new URL('./sqliteWriter.ts', import.meta.url), [file, round === 0 ? 'init' : 'go'], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
      });
      const last = await new Promise<number>((resolve) => {
        let durable = 0;
        child.on('message', (number) => {
          durable = Number(number);
          if (durable % 40 === 39) child.kill('SIGKILL');
        });
        child.once('exit', () => resolve(durable));
      });
      const store = new SqliteStore({ file });
      const head = await store.open(again);
      expect(head.number).toBeGreaterThanOrEqual(last);
      expect(await numbers(store)).toEqual(Array.from({ length: head.number }, (_, i) => i + 1));
      await store.close();
    }
  });
});
