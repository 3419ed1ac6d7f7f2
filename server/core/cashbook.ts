/** The cashbook in the core: its events come with the decisions of wallets and accounts, into their commit. */
import type { OpOutcome } from '../../protocol/ops.ts';
import { evolveCashbook, initialCashbook, type CashbookEvent, type CashbookState } from '../domain/cashbook.ts';
import type { Request } from '../domain/messages.ts';
import { decideSuspense, notInSuspense, type SuspenseMessage } from '../domain/suspense.ts';
import type { StoredEvent } from '../store/store.ts';
import type { Core } from './core.ts';
import { toStore } from './kinds.ts';

const CASHBOOK_KEY = 'cashbook:site';

export class Cashbook {
  state: CashbookState = initialCashbook;
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  get nextReceipt(): number {
    return this.state.lastReceipt + 1;
  }

  readonly notInSuspense = (order: string): ReturnType<typeof notInSuspense> => notInSuspense(this.state, order);

  take(events: readonly CashbookEvent[]): StoredEvent[] {
    for (const event of events) this.state = evolveCashbook(this.state, event);
    return events.map((event) => toStore(CASHBOOK_KEY, event));
  }

  /** Resolves with the answer once it is durable. */
  decide(message: SuspenseMessage, request: Request): Promise<OpOutcome> {
    const { effects, ...decision } = decideSuspense(this.state, message, request, this.#core.context());
    this.#core.take(CASHBOOK_KEY, { ...decision, effects: [] });
    const [reply] = effects;
    return new Promise((resolve) =>
      this.#core.committer.whenDurable(() => {
        if (reply?.type === 'reply') resolve(reply.outcome);
      }),
    );
  }
}
