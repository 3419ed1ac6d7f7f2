/** An emergency cut over the wire: real gateway and core, simulated meters. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { System } from './harness.ts';
import { electricityOf } from './site.ts';
import { until } from './until.ts';

let system: System;
beforeAll(async () => {
  system = await System.start();
});
afterAll(() => system.end());

const floor = ['101', '102', '103', '104'] as const;
const conducting = (): string[] => floor.filter((room) => system.field.look(electricityOf(room)).conducting);
const states = async (emergency: string): Promise<string[]> =>
  (await system.api.call('getEmergency', { emergency })).items.map(({ state }) => state);

it('opens a floor but what has keep power, reads each back, and puts it back in steps', async () => {
  const keep = { meter: electricityOf('102'), action: 'keepPower', reason: 'pump' } as const;
  await system.api.call('switchMeter', keep);
  const preview = await system.api.call('previewEmergency', { floor: 'A1', what: 'electricity' });
  expect(preview).toMatchObject({ opens: 3, open: 0, kept: 1 });
  const { emergency } = await system.api.call('startEmergency', { floor: 'A1', what: 'electricity', reason: 'smoke' });
  await until('the relays open', () => conducting().join() === '102');
  await expect
    .poll(() => states(emergency), { timeout: 20_000 })
    .toEqual(['confirmed', 'confirmed', 'confirmed', 'kept']);
  await system.api.call('restoreEmergency', { emergency, reason: 'safe' });
  await until('the relays close', () => conducting().length === floor.length);
  const job = async () => (await system.api.call('getEmergency', { emergency })).emergency;
  await expect.poll(async () => (await job()).phase, { timeout: 20_000 }).toBe('over');
  expect((await job()).counts).toEqual({ restored: 3, kept: 1 });
  expect((await system.api.call('getEmergencies', {})).items).toEqual([]);
});
