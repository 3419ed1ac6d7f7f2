/**
 * What DATA_DIR remembers of the store: the site and a durable commit. A store that lacks that commit is an older copy
 * or another one, and is refused. Written every few seconds: it may lag behind the store, never run ahead of it.
 */
import { existsSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StoreError, type Head } from './store.ts';

const schema = z.strictObject({ siteId: z.string(), head: z.strictObject({ number: z.int(), hash: z.string() }) });
const pathIn = (dataDir: string): string => join(dataDir, 'site.json');

export async function readRemembered(dataDir: string): Promise<z.infer<typeof schema> | null> {
  const path = pathIn(dataDir);
  if (!existsSync(path)) return null;
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new StoreError('corrupt', `${path} cannot be read; restore it, or remove it once you are sure of the store`, {
      cause: error,
    });
  }
}

export class Remembering {
  readonly #dataDir: string;
  readonly #siteId: string;
  #writing: Promise<void> | null = null;
  #next: Head | null = null;

  constructor(dataDir: string, siteId: string) {
    this.#dataDir = dataDir;
    this.#siteId = siteId;
  }

  /** Resolves when this head or a newer one is on disk. */
  async write(head: Head): Promise<void> {
    this.#next = head;
    // Also while another caller's write carries our head: it is not on disk before that one ends.
    while (this.#next !== null || this.#writing) await (this.#writing ??= this.#put());
  }

  async #put(): Promise<void> {
    const head = this.#next;
    this.#next = null;
    const path = pathIn(this.#dataDir);
    try {
      const file = await open(`${path}.new`, 'w');
      try {
        await file.writeFile(JSON.stringify({ siteId: this.#siteId, head }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
    } finally {
      this.#writing = null;
    }
  }
}
