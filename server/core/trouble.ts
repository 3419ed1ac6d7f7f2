/** What the core says of itself: a parked actor, a store that does not keep, a ledger that is not 0. */
import type { AlarmKind } from '../../protocol/wall.ts';
import type { StoreError } from '../store/store.ts';
import type { Core } from './core.ts';

const site = { room: null, meter: null, line: null };

export class Trouble {
  readonly #core: Core;
  #storeSince: number | null = null;

  constructor(core: Core) {
    this.#core = core;
  }

  parked(key: string, error: unknown): void {
    this.#core.options.log('error', `actor ${key} is parked`, {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.#core.onParked(key);
    if (key === 'alarms:site') return; // named by /healthz alone
    this.#raise('actorParked', { actor: key }, this.#core.actors.parked.length);
  }

  ledger(micro: number): void {
    this.#raise('ledgerNotZero', { micro });
  }

  /** null: it keeps again. */
  store(trouble: StoreError | null): void {
    const { clock, log } = this.#core.options;
    this.#core.audit.trouble(trouble !== null);
    if (trouble) {
      if (this.#storeSince === null)
        log('warn', `the store does not keep, money is on hold: ${trouble.message}`, { kind: trouble.kind });
      this.#storeSince ??= clock.mono();
      return;
    }
    const seconds = Math.round((clock.mono() - (this.#storeSince ?? 0)) / 1000);
    this.#storeSince = null;
    // While it lasted it could not be written down: the status said it.
    this.#raise('storeAway', { seconds });
    log('info', 'the store keeps again');
    this.#core.send({ to: 'alarms', message: { type: 'Clear', kind: 'storeAway', subject: site } });
  }

  #raise(kind: AlarmKind, detail: Record<string, string | number>, carries?: number): void {
    const message = { type: 'Raise', kind, subject: site, detail } as const;
    this.#core.send({ to: 'alarms', message: carries === undefined ? message : { ...message, carries } });
  }
}
