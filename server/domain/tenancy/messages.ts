/** What an account's actor is told. */
import type { ConfigValue } from '../config.ts';
import type { Channel, Request } from '../messages.ts';
import type { HandOver, MovedMeter, NewWallet, PlaceTrouble, Settlement } from './state.ts';

export type TenancyMessage =
  | {
      readonly type: 'StartOpening';
      /** false: an open account gains meters. */
      readonly whole: boolean;
      readonly holder: string;
      readonly rooms: readonly string[];
      readonly wallets: readonly NewWallet[];
      readonly meters: readonly Omit<MovedMeter, 'account' | 'trouble' | 'placed'>[];
      readonly deposit: { readonly order: string; readonly amountMicro: number; readonly channel: Channel } | null;
      readonly request: Request;
    }
  | {
      readonly type: 'StartClosing';
      readonly whole: boolean;
      readonly rooms: readonly string[];
      readonly wallets: readonly string[];
      readonly meters: readonly Omit<MovedMeter, 'trouble' | 'placed'>[];
      readonly settlement: Settlement | null;
      readonly request: Request;
    }
  /** `entered`: the next account, kept with it; null: it is there. */
  | {
      readonly type: 'HandOver';
      readonly handOver: HandOver;
      readonly entered: ConfigValue<'account'> | null;
      readonly request: Request;
    }
  /** To the next account, told again until it has answered. */
  | { readonly type: 'OpenNext'; readonly from: string; readonly handOver: HandOver }
  | { readonly type: 'NextOpened'; readonly handOver: string }
  /** What another system has kept so far goes on here; told again until it has begun. */
  | {
      readonly type: 'TakeOver';
      readonly takeover: string;
      readonly holder: string;
      readonly sinceMs: number | null;
      readonly rooms: readonly string[];
      readonly wallets: readonly NewWallet[];
      readonly meters: readonly Omit<MovedMeter, 'account' | 'trouble' | 'placed'>[];
      readonly depositMicro: number;
      readonly by: string;
    }
  | {
      readonly type: 'TypeBaseline';
      readonly meter: string;
      readonly index: number;
      readonly reason: string;
      readonly request: Request;
    }
  | { readonly type: 'WalletReady' }
  | { readonly type: 'MoneyIsBack'; readonly wallet: string }
  | { readonly type: 'MeterPlaced'; readonly meter: string; readonly index: number | null }
  | { readonly type: 'PlaceRefused'; readonly meter: string; readonly why: PlaceTrouble }
  | { readonly type: 'ChooseSettlement'; readonly settlement: Settlement; readonly request: Request }
  | {
      readonly type: 'Settled';
      readonly wallet: string;
      readonly depositMicro: number;
      readonly refundMicro: number;
    }
  | { readonly type: 'SettleDue'; readonly wallet: string; readonly dueMicro: number }
  /** More would be paid out than may be. */
  | { readonly type: 'SettleOver'; readonly order: string }
  /** A meter has not left the wallet yet. */
  | { readonly type: 'SettleLater' }
  | {
      readonly type: 'MoveDeposit';
      readonly kind: 'received' | 'refunded' | 'forfeited';
      readonly order: string;
      readonly amountMicro: number;
      readonly channel: Channel;
      readonly note: string;
      readonly request: Request;
    }
  | { readonly type: 'Wake'; readonly name: string };
