/** Tariffs compiled once, for the wallets. */
import { assert } from '../domain/assert.ts';
import { compileTariff, priceInterval, priceNow, type CompiledTariff } from '../domain/tariff/price.ts';
import type { CountedPer, Counting } from '../domain/tariff/state.ts';
import type { Priced, PriceRequest } from '../domain/wallet/outcome.ts';
import type { Directory } from './directory.ts';

type Counted = {
  readonly meter: string;
  readonly room: string | null;
  readonly account: string | null;
  readonly used: (key: string, period: string) => number | null;
  readonly uncounted?: ReadonlyMap<string, number> | undefined;
};

type Accounts = {
  /** When a tenant moved in; null: before Wattroom. */
  readonly openedMs: (account: string) => number | null;
  /** What the holders before have counted in a counter. */
  readonly usedBefore: (key: string, period: string) => number;
};

export class Pricing {
  readonly #directory: Directory;
  readonly #accounts: Accounts;
  readonly #compiled = new Map<string, CompiledTariff>();

  constructor(directory: Directory, accounts: Accounts) {
    this.#directory = directory;
    this.#accounts = accounts;
  }

  readonly price = (request: PriceRequest): Priced => {
    const compiled = this.#tariff(request.tariff);
    const { consumption, openLines } = request;
    const priced = priceInterval(compiled, consumption, openLines, this.#counting(compiled, request));
    return {
      lines: priced.lines.map(({ day: _day, tierPeriod: _period, ...line }) => line),
      marks: priced.lines.map(({ day, tierPeriod }) => ({ day, tierPeriod })),
      openLines: priced.openLines,
      tierUses: priced.tierUses.map(({ countedPer, ...use }) => ({
        ...{ key: tierKeyOf(compiled, countedPer, request), ...use },
      })),
      totalMicro: priced.totalMicro,
      revenueOf: (component) => `revenue:${compiled.tariff.utility}:${component}`,
    };
  };

  /** It has a new text. */
  forget(tariff: string): void {
    this.#compiled.delete(tariff);
  }

  readonly utilityOf = (tariff: string): 'electricity' | 'water' => this.#tariff(tariff).tariff.utility;

  now(tariff: string, counted: Counted, atMs: number): ReturnType<typeof priceNow> {
    const compiled = this.#tariff(tariff);
    return priceNow(compiled, atMs, this.#counting(compiled, counted));
  }

  #counting(compiled: CompiledTariff, counted: Counted): Counting {
    const { account, room } = counted;
    const openedMs = account === null ? null : this.#accounts.openedMs(account);
    return {
      used: ({ name, tiers }) => {
        const key = tierKeyOf(compiled, tiers.countedPer, counted);
        const used =
          counted.used(key, name) ?? (tiers.newTenant === 'takesOver' ? this.#accounts.usedBefore(key, name) : 0);
        // As if what does not count had come first, below what counts.
        return used - (counted.uncounted?.get(name) ?? 0);
      },
      heads: (countedPer) => {
        const own =
          countedPer === 'account' && account !== null ? this.#directory.get('account', account)?.rooms : null;
        const rooms = own ?? (room === null ? [] : [room]);
        return rooms.reduce((sum, id) => sum + (this.#directory.rooms.get(id)?.heads ?? 0), 0);
      },
      openedDay: openedMs === null ? null : this.#directory.time.day(openedMs),
    };
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
function tierKeyOf({ tariff }: CompiledTariff, countedPer: CountedPer, { meter, room, account }: Counted): string {
  const who = countedPer === 'meter' ? meter : countedPer === 'room' ? (room ?? meter) : (account ?? 'owner');
  return `${tariff.utility}:${countedPer}:${who}`;
}
