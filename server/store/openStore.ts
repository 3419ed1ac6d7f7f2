/** Which adapter keeps the site: Redis where REDIS_URL says so, else the SQLite file in DATA_DIR. */
import { join } from 'node:path';
import type { Archive } from './archive.ts';
import { RedisArchive } from './archiveRedis.ts';
import { SqliteArchive } from './archiveSqlite.ts';
import { RedisStore } from './redis.ts';
import { SqliteStore } from './sqlite.ts';
import type { Store } from './store.ts';

export type StoreChoice = { readonly redisUrl: string | null; readonly dataDir: string };

const fileIn = (dataDir: string): string => join(dataDir, 'wattroom.db');

export function openStore({ redisUrl, dataDir }: StoreChoice): Store {
  if (redisUrl !== null) return new RedisStore({ url: redisUrl });
  return new SqliteStore({ file: fileIn(dataDir) });
}

/** The same place for backup and restore. A Redis may hold several sites, a file holds one. */
export function openArchive({ redisUrl, dataDir }: StoreChoice, siteId: string): Archive {
  if (redisUrl !== null) return new RedisArchive(redisUrl, siteId);
  return new SqliteArchive(fileIn(dataDir), siteId);
}
