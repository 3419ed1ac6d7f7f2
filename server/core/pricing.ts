/** Tariffs compiled once, for the wallets. */
import type { TariffVersion } from '../../protocol/tariff.ts';
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

  /** As it is written, at an instant. */
  versionAt(tariff: string, atMs: number): TariffVersion {
    const { versions } = this.#tariff(tariff).tariff;
    const local = new Date(this.#directory.time.localMs(atMs)).toISOString().slice(0, 16);
    const version = versions.findLast(({ from }) => from <= local) ?? versions[0];
    assert(version !== undefined, 'a tariff has a version');
    return version;
  }

  readonly utilityOf = (tariff: string): 'electricity' | 'water' => this.#tariff(tariff).tariff.utility;

  /** The counter that use at an instant counts in; null: the tariff has no tiers then. */
  counter(tariff: string, counted: Omit<Counted, 'used'>, atMs: number): { key: string; period: string } | null {
    const compiled = this.#tariff(tariff);
    if (atMs < this.fromMs(tariff)) return null;
    const [segment] = compiled.calendar.between(atMs, atMs);
    const period = segment?.stretch.period;
    return period ? { key: tierKeyOf(compiled, period.tiers.countedPer, counted), period: period.name } : null;
  }

  /** When its first version begins. */
  fromMs(tariff: string): number {
    return this.#tariff(tariff).calendar.versionsFromMs[0] ?? Infinity;
  }

  now(tariff: string, counted: Counted, atMs: number): ReturnType<typeof priceNow> {
    const compiled = this.#tariff(tariff);
    return priceNow(compiled, atMs, this.#counting(compiled, counted));
  }

  /** The band of an instant; null before the tariff's first version. */
  bandAt(tariff: string, atMs: number): string | null {
    const { calendar } = this.#tariff(tariff);
    const [first] = calendar.versionsFromMs;
    if (first === undefined || atMs < first) return null;
    const [segment] = calendar.between(atMs, atMs);
    return segment?.stretch.band ?? null;
  }

  #counting(compiled: CompiledTariff, counted: Counted): Counting {
    return {
      ...this.edgesFor(counted.account, counted.room),
      used: ({ name, tiers }) => {
        const key = tierKeyOf(compiled, tiers.countedPer, counted);
        const used =
          counted.used(key, name) ?? (tiers.newTenant === 'takesOver' ? this.#accounts.usedBefore(key, name) : 0);
        // As if what does not count had come first, below what counts.
        return used - (counted.uncounted?.get(name) ?? 0);
      },
    };
  }

  /** What moves the edges of an account's tiers: the persons of its household, and the day it was opened. */
  edgesFor(account: string | null, room: string | null): Omit<Counting, 'used'> {
    const openedMs = account === null ? null : this.#accounts.openedMs(account);
    return {
      heads: (countedPer) => {
        const own =
          countedPer === 'account' && account !== null ? this.#directory.get('account', account)?.rooms : null;
        // One that has closed has no rooms any more.
        const rooms = own?.length ? own : room === null ? [] : [room];
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
function tierKeyOf(
  { tariff }: CompiledTariff,
  countedPer: CountedPer,
  { meter, room, account }: Omit<Counted, 'used'>,
): string {
  const who = countedPer === 'meter' ? meter : countedPer === 'room' ? (room ?? meter) : (account ?? 'owner');
  return `${tariff.utility}:${countedPer}:${who}`;
}
