/** The least a pulse can cost on nact: meter → wallet → room, one message each, handlers that only count. */
import { dispatch, spawn, start, stop, type Ref } from 'nact';
import { linesOf, nextTurn } from './pulseSite.ts';

export class BareHops {
  readonly #system = start();
  readonly #meters: Ref<number>[] = [];
  #arrived = 0;
  #whenAll: { readonly count: number; readonly resolve: () => void } | null = null;

  constructor(meters: number) {
    const parentOf = (name: string) => spawn(this.#system, () => undefined, name);
    const [meterParent, walletParent, roomParent] = [parentOf('meter'), parentOf('wallet'), parentOf('room')];
    const counter = <N extends string>(parent: ReturnType<typeof parentOf>, name: N, next: (message: number) => void) =>
      spawn(
        parent,
        (count: number, message: number) => {
          next(message);
          return count + 1;
        },
        name,
        { initialState: 0 },
      ) as Ref<number>;
    for (let n = 0; n < meters; n++) {
      const room = counter(roomParent, `r${n}`, () => this.#arrive());
      const wallet = counter(walletParent, `w${n}`, (message) => dispatch(room, message));
      this.#meters.push(counter(meterParent, `m${n}`, (message) => dispatch(wallet, message)));
    }
  }

  /** One message for every meter, as many a turn as there are lines; resolves when all have reached their rooms. */
  async sweep(): Promise<void> {
    const lines = linesOf(this.#meters.length);
    this.#arrived = 0;
    const all = new Promise<void>((resolve) => (this.#whenAll = { count: this.#meters.length, resolve }));
    for (const [n, meter] of this.#meters.entries()) {
      dispatch(meter, 10);
      if (n % lines === lines - 1) await nextTurn();
    }
    await all;
  }

  stop(): void {
    stop(this.#system);
  }

  #arrive(): void {
    this.#arrived += 1;
    if (this.#arrived === this.#whenAll?.count) this.#whenAll.resolve();
  }
}
