/** Past use priced again under another tariff: counters of tiers from zero at the start of the span, shared by the meters that share them. */
import { z } from 'zod';
import { chargeSchema } from '../../protocol/ops.ts';
import { priceInterval, type CompiledTariff } from '../domain/tariff/price.ts';
import type { CountedPer, Counting, OpenLines } from '../domain/tariff/state.ts';
import type { RecordPage } from '../store/store.ts';
import type { Core } from './core.ts';
import { openCharges } from './queries/money.ts';

/** Priced between two turns of the event loop: some milliseconds, in which no pulse waits longer than for a commit. */
const CHARGES_A_TURN = 250;

/** Of a charge, what it is priced again by. */
const usedSchema = z.compile(
  z.object(
    chargeSchema.pick({ wallet: true, fromMs: true, toMs: true, fromIndex: true, toIndex: true, amountMicro: true })
      .shape,
  ),
);
type Used = z.infer<typeof usedSchema> & { readonly meter: string };
/** Wh or litres; as it was paid, and as it would be. */
export type Repriced = { readonly meter: string; readonly wallet: string } & Sum;
type Sum = { quantity: number; paidMicro: number; draftMicro: number };

/** Meters whose use counts in one counter under some version of the tariff belong together, those of the owner only by room. */
export function countedTogether(core: Core, { tariff }: CompiledTariff, meters: readonly string[]): string[][] {
  const per = new Set(tariff.versions.map(({ tiers }) => tiers?.countedPer));
  const groups = new Map<string, string[]>();
  for (const meter of meters) {
    const { account = null, room = null } = core.meters.get(meter)?.state.place ?? {};
    const byAccount = per.has('account') && account !== null && account !== 'owner';
    const key = byAccount ? `account ${account}` : per.has('room') && room !== null ? `room ${room}` : `meter ${meter}`;
    groups.set(key, [...(groups.get(key) ?? []), meter]);
  }
  return [...groups.values()];
}

/** What these meters have used in a span, by meter and wallet; they are counted together where the tariff says so. */
export async function repriced(
  core: Core,
  compiled: CompiledTariff,
  meters: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<Repriced[]> {
  const repricing = new Repricing(core, compiled);
  const streams = meters.map((meter) => usedBy(core, meter, fromMs, toMs));
  for await (const charges of inOrder(streams)) {
    await new Promise((resolve) => setImmediate(resolve));
    for (const used of charges) repricing.add(used);
  }
  return repricing.sums();
}

type OfMeter = {
  readonly meter: string;
  readonly wallet: string;
  readonly counting: Counting;
  readonly keyOf: (countedPer: CountedPer) => string;
  readonly holder: string;
  readonly sum: Sum;
};

class Repricing {
  readonly #core: Core;
  readonly #compiled: CompiledTariff;
  readonly #known = new Map<string, OfMeter>();
  /** By what is counted and for which period, then by who held it. */
  readonly #counters = new Map<string, Map<string, number>>();
  /** Of each meter, while it draws on the same wallet. */
  readonly #open = new Map<string, { readonly of: OfMeter; readonly lines: OpenLines | null }>();

  constructor(core: Core, compiled: CompiledTariff) {
    this.#core = core;
    this.#compiled = compiled;
  }

  add({ meter, wallet, fromMs, toMs, fromIndex, toIndex, amountMicro }: Used): void {
    const of = this.#of(meter, wallet);
    const quantity = toIndex - fromIndex;
    const before = this.#open.get(meter);
    const open = before?.of === of ? before.lines : null;
    const priced = priceInterval(this.#compiled, { fromMs, toMs, quantity, bands: null }, open, of.counting);
    this.#open.set(meter, { of, lines: priced.openLines });
    for (const { countedPer, period, used } of priced.tierUses)
      this.#countersOf(`${of.keyOf(countedPer)} ${period}`).set(of.holder, used);
    of.sum.quantity += quantity;
    of.sum.paidMicro += amountMicro;
    of.sum.draftMicro += priced.totalMicro;
  }

  sums(): Repriced[] {
    return [...this.#known.values()].map(({ meter, wallet, sum }) => ({ meter, wallet, ...sum }));
  }

  #countersOf(key: string): Map<string, number> {
    let own = this.#counters.get(key);
    if (!own) this.#counters.set(key, (own = new Map()));
    return own;
  }

  #of(meter: string, wallet: string): OfMeter {
    const id = `${meter} ${wallet}`;
    let of = this.#known.get(id);
    if (!of) this.#known.set(id, (of = this.#ofNew(meter, wallet)));
    return of;
  }

  #ofNew(meter: string, wallet: string): OfMeter {
    const account = this.#core.wallets.get(wallet)?.state.account ?? null;
    const room = this.#core.meters.get(meter)?.state.place.room ?? null;
    // The owner has a wallet for each room, and no household.
    const holder = account === null || account === 'owner' ? wallet : account;
    const keyOf = (countedPer: CountedPer): string =>
      `${countedPer} ${countedPer === 'account' ? holder : countedPer === 'room' ? (room ?? meter) : meter}`;
    const counting: Counting = {
      ...this.#core.pricing.edgesFor(account, room),
      used: ({ name, tiers: { countedPer, newTenant } }) => {
        const counters = this.#countersOf(`${keyOf(countedPer)} ${name}`);
        const before = newTenant === 'takesOver' ? [...counters.values()] : [];
        return counters.get(holder) ?? Math.max(0, ...before);
      },
    };
    return { ...{ meter, wallet, counting, keyOf, holder }, sum: { quantity: 0, paidMicro: 0, draftMicro: 0 } };
  }
}

/** All of them by their end, a turn's worth at once. */
async function* inOrder(streams: readonly AsyncGenerator<readonly Used[]>[]): AsyncGenerator<readonly Used[]> {
  const [only] = streams;
  if (only && streams.length === 1) return yield* only;
  const heads = await Promise.all(streams.map(async (stream) => ({ stream, waiting: await next(stream) })));
  let turn: Used[] = [];
  for (;;) {
    let first: (typeof heads)[number] | null = null;
    for (const head of heads)
      if ((head.waiting[0]?.toMs ?? Infinity) < (first?.waiting[0]?.toMs ?? Infinity)) first = head;
    const used = first?.waiting.shift();
    if (!first || !used) break;
    turn.push(used);
    if (first.waiting.length === 0) first.waiting = await next(first.stream);
    if (turn.length < CHARGES_A_TURN) continue;
    yield turn;
    turn = [];
  }
  yield turn;
}

async function next(stream: AsyncGenerator<readonly Used[]>): Promise<Used[]> {
  for (;;) {
    const { value, done } = await stream.next();
    if (done) return [];
    if (value.length > 0) return [...value];
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
    yield items.map(({ value }) => ({ meter, ...usedSchema.parse(value) }));
  }
  const wallet = core.meters.get(meter)?.state.place.wallet ?? null;
  const open = wallet === null ? [] : openCharges(core, wallet);
  yield open.filter((charge) => charge.meter === meter && charge.id !== last && charge.toMs <= toMs);
}
