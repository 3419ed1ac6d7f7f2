import { describe, expect, it } from 'vitest';
import { daysCompared } from '../../server/domain/home.ts';
import { LocalTime } from '../../server/domain/localTime.ts';
import { SiteUse } from '../../server/domain/siteUse.ts';

const at = (text: string): number => Date.parse(text);
const charge = (toMs: number, quantity: number, components = ['energy']) => ({
  type: 'ConsumptionCharged',
  data: { toMs, lines: components.map((component) => ({ component, quantity })) },
});
const sale = (to: string, amountMicro: number) => ({ from: 'wallet:w', to, amountMicro });

describe('the days that are compared', () => {
  it('are today so far and yesterday up to the same time', () => {
    const time = new LocalTime('Asia/Shanghai');
    const { today, yesterdaySoFar, yesterday } = daysCompared(time, at('2026-06-02T09:30:00+08:00'));
    expect(today).toEqual([at('2026-06-02T00:00:00+08:00'), at('2026-06-02T09:30:00+08:00')]);
    expect(yesterdaySoFar).toEqual([at('2026-06-01T00:00:00+08:00'), at('2026-06-01T09:30:00+08:00')]);
    expect(yesterday).toEqual([at('2026-06-01T00:00:00+08:00'), at('2026-06-02T00:00:00+08:00')]);
  });

  it('begin at local midnight on both sides of a clock change', () => {
    const time = new LocalTime('Europe/Berlin');
    const { today, yesterday } = daysCompared(time, at('2026-03-30T00:10:00+02:00'));
    expect(today[0]).toBe(at('2026-03-30T00:00:00+02:00'));
    expect(yesterday).toEqual([at('2026-03-29T00:00:00+01:00'), at('2026-03-30T00:00:00+02:00')]);
    const late = daysCompared(time, at('2026-03-29T20:00:00+02:00'));
    expect(late.today[0]).toBe(at('2026-03-29T00:00:00+01:00'));
    // A day of 23 hours never reaches into the next one.
    const long = daysCompared(time, at('2026-03-30T23:59:00+02:00'));
    expect(long.yesterdaySoFar[1]).toBe(long.today[0]);
  });
});

describe('what a site used', () => {
  it('counts each unit once, by utility, at the time it was measured', () => {
    const use = new SiteUse();
    const noon = at('2026-06-02T12:00:00+08:00');
    use.fold(
      charge(noon, 500, ['energy', 'service']),
      [sale('revenue:electricity:energy', 300), sale('revenue:electricity:service', 20)],
      noon + 3_600_000,
    );
    use.fold(charge(noon, 40), [sale('revenue:water:water', 9)], noon);
    // A forfeited deposit is no sale.
    use.fold({ type: 'DepositForfeited', data: {} }, [sale('revenue:deposit:forfeited', 5_000)], noon - 1);
    expect(use.between(noon - 900_000, noon)).toEqual({
      energyWh: 500,
      waterLitres: 40,
      earnedMicro: 329,
      receivedMicro: 0,
    });
    expect(use.between(noon, noon + 7_200_000)).toBeNull();
  });

  it('receives what comes in less what is paid back, at the time of the commit', () => {
    const use = new SiteUse();
    const order = { type: 'MoneyReceived', data: {} };
    use.fold(order, [{ from: 'cash:card', to: 'wallet:w', amountMicro: 50 }], 1_000);
    use.fold({ ...order, type: 'MoneyRefunded' }, [{ from: 'wallet:w', to: 'cash:cash', amountMicro: 20 }], 2_000);
    use.fold(order, [{ from: 'takeover', to: 'wallet:w', amountMicro: 999 }], 2_000);
    expect(use.between(0, 900_000)?.receivedMicro).toBe(30);
  });

  it('is the same after a snapshot, and forgets what is older than the day before', () => {
    const use = new SiteUse();
    for (let hour = 0; hour < 24 * 30; hour++)
      use.fold(charge(hour * 3_600_000 + 1, 10), [sale('revenue:electricity:energy', 1)], 0);
    const again = new SiteUse();
    again.load(structuredClone(use.capture()));
    expect(again.between(0, Infinity)).toEqual(use.between(0, Infinity));
    expect(Object.keys(use.capture().quarters).length).toBeLessThanOrEqual(240);
    expect(use.between(24 * 29 * 3_600_000, Infinity)?.energyWh).toBe(240);
  });
});
