/** `npm run torture -- --kills N --seed S [--redis]`: any number of kills, both stores. */
import { parseArgs } from 'node:util';
import { torture } from './torture.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const options = { kills: Number(values.kills), seed: Number(values.seed) };
console.log(`seed ${options.seed}`);
const sqlite = await torture({ ...options, place: { redisUrl: null } });
console.log(`sqlite  ${JSON.stringify(sqlite)}`);
