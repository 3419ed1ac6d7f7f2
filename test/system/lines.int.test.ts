import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { START_INDEX } from './field.ts';
import { System } from './harness.ts';
import { electricityOf, lineSpecs, LOAD_W, PRICE_MICRO, YUAN } from './site.ts';
import { until } from './until.ts';

let system: System;
beforeAll(async () => {
  system = await System.start();
});
afterAll(() => system.end());

describe('a field that falls silent', () => {
  it('makes one alarm of a dead line, which carries its meters, and one of a silent meter', async () => {
    const silent = electricityOf('103');
    system.field.draw(electricityOf('202'), LOAD_W);
    system.field.faults(silent).dead = 1;
    await system.field.closeLine('L2');
    await system.onWall('the line is dead', () => system.activeAlarm('lineDead') !== undefined);
    const lost = lineSpecs[1]?.meters.length;
    expect(system.activeAlarm('lineDead')).toMatchObject({ priority: 2, line: 'L2', carries: lost });
    await system.onWall('tiles are stale', () => system.tile('202').electricity?.link === 'stale', 30_000);

    await system.onWall('the meter is silent', () => system.activeAlarm('meterSilent') !== undefined, 40_000);
    const shown = [...system.wall.model.alarms.values()].filter((alarm) => alarm.active && !alarm.suppressedBy);
    expect(shown.map(({ id }) => id).sort()).toEqual(['lineDead:L2', `meterSilent:${silent}`]);
    // Silence in the field is no illness of ours.
    const health = await system.api.send('GET', '/healthz');
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ silentLines: ['L2'] });
  });

  it('is forgotten once it speaks again, and what was used meanwhile is charged once', async () => {
    const register = (): number => Math.floor(system.field.look(electricityOf('202')).index / 10) * 10;
    await until('some use behind the dead line', () => register() >= START_INDEX + 50);
    expect(system.balanceMicro('202')).toBeGreaterThan(499 * YUAN);
    system.field.draw(electricityOf('202'), 0);
    system.field.faults(electricityOf('103')).dead = 0;
    // A silent meter is asked rarely; a person who has repaired it has it asked at once.
    await system.api.call('readMeter', { meter: electricityOf('103') });
    await system.field.openLine('L2');
    await system.onWall('no alarm is left', () => [...system.wall.model.alarms.values()].every((one) => !one.active));
    await system.online();
    const owedMicro = (register() - START_INDEX) * PRICE_MICRO;
    await system.onWall('all charged', () => system.balanceMicro('202') === 500 * YUAN - owedMicro);
    const { items } = await system.api.call('getAlarmHistory', { limit: 50 });
    expect(new Set(items.map(({ kind }) => kind))).toEqual(new Set(['lineDead', 'meterSilent']));
  }, 120_000);
});
