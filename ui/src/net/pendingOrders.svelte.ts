/**
 * Money that was sent and not answered. Whether it was booked is not known, so its idempotency key must outlive the
 * dialog, the page and the browser: only the same key sent again is booked once. The core keeps keys for good.
 */
import { z } from 'zod';
import { channels, type Order } from '../../../protocol/ops.ts';
import { command, newKey, type Answer } from './api.ts';
import { settles } from './settles.ts';

const orderSchema = z.strictObject({
  key: z.string(),
  op: z.enum(['recharge', 'refund']),
  params: z.strictObject({ wallet: z.string(), amount: z.string(), channel: z.enum(channels), note: z.string() }),
  /** Where it was entered: at a room, or at an account. */
  room: z.string().nullable(),
  account: z.string(),
  name: z.string(),
  /** When it was first sent, site time. */
  sentMs: z.number(),
});
export type PendingOrder = z.infer<typeof orderSchema>;

/** An encoded name holds no slash: no operator's prefix begins another's. */
const prefixOf = (operator: string): string => `wattroom.order.1.${encodeURIComponent(operator)}/`;

class PendingOrders {
  #operator = '';
  #all = $state.raw<readonly PendingOrder[]>([]);
  /** On their way from this page. */
  #sending = $state.raw<ReadonlySet<string>>(new Set());

  constructor() {
    // Another tab of the same operator.
    addEventListener('storage', () => this.#load());
  }

  /** Keys belong to the operator who made them. */
  enter(operator: string): void {
    this.#operator = operator;
    this.#load();
  }

  /** Sent, unanswered, and not on their way just now; oldest first. */
  get unknown(): readonly PendingOrder[] {
    return this.#all.filter(({ key }) => !this.#sending.has(key));
  }
  /** The oldest unanswered order of a wallet; nothing else is sent before it is settled. */
  of(wallet: string): PendingOrder | null {
    return this.unknown.find(({ params }) => params.wallet === wallet) ?? null;
  }
  sending(wallet: string): boolean {
    return this.#all.some(({ key, params }) => params.wallet === wallet && this.#sending.has(key));
  }

  make(order: Omit<PendingOrder, 'key'>): PendingOrder {
    return { ...order, key: newKey() };
  }

  /** Remembered before it leaves, forgotten when the answer says what became of it. */
  async send(order: PendingOrder): Promise<Answer<Order>> {
    const again = this.#all.some(({ key }) => key === order.key);
    const stored = prefixOf(this.#operator) + order.key;
    localStorage.setItem(stored, JSON.stringify(order));
    this.#sending = new Set([...this.#sending, order.key]);
    this.#load();
    try {
      const answer = await command(order.op, order.params, order.key);
      if (answer.ok || settles(answer.code, again)) localStorage.removeItem(stored);
      return answer;
    } finally {
      this.#sending = new Set([...this.#sending].filter((key) => key !== order.key));
      this.#load();
    }
  }

  #load(): void {
    const prefix = prefixOf(this.#operator);
    this.#all = Object.entries(localStorage)
      .filter(([name]) => name.startsWith(prefix))
      .map(([, text]) => orderSchema.parse(JSON.parse(String(text))))
      .toSorted((a, b) => a.sentMs - b.sentMs);
  }
}

export const pendingOrders = new PendingOrders();
