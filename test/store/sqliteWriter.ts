/** Commits for ever and says each durable number: killed by the test. */
import { SqliteStore } from '../../server/store/sqlite.ts';
import { again, batch, fresh } from './contract.ts';

const [, , file = '', mode] = process.argv;
const store = new SqliteStore({ file });
let { number } = await store.open(mode === 'init' ? fresh : again);
for (;;) {
  number = (await store.commit(batch(number + 1))).number;
  process.send?.(number);
}
