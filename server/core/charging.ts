/**
 * What wallets have to do at meters that keep their money: one exclusive task per wallet, from what is durable alone. The
 * wallet decides (domain/charging); here a task is built, run and told.
 */
import type { ProfileName } from '../../protocol/site.ts';
import type { CurrentOrder, Charging as ChargingState, Standing } from '../domain/charging/state.ts';
import { CHARGING_WAKE, mustSetUp } from '../domain/charging/decide.ts';
import { planWrite } from '../domain/charging/write.ts';
import { purchaseProgram, setUpProgram } from '../lines/money.ts';
import { createProfiles } from '../lines/profiles/index.ts';
import type { MoneySpec } from '../lines/profiles/profile.ts';
import type { FieldTask, TaskOutcome } from '../lines/tasks.ts';
import type { Core } from './core.ts';
import { MeterChecks } from './meterChecks.ts';

/** The lines are not up yet, or the meter is described anew just now. */
const NOT_YET_MS = 2_000;

export class Charging {
  readonly checks: MeterChecks;
  readonly #core: Core;
  /** Wallets with a task under way. */
  readonly #under = new Set<string>();
  /** Why a wallet's last task came to nothing; forgotten at a start. */
  readonly #troubles = new Map<string, string>();
  #tasks = 0;
  #profiles: ReturnType<typeof createProfiles> | null = null;

  constructor(core: Core) {
    this.#core = core;
    this.checks = new MeterChecks(core);
  }

  trouble(wallet: string): string | null {
    return this.#troubles.get(wallet) ?? null;
  }

  /** How a model's money is written; null: not at all. */
  specFor(profile: ProfileName): MoneySpec | null {
    this.#profiles ??= createProfiles(this.#core.directory.site.profileOptions);
    return this.#profiles[profile].money;
  }

  /** After the commit that asked for it; what other commits hold meanwhile is looked up when its turn comes. */
  run(wallet: string): void {
    setImmediate(() => this.#begin(wallet));
  }

  #begin(wallet: string): void {
    const { lines, wallets, meters } = this.#core;
    const cell = wallets.get(wallet);
    const charging = cell?.durableCharging;
    if (!cell || !charging || charging.held || this.#under.has(wallet)) return;
    const { config, place } = meters.get(charging.meter)?.state ?? {};
    const spec = config ? this.specFor(config.profile) : null;
    if (!lines || !config || !spec || place?.wallet !== wallet) return this.#later(wallet);
    const order = charging.current;
    if (!mustSetUp(charging) && order === null) return;
    this.#under.add(wallet);
    if (order === null) this.#setUp(wallet, charging, config.line, spec);
    else this.#purchase(wallet, charging, order, config.line, spec);
  }

  #later(wallet: string): void {
    const { timers } = this.#core;
    timers.set(`wallet:${wallet}`, CHARGING_WAKE, this.#core.context().nowMs + NOT_YET_MS);
  }

  #task<Result>(
    wallet: string,
    meterId: string,
    next: FieldTask<Result>['next'],
    mayWrite: FieldTask['mayWrite'],
  ): FieldTask<Result> {
    this.#tasks += 1;
    return { id: `charging:${wallet}:${this.#tasks}`, target: { meterId }, priority: 'credit', mayWrite, next };
  }

  #setUp(wallet: string, charging: ChargingState, line: string, spec: MoneySpec): void {
    const { clock } = this.#core.options;
    const next = setUpProgram(spec, charging.settings, () => clock.site());
    const hung = this.#hung(charging.meter);
    const mayWrite = (): boolean => {
      const now = this.#still(wallet);
      return now !== null && mustSetUp(now);
    };
    this.#core.lines?.run(line, this.#task(wallet, charging.meter, next, mayWrite), (outcome) => {
      this.#ended(wallet, outcome);
      // Another one hangs there by now: what stood in the old one says nothing of it.
      const same = this.#hung(charging.meter) === hung;
      const found = same && outcome.kind === 'done' && outcome.result.ok ? outcome.result.found : null;
      if (outcome.kind === 'done' && !outcome.result.ok) this.#troubles.set(wallet, 'notKept');
      this.#core.send({ to: 'wallet', id: wallet, message: { type: 'MeterSetUp', found } });
    });
  }

  #purchase(wallet: string, charging: ChargingState, order: CurrentOrder, line: string, spec: MoneySpec): void {
    const { clock } = this.#core.options;
    let before: Standing | null = null;
    const program = purchaseProgram(
      spec,
      (fresh) => planWrite(order, fresh),
      () => clock.site(),
      (standing) => (before = standing),
    );
    const mayWrite = (): boolean => {
      const now = this.#still(wallet);
      return now?.current?.id === order.id && now.current.count === order.count;
    };
    this.#core.lines?.run(line, this.#task(wallet, charging.meter, program, mayWrite), (outcome) => {
      this.#ended(wallet, outcome);
      const { stopped, ...seen } = outcome.kind === 'done' ? outcome.result : { before, after: null, stopped: null };
      const message = { type: 'MeterTaskEnded', order: order.id, seen, stopped } as const;
      this.#core.send({ to: 'wallet', id: wallet, message });
    });
  }

  /** As it is now, while nothing stands against a write. */
  #still(wallet: string): ChargingState | null {
    const charging = this.#core.wallets.get(wallet)?.state.charging;
    if (!charging || charging.held) return null;
    return this.#core.meters.get(charging.meter)?.state.place.wallet === wallet ? charging : null;
  }

  /** Which meter it is: its number, or how it is reached. */
  #hung(meter: string): string {
    const { profile, number, unitId } = this.#core.meters.get(meter)?.state.config ?? {};
    return JSON.stringify([profile, number, unitId]);
  }

  #ended(wallet: string, outcome: TaskOutcome<unknown>): void {
    this.#under.delete(wallet);
    if (outcome.kind === 'failed') this.#troubles.set(wallet, outcome.reason);
    else this.#troubles.delete(wallet);
  }
}
