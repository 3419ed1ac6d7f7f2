/** Receipts in the core: what stands on one, and how often it was printed. */
import { z } from 'zod';
import type { OpOutcome } from '../../protocol/ops.ts';
import { orderSchema, type Order, type Receipt } from '../../protocol/orders.ts';
import { accept, type Request } from '../domain/messages.ts';
import { refusal } from './commands/route.ts';
import type { Core } from './core.ts';

const KIND = 'receipt';
const printedSchema = z.object({ prints: z.int() });

export class Receipts {
  readonly #core: Core;
  /** One print after the other: two at once would both be the original. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(core: Core) {
    this.#core = core;
  }

  /** null: there is no such order, or no money came in with it. */
  async view(id: string): Promise<Receipt | null> {
    const order = await this.#order(id);
    if (order?.receipt == null) return null;
    const { directory } = this.#core;
    const settlement = order.settledBy === null ? null : await this.#order(order.settledBy);
    const whose = settlement ?? order;
    const account = whose.account === null ? undefined : directory.get('account', whose.account);
    const place = directory.rooms.get(whose.room ?? account?.rooms[0] ?? '');
    const reversal = order.reversedBy === null ? null : await this.#order(order.reversedBy);
    return {
      ...{ order, site: directory.site.name, prints: await this.#prints(id) },
      holder: whose.holder === '' ? (account?.name ?? whose.account ?? '') : whose.holder,
      room: place?.name ?? whose.room,
      building: place === undefined ? null : (directory.get('building', place.building)?.name ?? null),
      walletName: this.#core.wallets.get(order.wallet ?? '')?.state.name ?? '',
      cashier: directory.get('operator', order.by)?.displayName ?? order.by,
      reversal: reversal && { id: reversal.id, atMs: reversal.atMs, by: reversal.by, note: reversal.note },
      settlement,
    };
  }

  print(order: string, request: Request): Promise<OpOutcome> {
    const printed = this.#last.then(() => this.#print(order, request));
    this.#last = printed.catch(() => undefined);
    return printed;
  }

  async #print(id: string, request: Request): Promise<OpOutcome> {
    const order = await this.#order(id);
    if (order?.receipt == null) return refusal('notFound', 'there is no receipt of this order');
    const { committer } = this.#core;
    const { nowMs } = this.#core.context();
    const copy = await this.#prints(id);
    const value = { order: id, number: order.receipt, prints: copy + 1, lastBy: request.operator, lastMs: nowMs };
    const { record } = accept(request, { copy }, nowMs);
    committer.append([], [{ kind: KIND, id, value, index: { all: order.receipt } }, record]);
    return new Promise((resolve) => committer.whenDurable(() => resolve({ ok: true, result: { copy } })));
  }

  async #order(id: string): Promise<Order | null> {
    const value = await this.#core.options.store.get('order', id);
    return value && orderSchema.parse(value);
  }

  async #prints(id: string): Promise<number> {
    const value = await this.#core.options.store.get(KIND, id);
    return value === null ? 0 : printedSchema.parse(value).prints;
  }
}
