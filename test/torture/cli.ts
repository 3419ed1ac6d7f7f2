/** `npm run torture -- --kills N --seed S`: as many kills as asked for, on both stores. */
import { parseArgs } from 'node:util';
import { RedisServer } from '../tools/redis.ts';
import { torture } from './torture.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const options = { kills: Number(values.kills), seed: Number(values.seed) };
console.log(`seed ${options.seed}`);
console.log(`sqlite  ${JSON.stringify(await torture({ ...options, place: { redisUrl: null } }))}`);
const redis = await RedisServer.start();
try {
  const alsoKill = async (): Promise<void> => {
    await redis.kill9();
    await redis.start();
  };
  console.log(`redis   ${JSON.stringify(await torture({ ...options, place: { redisUrl: redis.url, alsoKill } }))}`);
} finally {
  await redis.stop();
}
