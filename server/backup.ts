/**
 * `npm run backup -- --out F`: the site in DATA_DIR or REDIS_URL as one verified file. The core must be stopped: its
 * SQLite file is locked, and of a Redis that goes on being written no backup is made.
 */
import { writeBackup } from './store/backup.ts';
import { readOptions, runCommand, UsageError } from './store/command.ts';
import { openArchive } from './store/openStore.ts';
import { readRemembered } from './store/remembered.ts';

const USAGE = 'usage: npm run backup -- --out FILE [--site SITE_ID]';

runCommand(async () => {
  const { values, config } = readOptions({ out: { type: 'string' }, site: { type: 'string' } }, USAGE);
  if (values.out === undefined) throw new UsageError(USAGE);
  const siteId = values.site ?? (await readRemembered(config.dataDir))?.siteId;
  if (siteId === undefined) throw new UsageError(`${config.dataDir} knows of no site; name it with --site SITE_ID`);
  const archive = openArchive(config, siteId);
  try {
    const { head, counts } = await writeBackup(archive, values.out);
    const { commits, snapshots, records } = counts;
    return `${values.out}: site ${siteId} at commit ${head.head.number}: ${commits} commits, ${snapshots} snapshots, ${records} records`;
  } finally {
    await archive.close();
  }
});
