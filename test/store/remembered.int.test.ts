import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRemembered, Remembering } from '../../server/store/remembered.ts';
import { kindOf } from './contract.ts';

const head = (number: number): { number: number; hash: string } => ({ number, hash: `hash ${number}` });

describe('what DATA_DIR remembers', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'wattroom-remembered-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const onDisk = (): unknown => JSON.parse(readFileSync(join(dir, 'site.json'), 'utf8'));

  it('is nothing in a new folder, and the site and commit written last in a used one', async () => {
    expect(await readRemembered(dir)).toBeNull();
    await new Remembering(dir, 'site').write(head(3));
    await new Remembering(dir, 'site').write(head(4));
    expect(await readRemembered(dir)).toEqual({ siteId: 'site', head: head(4) });
    expect(existsSync(join(dir, 'site.json.new'))).toBe(false);
  });

  it('is on disk for each writer that was told so, the newest winning, however the writes overlap', async () => {
    const remembering = new Remembering(dir, 'site');
    const told = Array.from({ length: 20 }, async (_, i) => {
      await remembering.write(head(i + 1));
      const found = onDisk() as { head: { number: number } };
      expect(found.head.number).toBeGreaterThanOrEqual(i + 1);
    });
    await Promise.all(told);
    expect(onDisk()).toEqual({ siteId: 'site', head: head(20) });
  });

  it('is refused, not guessed, when it cannot be read', async () => {
    writeFileSync(join(dir, 'site.json'), '{"siteId":"site"');
    expect(await kindOf(readRemembered(dir))).toBe('corrupt');
    writeFileSync(join(dir, 'site.json'), '{"siteId":"site","head":{"number":"1","hash":"x"}}');
    expect(await kindOf(readRemembered(dir))).toBe('corrupt');
  });

  it('says so when it cannot be written, and can be written later', async () => {
    const gone = join(dir, 'gone');
    const remembering = new Remembering(gone, 'site');
    await expect(remembering.write(head(1))).rejects.toThrow('ENOENT');
    mkdirSync(gone);
    await remembering.write(head(2));
    expect(await readRemembered(gone)).toEqual({ siteId: 'site', head: head(2) });
  });
});
