/** Kills a core again and again and checks after each start what is true outside of it. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bounds } from '../../server/runtime/snapshots.ts';
import type { FromChild, Report, ToChild } from './child.ts';
import type { KillPoint } from './killStore.ts';
import { balanceMicro, randomOf, registers, STEPS_MAX, type Booked } from './world.ts';

const METERS = 6;
/** Snapshots and trims come often, so that kills fall among them. */
const OFTEN: Bounds = { trimEvery: 40, tailEvents: 60 };
const POINTS: readonly KillPoint[] = ['beforeSend', 'sent', 'durableNotReleased', 'inSnapshot', 'inRecovery'];

export type Place = {
  readonly redisUrl: string | null;
  /** Something else that is killed and started again now and then, such as Redis itself. */
  readonly alsoKill?: () => Promise<void>;
};
export type TortureResult = {
  readonly kills: number;
  readonly alsoKilled: number;
  readonly steps: number;
  readonly orders: number;
  readonly byPoint: Readonly<Record<string, number>>;
};

class Killed extends Error {}

/** One life of the core; every call rejects with Killed once it is gone. */
class Life {
  readonly #child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #take: ((message: FromChild) => void) | null = null;
  #queue: FromChild[] = [];
  errors = '';

  constructor(env: Record<string, string>) {
    this.#child = fork(new URL('./child.ts', import.meta.url), [], {
      env: { ...process.env, ...env },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (text: Buffer) => (this.errors += text.toString()));
    this.#child.on('message', (message: FromChild) => {
      if (this.#take) this.#take(message);
      else this.#queue.push(message);
    });
    this.ended = new Promise((resolve) => this.#child.once('close', (code, signal) => resolve({ code, signal })));
  }

  async next(): Promise<FromChild> {
    const waiting = this.#queue.shift();
    if (waiting) return waiting;
    const message = new Promise<FromChild>((resolve) => {
      this.#take = (one) => {
        this.#take = null;
        resolve(one);
      };
    });
    const result = await Promise.race([message, this.ended.then((end) => end)]);
    if ('type' in result) return result;
    if (result.signal === 'SIGKILL') throw new Killed();
    throw new Error(`the core ended by itself with ${result.code}: ${this.errors}`);
  }

  async ask(message: ToChild): Promise<FromChild> {
    if (this.#child.connected) this.#child.send(message, () => {});
    return this.next();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

export async function torture(options: {
  readonly kills: number;
  readonly seed: number;
  readonly place: Place;
}): Promise<TortureResult> {
  const { seed, place } = options;
  const dir = mkdtempSync(join(tmpdir(), 'wattroom-torture-'));
  const random = randomOf(seed);
  const truth = Array.from({ length: METERS }, (_, i) => registers(seed, i + 1, STEPS_MAX));
  const booked: Booked[] = [];
  const byPoint: Record<string, number> = {};
  let unsure: Booked | null = null;
  let step = 0;
  let kills = 0;
  let alsoKilled = 0;
  const at = (meter: number, n: number): number => truth[meter]?.[n] ?? NaN;

  const check = (report: Report, settled: boolean): void => {
    const where = `seed ${seed}, kill ${kills}, step ${step}`;
    if (report.imbalanceMicro !== 0 || report.sumMicro !== 0)
      throw new Error(`${where}: the folds differ or do not sum to 0: ${JSON.stringify(report)}`);
    if (report.parked.length > 0) throw new Error(`${where}: parked ${report.parked.join(', ')}`);
    for (let meter = 0; meter < METERS; meter++) {
      const anchor = report.anchors[meter];
      // A kill in the middle of a step, or money on hold, leaves a meter behind; where it stands says what was charged.
      const behind = truth[meter]?.slice(settled ? step : 0, step + 1) ?? [];
      const allowed = behind.filter((index, i) => index === anchor && behind.indexOf(index) === i);
      const holds = BigInt(report.balances[meter] ?? NaN);
      const orders = [booked, ...(unsure ? [[...booked, unsure]] : [])];
      const fits =
        anchor == null
          ? orders.some((one) => holds === balanceMicro(one, meter + 1, 0))
          : allowed.some((index) => orders.some((one) => holds === balanceMicro(one, meter + 1, index - at(meter, 0))));
      if (!fits)
        throw new Error(
          `${where}: wallet ${meter + 1} holds ${holds} with its meter at ${anchor}; expected one of ${allowed.map((index) => balanceMicro(booked, meter + 1, index - at(meter, 0))).join(', ')}`,
        );
    }
  };

  const environment = (init: boolean): Record<string, string> => {
    const point = init || kills >= options.kills ? 'never' : (POINTS[Math.floor(random() * POINTS.length)] ?? 'never');
    const count =
      point === 'inRecovery'
        ? 1 + Math.floor(random() * 20)
        : point === 'inSnapshot'
          ? 1 + Math.floor(random() * 3)
          : 1 + Math.floor(random() * 12);
    current = point;
    return {
      ...{
        TORTURE_DIR: dir,
        TORTURE_KILL: point,
        TORTURE_COUNT: String(count),
        TORTURE_METERS: String(METERS),
        TORTURE_BOUNDS: JSON.stringify(OFTEN),
      },
      ...(init ? { TORTURE_INIT: '1' } : {}),
      ...(place.redisUrl === null ? {} : { TORTURE_REDIS: place.redisUrl }),
    };
  };
  let current: string = 'never';

  /** Asks under the same id until it is answered: refused while the store is away means not done. */
  const send = async (life: Life, order: Booked): Promise<void> => {
    unsure = order;
    const params = { wallet: `w${order.wallet}`, amount: order.yuan.toString(), channel: 'cash', note: 'torture' };
    for (;;) {
      const message = await life.ask({ type: 'do', op: order.kind, params, key: order.key });
      if (message.type !== 'done') throw new Error(`no answer to ${order.key}`);
      if (message.outcome.ok) break;
      if (message.outcome.refusal !== 'storeAway')
        throw new Error(`the order ${order.key} was refused: ${JSON.stringify(message)}`);
    }
    booked.push(order);
    unsure = null;
  };

  const live = async (life: Life): Promise<void> => {
    await life.next();
    const first = await life.ask({ type: 'report' });
    if (first.type !== 'report') throw new Error('no report');
    check(first.report, false);
    if (unsure) await send(life, unsure);
    while (kills < options.kills && step < STEPS_MAX) {
      step += 1;
      await life.ask({ type: 'step', step, indexes: truth.map((values) => values[step] ?? 0) });
      if (random() < 0.4)
        await send(life, {
          key: `k${step}`,
          wallet: 1 + Math.floor(random() * METERS),
          yuan: BigInt(1 + Math.floor(random() * 50)),
          kind: random() < 0.8 ? 'recharge' : 'refund',
        });
      if (place.alsoKill && random() < 0.06) {
        alsoKilled += 1;
        await place.alsoKill();
      }
      if (random() < 0.01) life.kill();
    }
    // Settled: every meter at its register, everything booked.
    for (let tries = 1; ; tries++) {
      await life.ask({ type: 'step', step, indexes: truth.map((values) => values[step] ?? 0) });
      const last = await life.ask({ type: 'report' });
      if (last.type !== 'report') throw new Error('no report');
      const onHold = last.report.anchors.some((anchor, meter) => anchor !== at(meter, step));
      if (onHold && tries < 1_000) continue;
      check(last.report, true);
      return;
    }
  };

  try {
    const born = new Life(environment(true));
    await born.next();
    await born.ask({ type: 'step', step: 0, indexes: truth.map((values) => values[0] ?? 0) });
    born.kill();
    await born.ended;
    for (;;) {
      const life = new Life(environment(false));
      try {
        await live(life);
        life.kill();
        await life.ended;
        break;
      } catch (error) {
        if (!(error instanceof Killed)) {
          life.kill();
          throw error;
        }
        kills += 1;
        byPoint[current] = (byPoint[current] ?? 0) + 1;
      }
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return { kills, alsoKilled, steps: step, orders: booked.length, byPoint };
}
