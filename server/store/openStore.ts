/** Which adapter keeps the site: Redis where REDIS_URL says so, else the SQLite file in DATA_DIR. */
import { join } from 'node:path';
import { SqliteStore } from './sqlite.ts';
import { StoreError, type Store } from './store.ts';

export type StoreChoice = { readonly redisUrl: string | null; readonly dataDir: string };

export function openStore({ redisUrl, dataDir }: StoreChoice): Store {
  if (redisUrl !== null) throw new StoreError('misconfigured', 'Redis is not built in yet');
  return new SqliteStore({ file: join(dataDir, 'wattroom.db') });
}
