import { expect, it } from 'vitest';
import { torture } from './torture.ts';

it('loses and doubles nothing when the core is killed at every boundary of the journal (SQLite)', async () => {
  const result = await torture({ kills: 30, seed: 20261123, place: { redisUrl: null } });
  expect(result.kills).toBeGreaterThanOrEqual(30);
  expect(Object.keys(result.byPoint)).toEqual(
    expect.arrayContaining(['beforeSend', 'sent', 'durableNotReleased', 'inSnapshot', 'inRecovery']),
  );
});
