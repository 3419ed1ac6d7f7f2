/** A core on a SQLite file with its intake, for benches of the office: what a person asks for, answered when it is durable. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { OpName, OpParams, OpResult } from '../protocol/ops.ts';
import type { SiteFileInput } from '../protocol/site.ts';
import type { RecordChange } from '../server/domain/messages.ts';
import { Intake } from '../server/core/intake.ts';
import { SqliteStore } from '../server/store/sqlite.ts';
import type { Store } from '../server/store/store.ts';
import { BenchCore } from './pulseSite.ts';

export class Office {
  readonly bench: BenchCore;
  readonly #intake: Intake;
  readonly #store: Store;
  readonly #folder: string;
  #asked = 0;

  private constructor(bench: BenchCore, store: Store, folder: string) {
    this.bench = bench;
    this.#store = store;
    this.#folder = folder;
    this.#intake = new Intake(bench.core, { lines: () => [], extras: () => ({ gatewayRestarts: 0, wallClients: 0 }) });
  }

  /** `wrap`: in front of the file. */
  static async open(site: SiteFileInput, meters: number, wrap = (store: Store): Store => store): Promise<Office> {
    const folder = await mkdtemp(join(tmpdir(), 'wattroom-bench-'));
    const store = wrap(new SqliteStore({ file: join(folder, 'bench.db') }));
    return new Office(await BenchCore.open(store, site, meters), store, folder);
  }

  async ask<N extends OpName>(op: N, params: Partial<OpParams<N>>): Promise<OpResult<N>> {
    this.#asked += 1;
    const who = { operator: 'bench', role: 'administrator', provedAgoMs: 0 } as const;
    const outcome = await this.#intake.do(who, op, params, `k${this.#asked}`);
    if (!outcome.ok) throw new Error(`${op}: ${outcome.refusal}: ${outcome.detail}`);
    return outcome.result as OpResult<N>;
  }

  /** Records as they would have come about; resolves when they are durable. */
  async keep(records: readonly RecordChange[]): Promise<void> {
    this.bench.core.committer.append([], records);
    await this.bench.core.committer.drained();
  }

  async end(): Promise<void> {
    await this.#store.close();
    await rm(this.#folder, { recursive: true });
  }
}

/** The longest that anything else had to wait for its turn while `work` went on, ms. */
export async function longestBlockMs(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6;
}
