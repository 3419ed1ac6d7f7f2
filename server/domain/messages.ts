/** What actors say to each other and what leaves the core. Sends go at once; effects wait for the commit (law 5). */
import type { GroupAction } from '../../protocol/group.ts';
import type { OpOutcome, Order, SwitchAction, Refusal } from '../../protocol/ops.ts';
import type { MeterConfig, Role, SiteRules, Utility } from '../../protocol/site.ts';
import type { Tag } from '../../protocol/tags.ts';
import type { Alarm, Hold, Tile } from '../../protocol/wall.ts';
import type { TimelineKind } from '../../protocol/timeline.ts';
import type { AlarmMessage } from './alarm/messages.ts';
import type { GroupMessage } from './group/decide.ts';
import type { EmergencyMessage } from './emergency/decide.ts';
import type { CashbookEvent } from './cashbook.ts';
import type { ChargingMessage } from './charging/messages.ts';
import type { InMeter } from './charging/state.ts';
import type { MoneyAtSwap } from './charging/swap.ts';
import { storable, type JsonObject } from './json.ts';
import type { ReadingInput } from './meter/input.ts';
import type { MeterInRoom, RoomMessage } from './roomMessages.ts';
import type { TenancyMessage } from './tenancy/messages.ts';
import type { Baseline } from './tenancy/state.ts';
import type { CountedTier, WalletEvent } from './wallet/state.ts';

/** Who asks, under which id; the answer is recorded in the commit that holds its cause. */
export type Request = {
  /** Of this run: where the answer goes. */
  readonly id: number;
  readonly operator: string;
  readonly role: Role;
  /** `operator:key` and the hash of what was asked under it. */
  readonly key: string;
  readonly bodyHash: string;
  /** Hash of the session's token, when it came by one. */
  readonly session?: string;
  /** Absent: the whole site. */
  readonly buildings?: readonly string[];
  /** What a second person has approved to be paid out. */
  readonly approvedMicro?: number;
};

export type MeterPlace = {
  readonly room: string | null;
  readonly wallet: string | null;
  readonly account: string | null;
};

/** A register increment on its way to be charged; it names the account stamped at measurement. */
export type Consumption = {
  readonly sequence: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly fromIndex: number;
  readonly toIndex: number;
  /** Wh or litres, primary side. */
  readonly quantity: number;
  /** Increments of the meter's own band registers, where its schedule is the tariff's. */
  readonly bands: readonly number[] | null;
  readonly multiplier: number;
  readonly estimated: boolean;
};

export type SwitchOutcome = 'confirmed' | 'refused' | 'unconfirmed' | 'retrying';

export type { ReadingInput };

export type MeterMessage =
  | { readonly type: 'Register'; readonly config: MeterConfig; readonly place: MeterPlace }
  | { readonly type: 'TakeReading'; readonly reading: ReadingInput }
  | { readonly type: 'NoteSilence'; readonly silentForMs: number }
  | { readonly type: 'NoteLink'; readonly online: boolean }
  | {
      readonly type: 'NoteSwitch';
      readonly outcome: SwitchOutcome;
      /** own: left to its own money. */
      readonly wanted: 'open' | 'closed' | 'own';
      readonly attempts: number;
      readonly reason: string | null;
    }
  /** Of a wallet that it draws on no more, it is of no account. */
  | { readonly type: 'CutForMoney'; readonly wallet: string }
  | { readonly type: 'RestoreForMoney'; readonly wallet: string }
  /** It charges itself: kept closed until its money is in, then left to it; 'platform': it does not any more. */
  | { readonly type: 'ChargeItself'; readonly wallet: string; readonly mode: 'kept' | 'released' | 'platform' }
  | { readonly type: 'OpeningGranted' }
  | { readonly type: 'OpeningHeld' }
  | {
      readonly type: 'Switch';
      readonly action: SwitchAction;
      readonly reason: string;
      readonly untilMs: number | null;
      readonly request: Request;
      /** Of a work tag. */
      readonly holder?: string | undefined;
      readonly phone?: string | undefined;
      /** One of several that are answered together. */
      readonly part?: true;
    }
  /** Told again until the meter holds it; keep power stands against it. */
  | { readonly type: 'EmergencyCut'; readonly job: string; readonly by: string; readonly reason: string }
  | { readonly type: 'EmergencyOver'; readonly job: string }
  | { readonly type: 'ChoosePlan'; readonly plan: string | null; readonly by: string }
  /** One of a group order, told until it is taken; orders are numbered from 1. */
  | {
      readonly type: 'GroupSwitch';
      readonly n: number;
      readonly action: GroupAction;
      readonly by: string;
      readonly reason: string;
      readonly untilMs: number | null;
    }
  | { readonly type: 'GroupUndo'; readonly n: number; readonly action: GroupAction }
  | { readonly type: 'ReadNow'; readonly request: Request }
  | {
      readonly type: 'ResolveQuarantine';
      readonly action: 'release' | 'discard';
      readonly reason: string;
      readonly request: Request;
    }
  | {
      readonly type: 'CorrectReading';
      /** Primary side, Wh or litres. */
      readonly index: number;
      readonly reason: string;
      readonly request: Request;
    }
  /** Another meter in its place, or another multiplier. Readings on the primary side, Wh or litres. */
  | {
      readonly type: 'Renew';
      readonly why: 'swap' | 'multiplier';
      readonly config: MeterConfig;
      readonly last: number;
      readonly first: number;
      /** Of a meter that keeps its money; null: the platform does. */
      readonly money: MoneyAtSwap | null;
      readonly reason: string;
      readonly request: Request;
    }
  /** How it is reached and read; not whose it is. */
  | { readonly type: 'Configure'; readonly config: MeterConfig; readonly by: string }
  /** Taken up at the next reading: what was used before it has the price before. */
  | { readonly type: 'ChooseTariff'; readonly tariff: string; readonly by: string }
  /** It changes hands at this baseline; live: at a reading not older than `sinceMs`. */
  | {
      readonly type: 'Place';
      readonly tenancy: string;
      readonly place: MeterPlace;
      readonly tariff: string;
      readonly baseline: Baseline;
      readonly vacant?: 'closed' | 'open' | undefined;
      readonly sinceMs: number;
      readonly by: string;
    }
  | { readonly type: 'Wake'; readonly name: string };

export type WalletMessage =
  | {
      readonly type: 'Open';
      readonly account: string;
      readonly holder: string;
      readonly kind: 'tenant' | 'owner';
      readonly openingBalanceMicro: number;
      readonly overdraftMicro: number;
      readonly thresholdsMicro: readonly number[];
      readonly rooms: readonly string[];
      readonly meters: readonly MeterOfWallet[];
      readonly name?: string | undefined;
      readonly purpose?: 'fee' | undefined;
      readonly payment?: 'postpaid' | undefined;
      /** Told when it is open. */
      readonly tenancy?: string;
      /** The meter that keeps its money. */
      readonly inMeter?: InMeter | undefined;
      /** Counted by the system before. */
      readonly tierUses?: readonly CountedTier[];
      readonly firstRecharge?:
        | { readonly order: string; readonly amountMicro: number; readonly channel: Channel; readonly by: string }
        | null
        | undefined;
    }
  /** What it measures after `sequence` is charged here. */
  | { readonly type: 'AttachMeter'; readonly meter: MeterOfWallet; readonly sequence: number }
  | { readonly type: 'DetachMeter'; readonly meter: string }
  | {
      readonly type: 'SetThresholds';
      /** Of a post-paid wallet they are its credit limit, negative, or none. */
      readonly payment: 'prepaid' | 'postpaid';
      /** Highest first. */
      readonly thresholdsMicro: readonly number[];
      readonly overdraftMicro: number;
      /** null: the site's. */
      readonly restoreMicro: number | null;
      readonly request: Request;
    }
  /** Ends the wallet: debt from the deposit, the rest paid out in whole cents. */
  | {
      readonly type: 'Settle';
      readonly tenancy: string;
      /** What the deposit may give. */
      readonly offerMicro: number;
      /** What may still be paid out; absent: as much as there is. */
      readonly atMostMicro?: number | undefined;
      readonly order: string;
      readonly channel: Channel;
      readonly note: string;
      readonly by: string;
    }
  | {
      readonly type: 'ChargeConsumption';
      readonly meter: string;
      readonly consumption: Consumption;
      readonly monoMs: number;
      /** How the meter's room shows it now: passed on with what the charge changes there. */
      readonly shown?: MeterInRoom;
    }
  | {
      readonly type: 'Recharge';
      readonly order: string;
      readonly amountMicro: number;
      readonly channel: Channel;
      readonly note: string;
      readonly request: Request;
    }
  | {
      readonly type: 'Refund';
      readonly order: string;
      readonly amountMicro: number;
      readonly channel: Channel;
      readonly note: string;
      /** Oldest last reading of its meters; null: not known. */
      readonly readMs: number | null;
      readonly request: Request;
    }
  /** `order`: of this step; `original`: the refund. */
  | {
      readonly type: 'PayOut';
      readonly order: string;
      readonly original: Order;
      readonly reference: string;
      readonly request: Request;
    }
  | {
      readonly type: 'ReleaseRefund';
      readonly order: string;
      readonly original: Order;
      readonly note: string;
      readonly request: Request;
    }
  /** To another wallet of the same account. */
  | {
      readonly type: 'Transfer';
      readonly to: string;
      readonly amountMicro: number;
      readonly order: string;
      readonly note: string;
      readonly request: Request;
    }
  | { readonly type: 'Rename'; readonly name: string; readonly request: Request }
  | {
      readonly type: 'TakeSuspense';
      readonly order: string;
      readonly original: Order;
      readonly note: string;
      readonly request: Request;
    }
  | {
      readonly type: 'Reverse';
      readonly order: string;
      readonly original: Order;
      /** What is put back into suspense by it; null for money that came or went over the counter. */
      readonly suspense: Order | null;
      readonly note: string;
      readonly request: Request;
    }
  | ChargingMessage
  /** Power without money until a time or up to a debt; at least one of them. */
  | {
      readonly type: 'GrantTemporary';
      readonly reason: string;
      readonly untilMs: number | null;
      readonly debtMicro: number | null;
      readonly request: Request;
    }
  | { readonly type: 'EndTemporary'; readonly reason: string; readonly request: Request }
  | { readonly type: 'Wake'; readonly name: string };

export type MeterOfWallet = { readonly id: string; readonly tariff: string; readonly room: string | null };

export type Channel = 'cash' | 'card' | 'transfer';
export type InterlockMessage =
  | { readonly type: 'AskToOpen'; readonly meter: string }
  | { readonly type: 'Withdraw'; readonly meter: string }
  /** `meters` null: all that are held. */
  | {
      readonly type: 'Release';
      readonly meters: readonly string[] | null;
      readonly reason: string;
      readonly request: Request;
    };

export type Send =
  | { readonly to: 'meter'; readonly id: string; readonly message: MeterMessage }
  | { readonly to: 'wallet'; readonly id: string; readonly message: WalletMessage }
  | { readonly to: 'room'; readonly id: string; readonly message: RoomMessage }
  | { readonly to: 'tenancy'; readonly id: string; readonly message: TenancyMessage }
  | { readonly to: 'interlock'; readonly message: InterlockMessage }
  | { readonly to: 'emergency'; readonly message: EmergencyMessage }
  | { readonly to: 'group'; readonly message: GroupMessage }
  | { readonly to: 'alarms'; readonly message: AlarmMessage };

export type Effect =
  | { readonly type: 'reply'; readonly request: number; readonly outcome: OpOutcome }
  /** The wanted state of the meter may differ from the field. */
  | { readonly type: 'differs'; readonly meter: string }
  | { readonly type: 'readNow'; readonly meter: string }
  /** What a wallet has to do at its meter: one exclusive task. */
  | { readonly type: 'runMeter'; readonly wallet: string }
  /** A meter on it is reached or read in another way now. */
  | { readonly type: 'lineChanged'; readonly line: string }
  | { readonly type: 'tile'; readonly tile: Tile; readonly monoMs: number | null }
  | { readonly type: 'alarm'; readonly alarm: Alarm }
  /** Sends `Wake` with this name at this site time; a later one of the same name replaces it. */
  | { readonly type: 'wake'; readonly name: string; readonly atMs: number };

export type RecordChange = {
  readonly kind: string;
  readonly id: string;
  readonly value: JsonObject | null;
  readonly index?: Readonly<Record<string, number>>;
};

/** What a decision leads to. */
export type Decision<E> = {
  readonly events: readonly E[];
  readonly sends: readonly Send[];
  readonly effects: readonly Effect[];
  readonly records: readonly RecordChange[];
  /** Of the counter's cashbook, into the same commit. */
  readonly besides?: readonly CashbookEvent[];
  /** Of another wallet, into the same commit: it has agreed, as it is asked within the turn. */
  readonly across?: { readonly wallet: string; readonly event: WalletEvent };
};

/** What every decision may look at besides its own state. */
export type Context = {
  readonly nowMs: number;
  readonly rules: SiteRules;
  /** The store keeps what we write; while it does not, money is on hold. */
  readonly moneyOnHold: boolean;
  /** Real ms since the store last said that we are its writer. */
  readonly epochAgeMs: number;
  readonly localMinute: (atMs: number) => number;
  readonly localDay: (atMs: number) => string;
  /** Whether an empty wallet cuts a meter of this utility (cause 8): the account's rule, else the site's. */
  readonly cutsForMoney: (account: string | null, utility: Utility) => boolean;
  /** Work tags on a room and a line. */
  readonly tagsOn: (room: string | null, line: string, meter: string) => readonly Tag[];
  /** The number of the next receipt; a decision takes one at most. */
  readonly nextReceipt: number;
  /** Why money that came in by this order cannot be taken from suspense; null: it waits there. */
  readonly notInSuspense: (order: string) => readonly [Refusal, string] | null;
};

export const refuse = (request: Request, refusal: Refusal, detail: string): Effect => ({
  type: 'reply',
  request: request.id,
  outcome: { ok: false, refusal, detail },
});

/** The answer, and the record that gives the same answer to the same id for ever. */
export function accept(request: Request, result: object, nowMs: number): { effect: Effect; record: RecordChange } {
  return {
    effect: { type: 'reply', request: request.id, outcome: { ok: true, result } },
    record: {
      kind: 'request',
      id: request.key,
      value: { bodyHash: request.bodyHash, result: storable(result), atMs: nowMs },
      index: { all: nowMs },
    },
  };
}

/** A line in the timelines of a room and of a meter. */
export function timeline(
  room: string | null,
  atMs: number,
  entry: {
    id: string;
    kind: TimelineKind;
    by: string | null;
    meter: string | null;
    detail: Readonly<Record<string, string | number | boolean>>;
  },
): RecordChange[] {
  const index = {
    ...(room === null ? {} : { [`room:${room}`]: atMs }),
    ...(entry.meter === null ? {} : { [`meter:${entry.meter}`]: atMs }),
  };
  if (Object.keys(index).length === 0) return [];
  return [{ kind: 'timeline', id: entry.id, value: { ...entry, atMs }, index }];
}
export type { Hold };
export type * from './alarm/messages.ts';
export type * from './roomMessages.ts';
export type * from './tenancy/messages.ts';
