/** What a room is told by its meters, wallets and alarms. */
import type { UtilityTile } from '../../protocol/wall.ts';

export type MeterShown = {
  readonly utility: 'electricity' | 'water';
  readonly tile: Omit<UtilityTile, 'today' | 'todayMicro'>;
};
export type MeterInRoom = MeterShown & { readonly room: string };
export type RoomMessage =
  | (MeterShown & { readonly type: 'MeterShown'; readonly monoMs: number | null })
  | {
      readonly type: 'WalletShown';
      readonly wallet: WalletShown | null;
      /** What it pays for, in this room and elsewhere. */
      readonly pays: readonly { readonly id: string }[];
      readonly meter: string | null;
      readonly today: { readonly day: string; readonly quantity: number; readonly amountMicro: number } | null;
      readonly monoMs: number | null;
      /** The meter whose charge it is. */
      readonly shown: MeterShown | null;
    }
  /** None of the room's meters draws on it any more. */
  | { readonly type: 'WalletGone'; readonly wallet: string }
  | { readonly type: 'SelectionShown'; readonly meter: string; readonly by: string | null }
  | { readonly type: 'AlarmShown'; readonly id: string; readonly priority: 0 | 1 | 2 | 3 }
  /** Who has the room now, and whose money it shows. */
  | { readonly type: 'TenantShown'; readonly tenant: string | null; readonly wallets: readonly string[] };

export type WalletShown = {
  readonly wallet: string;
  readonly balanceMicro: number;
  readonly level: number;
  readonly levels: number;
  readonly hoursLeft: number | null;
  readonly exhausted: boolean;
  readonly temporary: boolean;
  readonly payment?: 'postpaid';
  readonly allowanceWh?: number;
  readonly allowanceLitres?: number;
  readonly allowanceMicro?: number;
  /** Paid, and not yet on its meter. */
  readonly pendingMicro?: number;
};
