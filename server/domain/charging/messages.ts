/** What a wallet is told of the meter that keeps its money. */
import type { Request } from '../messages.ts';
import type { StopReason } from './decide.ts';
import type { Standing } from './state.ts';
import type { Shown } from './volume.ts';
import type { Seen } from './write.ts';

export type ChargingMessage =
  /** What its meter shows, at an ordinary reading. */
  | { readonly type: 'MeterShows'; readonly standing: Shown }
  /** Its tariff has these prices now. */
  | { readonly type: 'RepriceMeter'; readonly pricesMicro: readonly number[] }
  /** Limits and prices were written into it and read back; null: they were not. */
  | { readonly type: 'MeterSetUp'; readonly found: Standing | null }
  | {
      readonly type: 'MeterTaskEnded';
      readonly order: string;
      readonly seen: Seen;
      readonly stopped: StopReason | null;
    }
  | {
      readonly type: 'ResolveMeter';
      readonly action: 'has' | 'hasNot' | 'adopt' | 'gone';
      /** As it stands in the meter now; `count` is the one the person saw. */
      readonly standing: Shown;
      readonly count: number;
      readonly reason: string;
      readonly request: Request;
    }
  /** Another meter is to take its place, so its money comes back first; putBack: it stays after all. */
  | {
      readonly type: 'PrepareSwap';
      readonly action: 'takeBack' | 'putBack';
      /** What its tariff costs now; null: not what a meter can be set up with. */
      readonly pricesMicro: readonly number[] | null;
      readonly reason: string;
      readonly request: Request;
    }
  /** All its money is to come back out of the meter. */
  | { readonly type: 'EndCharging'; readonly tenancy: string };
