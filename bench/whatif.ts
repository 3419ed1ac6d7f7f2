/**
 * A month of quarter-hour charges priced again under a draft, beside the same charges through the price path alone: no
 * store, nothing decoded, no pulse let through. The records of 10 000 meters would be 15 GB, so a sample of the site's
 * meters has them; `secondsForAll` is what all of them would take at this pace.
 */
import { tariffSchema } from '../protocol/tariff.ts';
import { compileTariff, priceInterval } from '../server/domain/tariff/price.ts';
import { Counters, type OpenLines } from '../server/domain/tariff/state.ts';
import { seconds, type Bench } from './bench.ts';
import { longestBlockMs, Office } from './officeSite.ts';
import { benchSite } from './pulseSite.ts';

const GOAL = { ratio: 0.1, blockMs: 50 };
const QUARTER_MS = 15 * 60_000;
const FROM_MS = Date.parse('2026-05-01T00:00:00+08:00');
const QUARTER_WH = 180;
const RECORDS_A_COMMIT = 600;

/** As the wallets write them: two bands a day, one component. */
function charge(meter: string, wallet: string, n: number): Parameters<Office['keep']>[0][number] {
  const [fromMs, toMs] = [FROM_MS + n * QUARTER_MS, FROM_MS + (n + 1) * QUARTER_MS];
  const amountMicro = Math.round(QUARTER_WH * 568);
  const line = { version: '2026-01-01T00:00', band: 'peak', tier: 1, component: 'energy', priceMicro: 568_000 };
  const value = {
    ...{ id: `${meter}:${n + 1}`, wallet, meter, utility: 'electricity', sequence: n + 1, fromMs, toMs },
    ...{ fromIndex: n * QUARTER_WH, toIndex: (n + 1) * QUARTER_WH, multiplier: 1, tariff: 't', estimated: false },
    lines: [{ fromMs, toMs, ...line, quantity: QUARTER_WH, amountMicro }],
    ...{ amountMicro, balanceAfterMicro: 100_000_000_000 - n * amountMicro },
    transfers: [{ from: `wallet:${wallet}`, to: 'revenue:electricity:energy', amountMicro }],
  };
  return { kind: 'charge', id: value.id, value, index: { [`wallet:${wallet}`]: toMs, [`meter:${meter}`]: toMs } };
}

export const bench: Bench = {
  name: 'whatif',
  summary: 'charges a second, priced again under a draft',
  run: async ({ smoke }) => {
    const meters = smoke ? 20 : 10_000;
    const sample = smoke ? 5 : 100;
    const quarters = smoke ? 96 : 31 * 96;
    const site = benchSite(meters);
    const office = await Office.open(site, meters);
    for (let m = 0; m < sample; m++)
      for (let n = 0; n < quarters; n += RECORDS_A_COMMIT)
        await office.keep(
          Array.from({ length: Math.min(RECORDS_A_COMMIT, quarters - n) }, (_, i) => charge(`m${m}`, `w${m}`, n + i)),
        );
    const draft = tariffSchema.parse(site.tariffs[0]);
    const span = { draft, fromMs: FROM_MS, toMs: FROM_MS + quarters * QUARTER_MS };
    const charges = sample * quarters;
    let wh = 0;
    let tookSeconds = 0;
    const blockMs = await longestBlockMs(async () => {
      tookSeconds = await seconds(async () => {
        for (let cursor: number | null = 0; cursor !== null && cursor < sample;) {
          const page: Awaited<ReturnType<typeof office.ask<'whatIf'>>> = await office.ask('whatIf', {
            ...span,
            cursor,
          });
          wh += page.items.reduce((sum, { quantity }) => sum + quantity, 0);
          cursor = page.cursor;
        }
      });
    });
    if (wh !== charges * QUARTER_WH) throw new Error(`${wh} Wh were priced, ${charges * QUARTER_WH} were used`);
    const compiled = compileTariff(draft, office.bench.core.directory.time.zone);
    const baseSeconds = await seconds(() => {
      for (let m = 0; m < sample; m++) {
        let open: OpenLines | null = null;
        const counters = new Counters();
        for (let n = 0; n < quarters; n++) {
          const fromMs = FROM_MS + n * QUARTER_MS;
          const interval = { fromMs, toMs: fromMs + QUARTER_MS, quantity: QUARTER_WH, bands: null };
          const priced = priceInterval(compiled, interval, open, {
            ...{ used: ({ name }) => counters.get('meter', name), heads: () => 0, openedDay: null },
          });
          open = priced.openLines;
          for (const { period, used } of priced.tierUses) counters.set('meter', period, used);
        }
      }
    });
    await office.end();
    const [value, baseline] = [charges / tookSeconds, charges / baseSeconds];
    const ratio = value / baseline;
    return {
      name: 'whatif',
      parameters: {
        ...{ meters, sample, charges, seconds: tookSeconds, secondsForAll: (tookSeconds * meters) / sample },
        ...{ longestBlockMs: blockMs, store: 'sqlite' },
      },
      ...{ value, unit: 'charges/s' },
      baseline: { name: 'the price path alone', value: baseline },
      ...{ ratio, goal: `ratio >= ${GOAL.ratio}, longestBlockMs <= ${GOAL.blockMs}` },
      met: ratio >= GOAL.ratio && blockMs <= GOAL.blockMs,
    };
  },
};
