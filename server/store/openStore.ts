/** Which adapter keeps the site: Redis where REDIS_URL says so, else the SQLite file in DATA_DIR. */
import { join } from 'node:path';
import { RedisStore } from './redis.ts';
import { SqliteStore } from './sqlite.ts';
import type { Store } from './store.ts';

export type StoreChoice = { readonly redisUrl: string | null; readonly dataDir: string };

export function openStore({ redisUrl, dataDir }: StoreChoice): Store {
  if (redisUrl !== null) return new RedisStore({ url: redisUrl });
  return new SqliteStore({ file: join(dataDir, 'wattroom.db') });
}
