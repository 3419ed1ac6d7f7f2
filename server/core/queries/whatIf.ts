/** Past use under a draft: what each account would have paid. */
import { z } from 'zod';
import { chargeSchema, type OpOutcome, type OpParams, type OpResult } from '../../../protocol/ops.ts';
import { compileTariff, priceInterval, type CompiledTariff } from '../../domain/tariff/price.ts';
import type { Counting, OpenLines } from '../../domain/tariff/state.ts';
import type { Core } from '../core.ts';
import type { RecordPage } from '../../store/store.ts';
import { durable, found } from './answer.ts';
import { openCharges } from './money.ts';

/** A month of one meter is some 3 000 quarter hours. */
const METERS_A_PAGE = 5;
/** Priced between two turns of the event loop: some milliseconds, in which no pulse waits longer than for a commit. */
const CHARGES_A_TURN = 250;
const SPAN_MS_MAX = 400 * 86_400_000;

/** Of a charge, what it is priced again by. */
const usedSchema = z.compile(
  z.object(
    chargeSchema.pick({ wallet: true, fromMs: true, toMs: true, fromIndex: true, toIndex: true, amountMicro: true })
      .shape,
  ),
);
type Used = z.infer<typeof usedSchema>;
type Sum = { quantity: number; paidMicro: number; draftMicro: number };

export async function whatIf(core: Core, { draft, fromMs, toMs, cursor }: OpParams<'whatIf'>): Promise<OpOutcome> {
  const invalid = (detail: string): OpOutcome => ({ ok: false, refusal: 'invalid', detail });
  if (toMs <= fromMs || toMs - fromMs > SPAN_MS_MAX) return invalid('toMs: after fromMs, and 400 days at most');
  const compiled = compileTariff(draft, core.directory.time.zone);
  const [firstMs = Infinity] = compiled.calendar.versionsFromMs;
  if (firstMs > fromMs) return invalid('draft.versions.0.from: before the span that is priced again');
  const all = [...core.meters].filter(([, { state }]) => state.config?.tariff === draft.id);
  const page = all.slice(cursor, cursor + METERS_A_PAGE);
  const items: OpResult<'whatIf'>['items'] = [];
  for (const [meter] of page) {
    const sums = await repriced(core, compiled, meter, fromMs, toMs);
    for (const [wallet, sum] of sums) {
      const state = core.wallets.get(wallet)?.state;
      items.push({ account: state?.account ?? '', holder: state?.holder ?? '', meter, ...sum });
    }
  }
  const done = cursor + page.length;
  return durable(core, () =>
    found<'whatIf'>({ items, done, total: all.length, cursor: done < all.length ? done : null }),
  );
}

/** What one meter has used in a span, under this tariff and as it was paid, by wallet. */
export async function repriced(
  core: Core,
  compiled: CompiledTariff,
  meter: string,
  fromMs: number,
  toMs: number,
): Promise<ReadonlyMap<string, Sum>> {
  const repricing = new Repricing(core, compiled, core.meters.get(meter)?.state.place.room ?? null);
  for await (const charges of usedBy(core, meter, fromMs, toMs)) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const used of charges) repricing.add(used);
  }
  return repricing.sums;
}

/** One meter's use, wallet by wallet as it was charged: each has counters and edges of its own. */
class Repricing {
  readonly sums = new Map<string, Sum>();
  readonly #core: Core;
  readonly #compiled: CompiledTariff;
  readonly #room: string | null;
  readonly #used = new Map<string, Map<string, number>>();
  #wallet: string | null = null;
  #counting: Counting | null = null;
  #open: OpenLines | null = null;

  constructor(core: Core, compiled: CompiledTariff, room: string | null) {
    this.#core = core;
    this.#compiled = compiled;
    this.#room = room;
  }

  add({ wallet, fromMs, toMs, fromIndex, toIndex, amountMicro }: Used): void {
    const counting = this.#countingOf(wallet);
    const quantity = toIndex - fromIndex;
    const interval = { fromMs, toMs, quantity, bands: null };
    const priced = priceInterval(this.#compiled, interval, this.#open, counting);
    this.#open = priced.openLines;
    for (const { countedPer, period, used } of priced.tierUses)
      this.#countersOf(wallet).set(`${countedPer} ${period}`, used);
    const sum = this.sums.get(wallet) ?? { quantity: 0, paidMicro: 0, draftMicro: 0 };
    sum.quantity += quantity;
    sum.paidMicro += amountMicro;
    sum.draftMicro += priced.totalMicro;
    this.sums.set(wallet, sum);
  }

  #countersOf(wallet: string): Map<string, number> {
    const own = this.#used.get(wallet) ?? new Map<string, number>();
    this.#used.set(wallet, own);
    return own;
  }

  #countingOf(wallet: string): Counting {
    if (this.#counting && this.#wallet === wallet) return this.#counting;
    this.#wallet = wallet;
    this.#open = null;
    const account = this.#core.wallets.get(wallet)?.state.account ?? null;
    const own = this.#countersOf(wallet);
    return (this.#counting = {
      ...this.#core.pricing.edgesFor(account, this.#room),
      used: ({ name, tiers: { countedPer, newTenant } }) => {
        const key = `${countedPer} ${name}`;
        const before = newTenant === 'takesOver' && countedPer !== 'account' ? [...this.#used.values()] : [];
        return own.get(key) ?? Math.max(0, ...before.map((counters) => counters.get(key) ?? 0));
      },
    });
  }
}

/** In order of time, a turn's worth at once; the quarter hour that is still open comes last, from the wallet. */
async function* usedBy(core: Core, meter: string, fromMs: number, toMs: number): AsyncGenerator<readonly Used[]> {
  const ask = (cursor: string | null): Promise<RecordPage> =>
    core.options.store.range({
      ...{ kind: 'charge', index: `meter:${meter}`, min: fromMs, max: toMs, limit: CHARGES_A_TURN },
      ...(cursor === null ? {} : { cursor }),
    });
  let last = '';
  for (let asked: Promise<RecordPage> | null = ask(null); asked !== null;) {
    const { items, cursor }: RecordPage = await asked;
    // The store looks for the next ones while these are priced.
    asked = cursor === null ? null : ask(cursor);
    asked?.catch(() => undefined);
    last = items.at(-1)?.id ?? last;
    yield items.map(({ value }) => usedSchema.parse(value));
  }
  const wallet = core.meters.get(meter)?.state.place.wallet ?? null;
  const open = wallet === null ? [] : openCharges(core, wallet);
  yield open.filter((charge) => charge.meter === meter && charge.id !== last && charge.toMs <= toMs);
}
