/**
 * `npm run restore -- --in F`: a backup into the empty store of DATA_DIR or REDIS_URL. The file is read to its end and
 * verified before anything is written.
 */
import { mkdir } from 'node:fs/promises';
import { readBackup, verifyBackup } from './store/backup.ts';
import { readOptions, runCommand, UsageError } from './store/command.ts';
import { openArchive } from './store/openStore.ts';
import { readRemembered, Remembering } from './store/remembered.ts';
import { StoreError, type Head } from './store/store.ts';

const USAGE = 'usage: npm run restore -- --in FILE [--accept-older]';

/** What DATA_DIR remembers must be in the backup's history, or be given up in so many words. */
async function verified(path: string, dataDir: string, acceptOlder: boolean): Promise<{ siteId: string; head: Head }> {
  const remembered = await readRemembered(dataDir);
  const { head: archived, hashAt } = await verifyBackup(path, remembered?.head.number ?? 0);
  const { siteId, head } = archived;
  if (!remembered) return archived;
  const where = `${dataDir} remembers`;
  if (remembered.siteId !== siteId)
    throw new StoreError('foreign', `${path} is of the site ${siteId}, but ${where} ${remembered.siteId}`);
  if (hashAt !== undefined && hashAt !== remembered.head.hash)
    throw new StoreError('foreign', `commit ${remembered.head.number} in ${path} is not the one ${where}`);
  const lost = remembered.head.number - head.number;
  if (lost > 0 && !acceptOlder)
    throw new StoreError(
      'foreign',
      `${path} ends at commit ${head.number}, but ${where} ${remembered.head.number}: what the last ${lost} commits hold, money too, would be lost; say --accept-older to lose it`,
    );
  return archived;
}

runCommand(async () => {
  const options = { in: { type: 'string' }, 'accept-older': { type: 'boolean', default: false } } as const;
  const { values, config } = readOptions(options, USAGE);
  const path = values.in;
  if (path === undefined) throw new UsageError(USAGE);
  const { siteId, head } = await verified(path, config.dataDir, values['accept-older']);
  await mkdir(config.dataDir, { recursive: true });
  const archive = openArchive(config, siteId);
  try {
    if ((await archive.head()) !== null) throw new StoreError('foreign', 'the store is not empty');
    // First: a restore that breaks off leaves an empty store and a memory of it, which a start refuses.
    await new Remembering(config.dataDir, siteId).write(head);
    const { head: archived, pages } = await readBackup(path);
    await archive.restore(archived, pages);
  } finally {
    await archive.close();
  }
  return `site ${siteId} restored to commit ${head.number}`;
});
