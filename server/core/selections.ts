/**
 * Who has a breaker in hand: one person at a time, for a short time of real clock, shown to everyone else. Kept in memory
 * alone: after a restart whoever is at it takes it again.
 */
import type { Core } from './core.ts';

/** A dialog renews it every few seconds; one that was closed hard lets go after this. */
export const LEASE_MS = 20_000;

export class Selections {
  readonly #core: Core;
  readonly #held = new Map<string, { readonly by: string; readonly untilMono: number }>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Who else has it in hand; null: nobody. */
  other(meter: string, operator: string): string | null {
    const held = this.#held.get(meter);
    return held && held.by !== operator && held.untilMono > this.#core.options.clock.mono() ? held.by : null;
  }

  /** Takes or renews it; who has it then. */
  select(meter: string, operator: string): string {
    const other = this.other(meter, operator);
    if (other !== null) return other;
    const before = this.#held.get(meter)?.by;
    this.#held.set(meter, { by: operator, untilMono: this.#core.options.clock.mono() + LEASE_MS });
    if (before !== operator) this.#show(meter, operator);
    return operator;
  }

  release(meter: string, operator: string): void {
    if (this.#held.get(meter)?.by === operator) this.#drop(meter);
  }

  /** Every quarter second. */
  tick(): void {
    const mono = this.#core.options.clock.mono();
    for (const [meter, { untilMono }] of this.#held) if (untilMono <= mono) this.#drop(meter);
  }

  #drop(meter: string): void {
    this.#held.delete(meter);
    this.#show(meter, null);
  }

  #show(meter: string, by: string | null): void {
    const room = this.#core.meters.get(meter)?.state.place.room;
    if (room != null) this.#core.send({ to: 'room', id: room, message: { type: 'SelectionShown', meter, by } });
  }
}
