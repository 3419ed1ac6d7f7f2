/** What a statement adds up to: opening + in − charged − out is the closing balance. */
import { chargeSchema, orderSchema, type OpOutcome, type OpParams } from '../../../protocol/ops.ts';
import { walletEffectMicro } from '../../domain/order.ts';
import { ownMicro } from '../../domain/wallet/standing.ts';
import { storable, type JsonObject } from '../../domain/json.ts';
import type { Core } from '../core.ts';
import { durable, found, notFound, type Answers } from './answer.ts';
import { openCharges } from './money.ts';
import { lineOfTakeover, paidMicroOf } from './statement.ts';

const PAGE = 500;
/** Records of each kind that are added up: about fifty days of four meters. A longer time is asked for in parts. */
const MOST = 20_000;

export const statementAnswers: Answers<'getStatementTotals'> = {
  getStatementTotals: ({ core }, params) => totals(core, params),
};

type Last = { readonly atMs: number; readonly balanceMicro: number };

async function totals(core: Core, { wallet, fromMs, toMs }: OpParams<'getStatementTotals'>): Promise<OpOutcome> {
  const cell = core.wallets.get(wallet);
  if (!cell) return notFound('wallet');
  const bounds = { ...(fromMs === undefined ? {} : { min: fromMs }), ...(toMs === undefined ? {} : { max: toMs }) };
  const sums = { inMicro: 0, chargedMicro: 0, outMicro: 0, count: 0 };
  let last: Last | null = null;
  const seen = (atMs: number, balanceMicro: number): void => {
    sums.count += 1;
    if (last === null || atMs >= last.atMs) last = { atMs, balanceMicro };
  };
  const within = (atMs: number): boolean => (fromMs ?? atMs) <= atMs && atMs <= (toMs ?? atMs);
  const open = openCharges(core, wallet).filter((charge) => within(charge.toMs));
  const ofOpen = new Set(open.map(({ id }) => id));
  const addCharge = (value: JsonObject): void => {
    const charge = chargeSchema.parse(value);
    const { toMs: atMs, balanceAfterMicro } = charge;
    if (!charge.shadow) sums.chargedMicro += paidMicroOf(charge);
    seen(atMs, balanceAfterMicro);
  };
  for (const charge of open) addCharge(storable(charge));
  const charges = await each(core, 'charge', wallet, bounds, (value) => {
    if (!ofOpen.has(String(value.id))) addCharge(value);
  });
  const orders = await each(core, 'order', wallet, bounds, (value) => {
    const order = orderSchema.parse(value);
    // Asked back from a meter: nothing has left before it is out of there.
    const isInMeter = order.kind === 'refund' && order.meter != null && order.meter.state !== 'done';
    const effectMicro = isInMeter ? 0 : walletEffectMicro(order);
    if (effectMicro >= 0) sums.inMicro += effectMicro;
    else sums.outMicro -= effectMicro;
    seen(order.atMs, order.balanceAfterMicro);
  });
  const before = await balanceBefore(core, wallet, fromMs);
  // Nothing in the time: what was there before it is there after it, too.
  const ended = last as Last | null;
  const nowMicro = ownMicro(cell.state);
  const closingMicro = toMs === undefined ? nowMicro : (ended?.balanceMicro ?? before ?? nowMicro);
  // What a meter has taken itself is what is gone: our price of the same use moved nothing.
  if (cell.state.charging) {
    const openedMicro = before ?? lineOfTakeover(core, wallet)[0]?.balanceAfterMicro ?? 0;
    sums.chargedMicro = openedMicro + sums.inMicro - sums.outMicro - closingMicro;
  }
  const openingMicro = closingMicro - sums.inMicro + sums.chargedMicro + sums.outMicro;
  const whole = charges && orders;
  return durable(core, () => found<'getStatementTotals'>({ openingMicro, ...sums, closingMicro, whole }));
}

/** After the last movement before an instant; null: there was none. */
async function balanceBefore(core: Core, wallet: string, atMs: number | undefined): Promise<number | null> {
  if (atMs === undefined) return null;
  const ask = { index: `wallet:${wallet}`, newestFirst: true, limit: 1, max: atMs - 1 } as const;
  const { store } = core.options;
  const [[charge], [order]] = await Promise.all([
    store.range({ kind: 'charge', ...ask }).then(({ items }) => items.map(({ value }) => chargeSchema.parse(value))),
    store.range({ kind: 'order', ...ask }).then(({ items }) => items.map(({ value }) => orderSchema.parse(value))),
  ]);
  if (!charge || !order) return (charge ?? order)?.balanceAfterMicro ?? null;
  return (charge.toMs > order.atMs ? charge : order).balanceAfterMicro;
}

/** false: it stopped before the end. */
async function each(
  core: Core,
  kind: 'charge' | 'order',
  wallet: string,
  bounds: { readonly min?: number; readonly max?: number },
  take: (value: JsonObject) => void,
): Promise<boolean> {
  let cursor: string | null = null;
  for (let read = 0; read < MOST; read += PAGE) {
    const page: Awaited<ReturnType<Core['options']['store']['range']>> = await core.options.store.range({
      ...{ kind, index: `wallet:${wallet}`, limit: PAGE, newestFirst: true, ...bounds },
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { value } of page.items) take(value);
    cursor = page.cursor;
    if (cursor === null) return true;
  }
  return false;
}
