/** Processes that are killed while money flows. What is owed is told by the virtual meters, not by the server. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SESSION_PATH } from '../../protocol/session.ts';
import { START_INDEX } from './field.ts';
import { System } from './harness.ts';
import { electricityOf, LOAD_W, PRICE_MICRO, walletOf, YUAN, type RoomId } from './site.ts';
import { until } from './until.ts';

const busy: readonly RoomId[] = ['101', '102', '201', '202'];
const used = (system: System, room: RoomId): number =>
  Math.floor(system.field.look(electricityOf(room)).index / 10) * 10 - START_INDEX;

/** Turns the load off, and waits until each wallet holds what it must: opening + recharges − price × use. */
async function settle(system: System, rechargedYuan: Partial<Record<RoomId, number>> = {}): Promise<void> {
  for (const room of busy) system.field.draw(electricityOf(room), 0);
  const owed = (room: RoomId): number => (500 + (rechargedYuan[room] ?? 0)) * YUAN - used(system, room) * PRICE_MICRO;
  await system.onWall('every step charged once', () => busy.every((room) => system.balanceMicro(room) === owed(room)));
  const { ledger, actors } = await system.api.call('getSystem', {});
  expect(ledger.imbalanceMicro).toBe(0);
  expect(actors.parked).toEqual([]);
  for (const room of busy) {
    const { items } = await system.api.call('getCharges', { wallet: walletOf(room), limit: 500 });
    const sum = items.reduce((total, charge) => total + charge.amountMicro, 0);
    expect(sum).toBe(used(system, room) * PRICE_MICRO);
    expect(new Set(items.map(({ sequence }) => sequence)).size).toBe(items.length);
  }
}

const load = (system: System): void => {
  for (const room of busy) system.field.draw(electricityOf(room), LOAD_W);
};
const fallsBelow = (system: System, room: RoomId, balanceMicro: number): Promise<void> =>
  system.onWall(`${room} falls`, () => system.balanceMicro(room) < balanceMicro);

describe.each(['sqlite', 'redis'] as const)('on %s', (store) => {
  let system: System;
  beforeAll(async () => {
    system = await System.start({ store });
    load(system);
  });
  afterAll(() => system.end());

  it('a killed gateway costs no pulse: the next one knows the session and shows the whole wall', async () => {
    const [gateway = 0] = system.core.gateways;
    const { cookie, csrf } = system.api;
    await fallsBelow(system, '101', 500 * YUAN);
    const before = system.balanceMicro('101');
    const { closed } = system.wall;
    process.kill(gateway, 'SIGKILL');
    await closed;
    system.api.base = await system.core.open(2);
    const session = await system.api.send('GET', SESSION_PATH);
    expect(session.status).toBe(200);
    expect(z.looseObject({ name: z.string(), csrf: z.string() }).parse(await session.json())).toMatchObject({
      ...{ name: 'olga', csrf },
    });
    expect(system.api.cookie).toBe(cookie);
    await system.openWall();
    await system.online();
    await fallsBelow(system, '101', before);
    expect(system.wall.model.gaps).toBe(0);
    const { gateway: seen } = await system.api.call('getSystem', {});
    expect(seen.restarts).toBe(1);
    expect(system.core.gone).toBe(false);
  });

  it('a core that is killed three times in the middle goes on where it stopped, and charges each step once', async () => {
    const recharge = { wallet: walletOf('101'), amount: '7.00', channel: 'card', note: '' } as const;
    let order: unknown = null;
    for (const round of [1, 2, 3]) {
      await fallsBelow(system, '201', system.balanceMicro('201'));
      // Same key each time, and the core dies right behind the answer: once is once.
      const answer = await system.api.call('recharge', recharge, 'seven');
      order ??= answer;
      expect(answer).toEqual(order);
      await system.core.kill9();
      await system.restartCore();
      await fallsBelow(system, '102', system.balanceMicro('102'));
      expect(system.core.gateways.length, `round ${round}`).toBe(1);
    }
    await settle(system, { '101': 7 });
    load(system);
  });

  it('a core that is asked to stop ends with 0 within a few seconds, and its successor goes on', async () => {
    await fallsBelow(system, '101', system.balanceMicro('101'));
    const fromMs = performance.now();
    const [gateway = 0] = system.core.gateways;
    expect(await system.core.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - fromMs).toBeLessThan(5_000);
    await until('the end of its gateway', () => {
      try {
        return !process.kill(gateway, 0);
      } catch {
        return true;
      }
    });
    await system.restartCore();
    await settle(system, { '101': 7 });
  });
});
