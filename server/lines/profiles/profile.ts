/** What a meter model is to us: a table. Sources are the short names of public documents; marks say how well they agree. */
import type { ProfileName, Utility } from '../../../protocol/site.ts';
import type { SwitchState } from '../types.ts';

/** How well sources agree. MED and below: check it on the first meter of a delivery; what a model's options cover can be set. */
export type Mark = 'HIGH' | 'MED-HIGH' | 'MED' | 'LOW';

export type Block = {
  readonly name: string;
  readonly fn: 3 | 4;
  readonly address: number;
  /**
   * Lengths that may be asked for, the usual one first; each covers all fields. Requests go through them in turn, and no two
   * blocks of a model share one: replies carry no address, so length is all that tells a late one from the right one.
   */
  readonly counts: readonly [number, ...number[]];
  /** number: on return of a unit, and now and then. fast: each poll. slow: one per cycle of the line. */
  readonly pace: 'number' | 'fast' | 'slow';
};

export type RegisterType = 'u16' | 'i16' | 'u32' | 'i32' | 'f32';
/** A is the most significant byte, in the order the bytes come. */
export type WordOrder = 'ABCD' | 'CDAB' | 'BADC' | 'DCBA';

export type FieldTarget =
  | 'index'
  | `bands.${0 | 1 | 2 | 3 | 4}`
  | 'reverse'
  | `volts.${0 | 1 | 2}`
  | `amps.${0 | 1 | 2}`
  | 'watts'
  | 'powerFactor'
  | 'hertz'
  | 'flow'
  | 'batteryVolts'
  /** micro-yuan left in the meter, and its count of purchases. */
  | 'remaining'
  | 'purchases'
  /** Litres left in the meter. */
  | 'litres';

export type Field = {
  readonly to: FieldTarget;
  readonly block: string;
  readonly address: number;
  readonly type: RegisterType;
  readonly order: WordOrder;
  /** Raw × numerator ÷ denominator = Wh, litres, V, A, W, 1, Hz, m³/h. */
  readonly scale: readonly [numerator: number, denominator: number];
  readonly mark: Mark;
  readonly source: string;
};

/** Where the switch and its troubles show. Masks are of the one register, after `swapBytes`. */
export type StatusSpec = {
  readonly block: string;
  readonly address: number;
  readonly swapBytes: boolean;
  /** All set: power or water flows. Without `cutMask`, none set: it is cut, and some set: unknown. */
  readonly suppliedMask: number;
  /** Set when cut; both or neither with the above: unknown (a valve that moves). Null: the model has no such bits. */
  readonly cutMask: number | null;
  readonly forcedMask: number | null;
  readonly faultMask: number;
  readonly overLimitMask: number;
  readonly batteryLowMask: number;
  readonly mark: Mark;
  readonly source: string;
};

export type ControlSpec = {
  readonly fn: 6 | 16;
  readonly address: number;
  readonly values: Readonly<Record<SwitchState, readonly number[]>>;
  /** Ends forced control: only for a meter that charges itself. Null: the model has none. */
  readonly release: readonly number[] | null;
  /** First read-back this long after the write, ms; repeated at this distance until `confirmMs`. */
  readonly settleMs: number;
  /** Not there after this long: the write is made again. */
  readonly confirmMs: number;
  /** An open breaker carries less than this, A; null where no current is measured. */
  readonly openAmpsMax: number | null;
  readonly mark: Mark;
  readonly source: string;
};

export type NumberSpec = {
  readonly block: string;
  readonly address: number;
  readonly registers: number;
  readonly mark: Mark;
  readonly source: string;
};

/** Year, month, day, weekday, hour, minute, second: one byte each from the high byte of the address. */
export type ClockSpec = {
  readonly block: string;
  readonly address: number;
  readonly mark: Mark;
  readonly source: string;
};

/**
 * Money kept by the meter itself. It takes a balance together with the next purchase count, in one write: that is what
 * makes a repeat harmless (facts, section 5). Registers are u32, high word first.
 */
export type YuanSpec = {
  readonly keeps: 'yuan';
  readonly fn: 16;
  /** Count, balance high, balance low. */
  readonly purchase: number;
  /** What one unit of the balance is, and one of a price per kWh, micro-yuan. */
  readonly unitMicro: number;
  readonly priceUnitMicro: number;
  /** All of it in one read. */
  readonly block: { readonly fn: 3; readonly address: number; readonly count: number };
  /** First alarm, second alarm, overdraft: three values in a row. */
  readonly limits: number;
  /** Sharp, peak, flat, valley in a row. */
  readonly prices: number;
  /** Its own charging is on where the high byte is not 0. */
  readonly control: number;
  /** Count, balance and index in one read: two lengths, for before and after. */
  readonly standing: { readonly fn: 3; readonly address: number; readonly counts: readonly [number, number] };
  readonly at: { readonly index: number; readonly remaining: number; readonly count: number };
  /** What one unit of the index is, Wh. */
  readonly indexUnit: number;
  readonly mark: Mark;
  readonly source: string;
};

/** m³ kept by the meter, a float of two registers, and no count: its index says what is in it (domain/charging/volume). */
export type LitresSpec = {
  readonly keeps: 'litres';
  /** One register a write: the half with sign and exponent goes last. */
  readonly fn: 6;
  readonly order: WordOrder;
  readonly priceUnitMicro: number;
  readonly standing: { readonly fn: 3; readonly address: number; readonly counts: readonly [number, number] };
  /** m³ each. */
  readonly at: { readonly index: number; readonly remaining: number };
  readonly mark: Mark;
  readonly source: string;
};
export type MoneySpec = YuanSpec | LitresSpec;

export type Profile = {
  readonly name: ProfileName;
  readonly utility: Utility;
  readonly blocks: readonly Block[];
  readonly fields: readonly Field[];
  readonly number: NumberSpec | null;
  readonly clock: ClockSpec | null;
  readonly status: StatusSpec | null;
  /** Null: nothing to switch. */
  readonly control: ControlSpec | null;
  /** Null: it keeps no money, or none that we can write. */
  readonly money: MoneySpec | null;
};

export type Profiles = Readonly<Record<ProfileName, Profile>>;
