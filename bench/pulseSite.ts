/** A core without wires, for benches: n rooms with one meter and one wallet each, driven by readings put in by hand. */
import { setTimeout } from 'node:timers/promises';
import { checkSite, importSite } from '../server/core/importSite.ts';
import { Core } from '../server/core/core.ts';
import { recover } from '../server/core/recover.ts';
import { resume } from '../server/core/resume.ts';
import type { ReadingInput } from '../server/domain/messages.ts';
import type { Store } from '../server/store/store.ts';
import type { SiteFileInput } from '../protocol/site.ts';

const START_MS = Date.parse('2026-06-01T09:00:00+08:00');

export const METERS_PER_LINE = 100;
export const linesOf = (meters: number): number => Math.ceil(meters / METERS_PER_LINE);
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function benchSite(rooms: number): SiteFileInput {
  const numbers = Array.from({ length: rooms }, (_, i) => i);
  const lines = linesOf(rooms);
  return {
    format: 'wattroom-site/1',
    site: { id: 'bench', name: 'Bench', rules: { quietHours: [] } },
    buildings: [
      {
        id: 'A',
        name: 'A',
        floors: Array.from({ length: lines }, (_, f) => ({
          id: `f${f}`,
          name: String(f),
          rooms: numbers.filter((n) => Math.floor(n / 100) === f).map((n) => ({ id: `r${n}`, name: String(n) })),
        })),
      },
    ],
    lines: Array.from({ length: lines }, (_, l) => ({
      id: `l${l}`,
      name: `Line ${l}`,
      transport: { kind: 'tcp' as const, host: '127.0.0.1', port: 502 },
    })),
    meters: numbers.map((n) => ({
      id: `m${n}`,
      line: `l${Math.floor(n / 100)}`,
      unitId: (n % 100) + 1,
      profile: 'acrel-ddsy1352' as const,
      utility: 'electricity' as const,
      room: `r${n}`,
      tariff: 't',
    })),
    tariffs: [
      {
        ...{ id: 't', name: 'Bands and tiers', utility: 'electricity' as const },
        versions: [
          {
            from: '2026-01-01T00:00',
            calendar: [
              {
                starts: [
                  ['00:00', 'valley'],
                  ['08:00', 'peak'],
                  ['22:00', 'valley'],
                ] as ['00:00' | string, 'valley' | 'peak'][],
              },
            ],
            components: [{ name: 'energy', prices: { peak: '0.5680', valley: '0.2880' } }],
            tiers: { per: 'year', edges: [{ above: ['2760', '4800'] }], add: ['0', '0.05', '0.30'] },
          },
        ],
      },
    ],
    accounts: numbers.map((n) => ({
      id: `a${n}`,
      name: `Tenant ${n}`,
      rooms: [`r${n}`],
      wallets: [{ id: `w${n}`, openingBalance: '100000' }],
    })),
  };
}

export class BenchCore {
  readonly core: Core;
  readonly clock: { siteMs: number };
  readonly #index: number[];
  readonly #lines: number;
  private constructor(core: Core, clock: { siteMs: number }, meters: number) {
    this.core = core;
    this.clock = clock;
    this.#index = Array.from({ length: meters }, (_, n) => core.meters.get(`m${n}`)?.state.anchor?.index ?? 0);
    this.#lines = linesOf(meters);
  }

  static async open(store: Store, site: SiteFileInput | null, meters: number): Promise<BenchCore> {
    const bench = await BenchCore.start(store, site, meters);
    await bench.settle();
    return bench;
  }

  /** Up to where the lines open: what the actors have been told is not handled yet. */
  static async start(store: Store, site: SiteFileInput | null, meters: number): Promise<BenchCore> {
    const clock = { siteMs: START_MS };
    const head = await store.open({ siteId: 'bench', init: site !== null, remembered: null });
    const recovered = await recover(store, head);
    if (recovered.lastMs !== null) clock.siteMs = recovered.lastMs;
    const core = new Core({
      networks: [],
      ...{ store, storeKind: 'sqlite', recovered, log: () => {} },
      clock: { site: () => clock.siteMs, mono: () => performance.now(), speed: 1 },
      after: (ms, call) => void setTimeout(ms).then(call),
      onFatal: (error) => {
        throw error;
      },
    });
    if (site) {
      const checked = checkSite(site);
      if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes[0]));
      await importSite(core, checked.site, null);
    }
    resume(core);
    return new BenchCore(core, clock, meters);
  }

  /**
   * One reading of every meter, 15 s of site time after the last; the first anchors, later ones charge 10 Wh. As fast as
   * it goes, or spread over so many ms as lines spread them.
   */
  async sweep(overMs = 0): Promise<void> {
    this.clock.siteMs += 15_000;
    const startMs = performance.now();
    for (let n = 0; n < this.#index.length; n++) {
      const index = (this.#index[n] ?? 0) + 10;
      this.#index[n] = index;
      const reading: ReadingInput = {
        ...{
          atMs: this.clock.siteMs,
          index,
          bands: null,
          reverse: null,
          volts: [230],
          amps: [4],
          watts: 920,
          flow: null,
          powerFactor: 1,
        },
        ...{
          switchState: 'closed',
          forced: true,
          fault: false,
          overLimit: false,
          batteryLow: false,
          clockMs: null,
          number: null,
          monoMs: 0,
        },
      };
      this.core.send({ to: 'meter', id: `m${n}`, message: { type: 'TakeReading', reading } });
      while (performance.now() - startMs < (n / this.#index.length) * overMs) await setTimeout(1);
      // The meters stand on lines of a hundred, and no line gives more than one reading at a time.
      if (n % this.#lines === this.#lines - 1) await nextTurn();
    }
    await this.settle();
  }

  /** Everything handled and durable. */
  async settle(): Promise<void> {
    do {
      await nextTurn();
      await this.core.committer.drained();
    } while (this.core.busy);
  }
}
