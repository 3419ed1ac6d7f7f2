/** Tariffs compiled once, for the wallets. */
import { assert } from '../domain/assert.ts';
import { compileTariff, priceInterval, priceNow, type CompiledTariff } from '../domain/tariff/price.ts';
import type { TierUse } from '../domain/tariff/state.ts';
import type { Priced, PriceRequest } from '../domain/wallet/outcome.ts';
import type { Directory } from './directory.ts';

type Counted = { readonly meter: string; readonly room: string | null; readonly account: string | null };

export class Pricing {
  readonly #directory: Directory;
  readonly #compiled = new Map<string, CompiledTariff>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  readonly price = (request: PriceRequest): Priced => {
    const compiled = this.#tariff(request.tariff);
    const tierKey = tierKeyOf(compiled, request);
    const { consumption, openLines } = request;
    const priced = priceInterval(compiled, consumption, openLines, tierKey === null ? null : request.tierUse(tierKey));
    return {
      lines: priced.lines.map(({ day: _day, ...line }) => line),
      openLines: priced.openLines,
      tierKey,
      tierUse: priced.tierUse,
      totalMicro: priced.totalMicro,
      revenueOf: (component) => `revenue:${compiled.tariff.utility}:${component}`,
    };
  };

  /** It has a new text. */
  forget(tariff: string): void {
    this.#compiled.delete(tariff);
  }

  readonly utilityOf = (tariff: string): 'electricity' | 'water' => this.#tariff(tariff).tariff.utility;

  now(
    tariff: string,
    counted: Counted & { readonly tierUse: (key: string) => TierUse | null },
    atMs: number,
  ): ReturnType<typeof priceNow> {
    const compiled = this.#tariff(tariff);
    const key = tierKeyOf(compiled, counted);
    return priceNow(compiled, atMs, key === null ? null : counted.tierUse(key));
  }

  #tariff(id: string): CompiledTariff {
    let compiled = this.#compiled.get(id);
    if (!compiled) {
      const tariff = this.#directory.get('tariff', id);
      assert(tariff !== undefined, `there is no tariff ${id}`);
      compiled = compileTariff(tariff, this.#directory.time.zone);
      this.#compiled.set(id, compiled);
    }
    return compiled;
  }
}

/** Which counter of the wallet an interval's use belongs to. */
function tierKeyOf({ countedPer, tariff }: CompiledTariff, { meter, room, account }: Counted): string | null {
  if (countedPer === null) return null;
  const who = countedPer === 'meter' ? meter : countedPer === 'room' ? (room ?? meter) : (account ?? 'owner');
  return `${tariff.utility}:${countedPer}:${who}`;
}
