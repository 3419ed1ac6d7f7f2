/** What a room's view tells of an operator's hold. */
import { expect, it } from 'vitest';
import { roomViewSchema } from '../../protocol/ops.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const HOUR = 3_600_000;

async function meterOf(site: Running) {
  const outcome = await site.do('getRoom', { room: 'r1' }, '', 'viewer');
  if (!outcome.ok) throw new Error(outcome.detail);
  return roomViewSchema.parse(outcome.result).meters[0];
}

it('A hold is told from when it is set, though no cut is asked for, until it ends by itself', async () => {
  const site = await startCore(new MemoryDisk(), plainSite(1, '100'));
  await site.read('m1', 0);
  expect((await meterOf(site))?.operatorHold).toBeNull();
  const untilMs = site.core.context().nowMs + HOUR;
  const hold = { meter: 'm1', action: 'hold', reason: 'talks', untilMs };
  expect(await site.do('switchMeter', hold, 'a')).toMatchObject({ ok: true });
  const held = await meterOf(site);
  expect(held?.operatorHold).toMatchObject({ reason: 'talks', untilMs });
  expect(held?.hold).toBeNull();
  await site.pass(HOUR + 1_000);
  expect((await meterOf(site))?.operatorHold).toBeNull();
});
