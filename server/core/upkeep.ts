/** What is done by the clock: wake-ups, the epoch, the site clock, heartbeats, what DATA_DIR remembers. */
import type { Logger } from 'pino';
import type { SiteClock } from '../runtime/clock.ts';
import type { Remembering } from '../store/remembered.ts';
import { StoreError, type Store } from '../store/store.ts';
import type { Core } from './core.ts';
import type { Lines } from './lines.ts';
import type { GatewayProcess } from './gatewayProcess.ts';

const TICK_MS = 250;
const SECOND_MS = 1_000;
const EPOCH_MS = 2_000;
const REMEMBER_MS = 5_000;

export type UpkeepOptions = {
  readonly core: Core;
  readonly clock: SiteClock;
  readonly store: Store;
  readonly gateway: Pick<GatewayProcess, 'watch'>;
  readonly lines: Pick<Lines, 'watch'>;
  readonly remembering: Remembering;
  readonly log: Logger;
  readonly onFatal: (error: unknown) => void;
};

export class Upkeep {
  readonly #options: UpkeepOptions;
  #timers: NodeJS.Timeout[] = [];
  #jumped = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    const { core, gateway, lines } = this.#options;
    this.#every(TICK_MS, () => core.tick());
    this.#every(SECOND_MS, () => {
      this.#checkClock();
      gateway.watch();
      lines.watch();
    });
    this.#every(EPOCH_MS, () => this.#confirmEpoch());
    this.#every(REMEMBER_MS, () => this.#remember());
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  #every(ms: number, call: () => void): void {
    this.#timers.push(setInterval(call, ms));
  }

  #checkClock(): void {
    const { core, clock } = this.#options;
    const driftMs = clock.check();
    const jumped = driftMs !== 0;
    if (jumped === this.#jumped) return;
    this.#jumped = jumped;
    const subject = { room: null, meter: null, line: null };
    core.send({
      to: 'alarms',
      message: jumped
        ? { type: 'Raise', kind: 'clockJump', subject, detail: { seconds: Math.round(driftMs / 1000) } }
        : { type: 'Clear', kind: 'clockJump', subject },
    });
  }

  #confirmEpoch(): void {
    const { core, store, onFatal } = this.#options;
    // An answer says how it was when it was asked for: this process may have stood still since.
    const askedMono = core.options.clock.mono();
    store.confirmEpoch().then(
      () => core.epochConfirmed(askedMono),
      (error: unknown) => {
        // While the store is away nothing is confirmed, and trips stop by themselves.
        if (!(error instanceof StoreError) || error.kind !== 'away') onFatal(error);
      },
    );
  }

  #remember(): void {
    const { core, remembering, log } = this.#options;
    remembering
      .write(core.committer.head)
      .catch((error: unknown) => log.error({ err: error }, 'DATA_DIR cannot be written'));
  }
}
