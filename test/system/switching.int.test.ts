import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SwitchAction } from '../../protocol/ops.ts';
import { System } from './harness.ts';
import { electricityOf, LOAD_W, walletOf } from './site.ts';
import { until } from './until.ts';

let system: System;
beforeAll(async () => {
  system = await System.start();
});
afterAll(() => system.end());

const conducts = (meter: string): boolean => system.field.look(meter).conducting;
const act = (meter: string, action: SwitchAction): Promise<unknown> =>
  system.api.call('switchMeter', { meter, action, reason: 'a test' });

describe('a person who switches', () => {
  const meter = electricityOf('101');

  it('opens the relay with a forced trip, and release closes it', async () => {
    expect(await act(meter, 'forceTrip')).toEqual({ wanted: 'open', cause: 'forcedTrip' });
    await until('the relay opens', () => !conducts(meter));
    await system.onWall('open', () => system.tile('101').electricity?.actual === 'open');
    expect(system.tile('101').electricity?.mismatchSinceMs).toBeNull();
    expect(await act(meter, 'release')).toEqual({ wanted: 'closed', cause: 'normal' });
    await until('the relay closes', () => conducts(meter));
    await system.onWall('closed', () => system.tile('101').electricity?.actual === 'closed');
  });

  it('cannot trip what has keep power', async () => {
    expect(await act(meter, 'keepPower')).toEqual({ wanted: 'closed', cause: 'keepPower' });
    await expect(act(meter, 'forceTrip')).rejects.toMatchObject({ code: 'keepPowerInForce', status: 409 });
    expect(await act(meter, 'liftKeepPower')).toEqual({ wanted: 'closed', cause: 'normal' });
  });

  it('keeps a tagged relay open against keep power and a recharge, until the tag is lifted', async () => {
    expect(await act(meter, 'workTag')).toEqual({ wanted: 'open', cause: 'workTag' });
    await until('the relay opens', () => !conducts(meter));
    await expect(act(meter, 'keepPower')).rejects.toMatchObject({ code: 'workTagInForce' });
    const recharge = { wallet: walletOf('101'), amount: '10.00', channel: 'cash', note: '' } as const;
    const { balanceAfterMicro } = await system.api.call('recharge', recharge);
    await system.onWall('the money', () => system.balanceMicro('101') === balanceAfterMicro);
    // Whatever the recharge set going has had its turns on the line by then.
    const asked = system.field.asked('L1');
    await until('twenty more requests', () => system.field.asked('L1') > asked + 20);
    expect(conducts(meter)).toBe(false);
    expect(await act(meter, 'liftWorkTag')).toEqual({ wanted: 'closed', cause: 'normal' });
    await until('the relay closes', () => conducts(meter));
  });

  it('closes and opens a valve, which takes its time', async () => {
    expect(await act('W-201', 'forceTrip')).toEqual({ wanted: 'open', cause: 'forcedTrip' });
    await until('no water flows', () => !conducts('W-201'));
    await system.onWall('the valve is confirmed', () => system.tile('201').water?.actual === 'open');
    await act('W-201', 'release');
    await until('water flows', () => conducts('W-201'));
    await system.onWall('the valve is back', () => system.tile('201').water?.actual === 'closed');
  });

  it('finds no breaker in a main meter, and a viewer may switch nothing', async () => {
    await expect(act('main', 'forceTrip')).rejects.toMatchObject({ code: 'noBreaker' });
    await system.login('vera');
    await expect(act(meter, 'forceTrip')).rejects.toMatchObject({ status: 403, code: 'forbidden' });
    await system.login('olga');
    expect(conducts(meter)).toBe(true);
  });
});

describe('a breaker that does not do as told', () => {
  it('raises flow through open when its contacts weld', async () => {
    const meter = electricityOf('102');
    system.field.faults(meter).stuckRelay = 1;
    system.field.draw(meter, LOAD_W);
    await act(meter, 'forceTrip');
    await system.onWall('the alarm', () => system.activeAlarm('flowThroughOpen') !== undefined);
    expect(system.activeAlarm('flowThroughOpen')).toMatchObject({ priority: 1, meter, room: '102' });
    expect(conducts(meter)).toBe(true);
    system.field.faults(meter).stuckRelay = 0;
    system.field.draw(meter, 0);
    await act(meter, 'release');
    await system.onWall('its end', () => system.activeAlarm('flowThroughOpen') === undefined);
  });

  it('raises a failed trip when commands are acknowledged and not carried out', async () => {
    const meter = electricityOf('103');
    system.field.faults(meter).ignoredWrite = 1;
    await act(meter, 'forceTrip');
    await system.onWall('the alarm', () => system.activeAlarm('tripFailed') !== undefined, 30_000);
    expect(system.activeAlarm('tripFailed')).toMatchObject({ priority: 2, meter, room: '103' });
    expect(system.tile('103').electricity).toMatchObject({ wanted: 'open', actual: 'closed' });
    expect(system.tile('103').electricity?.mismatchSinceMs).not.toBeNull();
    system.field.faults(meter).ignoredWrite = 0;
    await act(meter, 'release');
    await system.onWall('its end', () => system.activeAlarm('tripFailed') === undefined);
    expect(conducts(meter)).toBe(true);
  });
});
