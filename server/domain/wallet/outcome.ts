/** What one message to a wallet leads to, and what it may look at. */
import type { AllowanceRule } from '../../../protocol/allowances.ts';
import type { TimelineKind } from '../../../protocol/timeline.ts';
import type { CashbookEvent } from '../cashbook.ts';
import { timeline, type Consumption, type Context, type Effect, type RecordChange, type Send } from '../messages.ts';
import type { OpenLines } from '../tariff/state.ts';
import { evolveWallet } from './evolve.ts';
import type { CountedTier, PricedLine, WalletEvent, WalletState } from './state.ts';

export type PriceRequest = {
  readonly tariff: string;
  readonly meter: string;
  readonly room: string | null;
  readonly account: string;
  readonly consumption: Consumption;
  readonly openLines: OpenLines | null;
  /** Wh or litres this wallet has counted, by the key of the counter and its period; null: nothing yet. */
  readonly used: (key: string, period: string) => number | null;
  /** Of this interval's use what does not count towards tiers, by their period. */
  readonly uncounted?: ReadonlyMap<string, number> | undefined;
};
export type Priced = {
  readonly lines: PricedLine[];
  /** Of each line: its local day, and whose tiers it counted in. */
  readonly marks: readonly { readonly day: string; readonly tierPeriod: string | null }[];
  readonly openLines: OpenLines;
  /** Counters afterwards, the latest last. */
  readonly tierUses: readonly CountedTier[];
  readonly totalMicro: number;
  /** Revenue account of a component. */
  readonly revenueOf: (component: string) => string;
};

export type WalletContext = Context & {
  readonly id: string;
  readonly price: (request: PriceRequest) => Priced;
  readonly utilityOf: (tariff: string) => 'electricity' | 'water';
  /** What the account grants to this wallet. */
  readonly allowances: () => readonly AllowanceRule[];
  /** Accounts (one), rooms or persons that an allowance is multiplied by. */
  readonly shareOf: (per: AllowanceRule['per']) => number;
  /** Another wallet, as it is now; null: there is none, or it has stopped after an error. */
  readonly wallet: (id: string) => WalletState | null;
  /** Of the account, as they are now, without those that have been settled. */
  readonly otherWallets: () => readonly WalletState[];
  /** How often temporary power was granted in a local month to the account's other wallets. */
  readonly grantsOfOthers: (month: string) => number;
};

export class Outcome {
  readonly events: WalletEvent[] = [];
  readonly sends: Send[] = [];
  readonly effects: Effect[] = [];
  readonly records: RecordChange[] = [];
  readonly besides: CashbookEvent[] = [];
  across?: { readonly wallet: string; readonly event: WalletEvent };
  state: WalletState;
  /** Id of the charge or order that this message led to: what follows is noted as its consequence. */
  movement: string | null = null;
  readonly context: WalletContext;
  constructor(state: WalletState, context: WalletContext) {
    this.state = state;
    this.context = context;
  }
  emit(event: WalletEvent): void {
    this.events.push(event);
    this.state = evolveWallet(this.state, event);
  }
  note(kind: TimelineKind, by: string | null, detail: Record<string, string | number | boolean>): void {
    const { id, nowMs } = this.context;
    // Two orders of one millisecond are two entries.
    const because = this.movement === null ? {} : { movement: this.movement };
    const of = { kind, by, meter: null, detail: { ...detail, ...because } };
    const entry = { id: `${id}-${nowMs}-${String(detail.order ?? kind)}`, ...of };
    this.records.push(...timeline(this.state.rooms[0] ?? null, nowMs, entry));
  }
}
