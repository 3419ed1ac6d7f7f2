/** The cashbook in the core: its events come with the decisions of wallets and accounts, into their commit. */
import { evolveCashbook, initialCashbook, type CashbookEvent, type CashbookState } from '../domain/cashbook.ts';

export const CASHBOOK_KEY = 'cashbook:site';

export class Cashbook {
  state: CashbookState = initialCashbook;

  get nextReceipt(): number {
    return this.state.lastReceipt + 1;
  }

  take(events: readonly CashbookEvent[]): { key: string; event: CashbookEvent }[] {
    for (const event of events) this.state = evolveCashbook(this.state, event);
    return events.map((event) => ({ key: CASHBOOK_KEY, event }));
  }
}
