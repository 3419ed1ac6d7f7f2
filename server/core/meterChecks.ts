/** Once a day meter and platform are put beside each other: count and balance of each meter that keeps its money. */
import { meterCheckSchema, type MeterCheck } from '../../protocol/meterMoney.ts';
import { driftOf } from '../domain/charging/alarms.ts';
import { sameNumbers } from '../domain/charging/decide.ts';
import type { Charging } from '../domain/charging/state.ts';
import { pricesNow } from './commands/charging.ts';
import type { Core } from './core.ts';
import { followTables } from './meterTables.ts';

const KIND = 'meterCheck';
const PAGE = 500;

export class MeterChecks {
  readonly #core: Core;
  /** The local day that was compared last, by this run. */
  #day: string | null = null;
  #minute = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Every quarter second: the first of a local day compares. After a restart the day is compared once more, under the same ids. */
  tick(): void {
    const { nowMs, localDay } = this.#core.context();
    const minute = Math.floor(nowMs / 60_000);
    if (minute !== this.#minute) {
      this.#followPrices();
      this.#core.controls.follow();
    }
    this.#minute = minute;
    const day = localDay(nowMs);
    if (day === this.#day || !this.#core.committer.keeping) return;
    const first = this.#day === null;
    this.#day = day;
    // What was read since the start of the process is too little to compare with.
    if (!first) this.compare(day);
  }

  /** A new version of a tariff takes effect, or the meter has another one: its prices follow. */
  #followPrices(): void {
    const core = this.#core;
    for (const [id, { state }] of core.wallets) {
      const { charging } = state;
      if (charging) followTables(core, charging);
      if (charging?.phase !== 'running' || charging.held) continue;
      const pricesMicro = pricesNow(core, charging.meter);
      if (pricesMicro === null || sameNumbers(charging.settings.pricesMicro, pricesMicro)) continue;
      core.send({ to: 'wallet', id, message: { type: 'RepriceMeter', pricesMicro } });
    }
  }

  compare(day: string): void {
    const core = this.#core;
    const records = [...core.wallets].flatMap(([wallet, { state }]) => {
      const { charging } = state;
      if (!charging || charging.phase === 'ended' || charging.phase === 'settingUp') return [];
      const value = this.#check(wallet, day, charging);
      return [{ kind: KIND, id: wallet, value, index: { all: value.atMs } }];
    });
    if (records.length > 0) core.committer.append([], records);
  }

  #check(wallet: string, day: string, charging: Charging): MeterCheck {
    const { meter, last } = charging;
    const { nowMs } = this.#core.context();
    const seen = this.#core.charging.seen(charging);
    const booked = last && { count: last.count, remainingMicro: last.remainingMicro, atMs: last.atMs };
    return {
      ...{ wallet, meter, day, atMs: nowMs, booked, seen, driftMicro: driftOf(charging) },
      differenceMicro: seen && booked ? seen.remainingMicro - booked.remainingMicro : null,
      sameCount: seen && booked ? seen.count === booked.count : null,
    };
  }

  /** The last comparison of each wallet. */
  async last(): Promise<ReadonlyMap<string, MeterCheck>> {
    const { store } = this.#core.options;
    const found = new Map<string, MeterCheck>();
    let cursor: string | undefined;
    do {
      const page = await store.range({
        kind: KIND,
        index: 'all',
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { id, value } of page.items) found.set(id, meterCheckSchema.parse(value));
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
    return found;
  }
}
