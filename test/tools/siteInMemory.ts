/** A whole core over a memory disk with a stepped clock; readings are given by hand, switching is observed. */
import { importSite, checkSite } from '../../server/core/importSite.ts';
import { Core } from '../../server/core/core.ts';
import { Intake } from '../../server/core/intake.ts';
import { recover } from '../../server/core/recover.ts';
import { resume } from '../../server/core/resume.ts';
import type { ReadingInput } from '../../server/domain/messages.ts';
import type { Role, SiteFileInput } from '../../protocol/site.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import type { Bounds } from '../../server/runtime/snapshots.ts';
import type { Store } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from './memoryStore.ts';

export const START_MS = Date.parse('2026-06-01T12:00:00+08:00');

export class Stepped {
  siteMs = START_MS;
  monoMs = 0;
  readonly speed = 1;
  readonly #timers: { atMono: number; call: () => void }[] = [];
  site(): number {
    return this.siteMs;
  }
  mono(): number {
    return this.monoMs;
  }
  readonly after = (ms: number, call: () => void): void => {
    this.#timers.push({ atMono: this.monoMs + ms, call });
  };
  step(ms: number): void {
    this.siteMs += ms;
    this.monoMs += ms;
    const due = this.#timers.filter((timer) => timer.atMono <= this.monoMs);
    for (const timer of due) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      timer.call();
    }
  }
}

export type Running = {
  readonly core: Core;
  readonly intake: Intake;
  readonly clock: Stepped;
  readonly differs: string[];
  /** Lines told that their settings or meters are others now. */
  readonly changed: string[];
  readonly fatal: unknown[];
  /** All messages handled, all commits durable. */
  settle(): Promise<void>;
  read(meter: string, index: number, more?: Partial<ReadingInput>): Promise<void>;
  do(op: OpName, params: unknown, key: string, role?: Role): Promise<OpOutcome>;
  /** Lets site time pass, with wake-ups each minute. */
  pass(ms: number): Promise<void>;
};

export function flatTariff(
  utility: 'electricity' | 'water' = 'electricity',
  price = '1.0000',
): SiteFileInput['tariffs'][number] {
  return {
    id: `t-${utility}`,
    name: utility,
    utility,
    versions: [{ from: '2026-01-01T00:00', components: [{ name: 'energy', price }] }],
  };
}

/** Rooms r1…rn, each with a meter m1… and a wallet w1…. */
export function plainSite(rooms: number, balance = '100', rules: SiteFileInput['site']['rules'] = {}): SiteFileInput {
  const numbers = Array.from({ length: rooms }, (_, i) => i + 1);
  return {
    format: 'wattroom-site/1',
    site: { id: 'test', name: 'Test', rules: { quietHours: [], ...rules } },
    buildings: [
      {
        id: 'A',
        name: 'A',
        floors: [{ id: 'A1', name: '1', rooms: numbers.map((n) => ({ id: `r${n}`, name: `Room ${n}` })) }],
      },
    ],
    lines: [{ id: 'l1', name: 'Line 1', transport: { kind: 'tcp', host: '127.0.0.1', port: 5020 } }],
    meters: numbers.map((n) => ({
      id: `m${n}`,
      line: 'l1',
      unitId: ((n - 1) % 247) + 1,
      profile: 'acrel-ddsy1352' as const,
      utility: 'electricity' as const,
      room: `r${n}`,
      tariff: 't-electricity',
    })),
    tariffs: [flatTariff()],
    accounts: numbers.map((n) => ({
      id: `a${n}`,
      name: `Tenant ${n}`,
      rooms: [`r${n}`],
      wallets: [{ id: `w${n}`, openingBalance: balance }],
    })),
  };
}

export async function startCore(
  disk: MemoryDisk,
  site: SiteFileInput | null,
  clock = new Stepped(),
  store: Store = new MemoryStore(disk),
  bounds?: Bounds,
  /** Before anything outstanding is resumed. */
  prepare: (core: Core) => void = () => undefined,
): Promise<Running> {
  const head = await store.open({ siteId: 'test', init: site !== null, remembered: null });
  const recovered = await recover(store, head, bounds);
  const fatal: unknown[] = [];
  const differs: string[] = [];
  const changed: string[] = [];
  const core = new Core({
    networks: ['127.0.0.0/8'],
    store,
    storeKind: 'sqlite',
    recovered,
    clock,
    after: clock.after,
    log: () => {},
    onFatal: (error) => fatal.push(error),
  });
  prepare(core);
  if (site) {
    const checked = checkSite(site);
    if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
    await importSite(core, checked.site, null);
  }
  resume(core);
  core.lines ??= {
    differs: (meter) => differs.push(meter),
    readNow: () => {},
    run: () => {},
    changed: (line) => changed.push(line),
  };
  const intake = new Intake(core, { lines: () => [], extras: () => ({ gatewayRestarts: 0, wallClients: 0 }) });
  const settle = async (): Promise<void> => {
    do {
      await new Promise((resolve) => setImmediate(resolve));
      if (disk.failing === null && fatal.length === 0) await core.committer.drained();
    } while (core.busy);
  };
  await settle();
  return {
    ...{ core, intake, clock, differs, changed, fatal, settle },
    read: async (meter, index, more = {}) => {
      core.epochConfirmed();
      const reading: ReadingInput = {
        ...{
          atMs: clock.site(),
          index,
          bands: null,
          reverse: null,
          volts: [230],
          amps: [1],
          watts: 230,
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
          monoMs: clock.mono(),
        },
        ...more,
      };
      core.send({ to: 'meter', id: meter, message: { type: 'TakeReading', reading } });
      await settle();
    },
    do: async (op, params, key, role = 'operator') => {
      const outcome = intake.do({ operator: `the-${role}`, role, provedAgoMs: 0 }, op, params, key);
      await settle();
      return outcome;
    },
    pass: async (ms) => {
      for (let left = ms; left > 0; left -= 60_000) {
        clock.step(Math.min(left, 60_000));
        core.epochConfirmed();
        core.tick();
        await settle();
      }
    },
  };
}
