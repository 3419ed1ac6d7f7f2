/** A core without wires in a process of its own, stepped by the torture over IPC, on a real store. */
import { z } from 'zod';
import { checkSite, importSite } from '../../server/core/importSite.ts';
import { Core } from '../../server/core/core.ts';
import { Intake } from '../../server/core/intake.ts';
import { recover } from '../../server/core/recover.ts';
import { resume } from '../../server/core/resume.ts';
import { BOUNDS } from '../../server/runtime/snapshots.ts';
import type { ReadingInput } from '../../server/domain/messages.ts';
import { openStore } from '../../server/store/openStore.ts';
import type { OpOutcome } from '../../protocol/ops.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import { KillStore, type KillPoint } from './killStore.ts';
import { START_MS, STEP_MS } from './world.ts';

export type ToChild =
  | { readonly type: 'step'; readonly step: number; readonly indexes: readonly number[] }
  | { readonly type: 'do'; readonly op: 'recharge' | 'refund'; readonly params: unknown; readonly key: string }
  | { readonly type: 'report' }
  | { readonly type: 'end' };
export type Report = {
  readonly balances: readonly number[];
  readonly ledger: readonly number[];
  readonly imbalanceMicro: number;
  readonly sumMicro: number;
  readonly anchors: readonly (number | null)[];
  readonly parked: readonly string[];
  readonly head: number;
};
export type FromChild =
  | { readonly type: 'ready'; readonly head: number }
  | { readonly type: 'stepped'; readonly step: number }
  | { readonly type: 'done'; readonly outcome: OpOutcome }
  | { readonly type: 'report'; readonly report: Report };

const {
  TORTURE_DIR: dataDir = '',
  TORTURE_REDIS: redisUrl,
  TORTURE_KILL: kill = 'never',
  TORTURE_COUNT: count = '1',
  TORTURE_INIT: init,
  TORTURE_METERS: meterCount = '0',
  TORTURE_BOUNDS: bounds = JSON.stringify(BOUNDS),
} = process.env;
const boundsSchema = z.strictObject({ trimEvery: z.int(), tailEvents: z.int() });
const meters = Array.from({ length: Number(meterCount) }, (_, i) => i + 1);

function site(): SiteFileInput {
  return {
    format: 'wattroom-site/1',
    site: { id: 'torture', name: 'Torture', rules: { quietHours: [], warnBeforeCutMs: 0 } },
    buildings: [
      {
        id: 'A',
        name: 'A',
        floors: [{ id: 'A1', name: '1', rooms: meters.map((m) => ({ id: `r${m}`, name: `${m}` })) }],
      },
    ],
    lines: [{ id: 'l', name: 'l', transport: { kind: 'tcp', host: '127.0.0.1', port: 502 } }],
    meters: meters.map((m) => ({
      id: `m${m}`,
      line: 'l',
      unitId: m,
      profile: 'acrel-ddsy1352',
      utility: 'electricity',
      room: `r${m}`,
      tariff: 't',
    })),
    tariffs: [
      {
        id: 't',
        name: 't',
        utility: 'electricity',
        versions: [
          {
            from: '2026-01-01T00:00',
            components: [
              { name: 'energy', price: '0.456789' },
              { name: 'fund', price: '0.123457' },
            ],
          },
        ],
      },
    ],
    accounts: meters.map((m) => ({
      id: `a${m}`,
      name: `${m}`,
      rooms: [`r${m}`],
      wallets: [{ id: `w${m}`, openingBalance: '500' }],
    })),
  };
}

async function main(): Promise<void> {
  const store = new KillStore(openStore({ redisUrl: redisUrl ?? null, dataDir }), kill as KillPoint, Number(count));
  const head = await store.open({ siteId: 'torture', init: init === '1', remembered: null });
  const recovered = await recover(store, head, boundsSchema.parse(JSON.parse(bounds)));
  const clock = { siteMs: recovered.lastMs ?? START_MS };
  const core = new Core({
    networks: [],
    ...{ store, storeKind: redisUrl === undefined ? 'sqlite' : 'redis', recovered },
    clock: { site: () => clock.siteMs, mono: () => performance.now(), speed: 1 },
    after: (ms, call) => void setTimeout(call, ms),
    log: (level, message, detail) =>
      level === 'error' && process.stderr.write(`${message} ${JSON.stringify(detail)}\n`),
    onFatal: (error) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(70);
    },
  });
  if (init === '1') {
    const checked = checkSite(site());
    if (!checked.ok) throw new Error(JSON.stringify(checked.mistakes));
    await importSite(core, checked.site, null);
  }
  resume(core);
  const intake = new Intake(core, { lines: () => [], extras: () => ({ gatewayRestarts: 0, wallClients: 0 }) });
  const settle = async (): Promise<void> => {
    do {
      await new Promise((resolve) => setImmediate(resolve));
      await core.committer.drained();
    } while (core.busy);
  };
  const say = (message: FromChild): void => void process.send?.(message);
  await settle();

  process.on('message', (message: ToChild) => void handle(message));
  process.on('disconnect', () => process.exit(0));
  async function handle(message: ToChild): Promise<void> {
    if (message.type === 'step') {
      clock.siteMs = Math.max(clock.siteMs, START_MS + message.step * STEP_MS);
      core.epochConfirmed();
      for (const [i, index] of message.indexes.entries())
        core.send({
          to: 'meter',
          id: `m${i + 1}`,
          message: { type: 'TakeReading', reading: reading(index, clock.siteMs) },
        });
      await settle();
      say({ type: 'stepped', step: message.step });
    } else if (message.type === 'do') {
      say({
        type: 'done',
        outcome: await intake.do(
          { operator: 'cashier', role: 'operator', provedAgoMs: 0 },
          message.op,
          message.params,
          message.key,
        ),
      });
    } else if (message.type === 'report') {
      await settle();
      say({ type: 'report', report: reportOf(core) });
    } else process.exit(0);
  }
  say({ type: 'ready', head: core.committer.head.number });
}

function reading(index: number, atMs: number): ReadingInput {
  return {
    ...{ atMs, index, bands: null, reverse: null, volts: [230], amps: [1], watts: 230, flow: null, powerFactor: 1 },
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
}

function reportOf(core: Core): Report {
  return {
    balances: meters.map((m) => core.wallets.get(`w${m}`)?.state.balanceMicro ?? NaN),
    ledger: meters.map((m) => core.ledger.ledger.balance(`wallet:w${m}`)),
    imbalanceMicro: core.ledger.imbalanceMicro,
    sumMicro: [...core.ledger.ledger.balances.values()].reduce((sum, micro) => sum + micro, 0),
    anchors: meters.map((m) => core.meters.get(`m${m}`)?.state.anchor?.index ?? null),
    parked: core.actors.parked,
    head: core.committer.head.number,
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(71);
});
