/** What a line tells the core, and what it asks of it. The wire side never sees money; the core never sees a register. */
import type { LineConfig, ProfileName, Utility } from '../../protocol/site.ts';
import type { FieldTask, TaskReport } from './tasks.ts';

export type { LineConfig };

/** A meter as its line needs it. */
export type LineMeter = {
  readonly meterId: string;
  readonly unitId: number;
  readonly profile: ProfileName;
  /** Twelve digits at most; null where nobody entered one. */
  readonly number: string | null;
  readonly pollIntervalMs: number;
  readonly hasBreaker: boolean;
  /** Its own money decides over its breaker: the only kind that is ever released from forced control. */
  readonly chargesItself?: boolean;
};

/** Of the circuit: open, nothing flows; closed, it flows. A valve that is shut is `open`, so one word serves breakers and valves. */
export type SwitchState = 'open' | 'closed';

/** own: the meter's own money decides. */
export type WantedState = SwitchState | 'own';

/** Values of the moment: shown, never charged. Secondary side, as the meter gives them. */
export type LiveValues = {
  readonly volts?: readonly number[];
  readonly amps?: readonly number[];
  readonly watts?: number;
  readonly powerFactor?: number;
  readonly hertz?: number;
  /** m³/h */
  readonly flow?: number;
  readonly batteryVolts?: number;
};

export type FieldStatus = {
  /** As read from the relay bits or valve bits; null when the model does not tell. */
  readonly switchState: SwitchState | null;
  /** Forced control is on (Acrel); null when the model has none. */
  readonly forced: boolean | null;
  readonly fault: boolean;
  readonly overLimit: boolean;
  readonly batteryLow: boolean;
};

/** One whole reading of one meter, decoded. Registers are secondary side: the multiplier is applied by the meter actor. */
export type MeterReading = {
  readonly meterId: string;
  readonly utility: Utility;
  /** Site time, epoch ms, when the reply had arrived. */
  readonly atMs: number;
  /** Wh or litres, an integer; or why the register holds no number. */
  readonly index: number | 'notANumber' | 'allOnes';
  /** Sharp, peak, flat, valley, Wh, and deep valley where the firmware has it (so four or five); null where the model has none. */
  readonly bands: readonly number[] | null;
  readonly reverse: number | null;
  readonly live: LiveValues;
  readonly status: FieldStatus;
  /** The meter's own clock, local time as epoch ms read as if UTC; null where the model has none. */
  readonly clockMs: number | null;
  /**
   * Meter number as read this time, without leading zeros (`unreadable` when it is no number), null when it was not read.
   * While another number stands at the unit than was entered, each reading carries it.
   */
  readonly number: string | null;
  /** What it says of its own money; null: the model keeps none, or it could not be read. `remainingMicro` as on the meter. `litres`: it keeps those. */
  readonly money: { readonly count: number; readonly remainingMicro: number; readonly litres?: number } | null;
};

export type ReadFailure = 'timeout' | 'crc' | 'exception' | 'truncated' | 'wrongUnit' | 'lineDown' | 'wrongNumber';

export type LineReport =
  | { readonly type: 'reading'; readonly reading: MeterReading }
  | {
      readonly type: 'readFailed';
      readonly meterId: string;
      readonly reason: ReadFailure;
      readonly silentForMs: number;
    }
  | { readonly type: 'link'; readonly meterId: string; readonly online: boolean }
  | {
      readonly type: 'switched';
      readonly meterId: string;
      readonly wanted: WantedState;
      /** confirmed: read back; refused: the re-check said no, or another meter's number was there; unconfirmed: given up after n tries (trips only). */
      readonly outcome: 'confirmed' | 'refused' | 'unconfirmed' | 'retrying';
      readonly attempts: number;
      readonly reason: string | null;
    }
  | TaskReport
  | { readonly type: 'line'; readonly lineId: string; readonly up: boolean; readonly reason: string | null };

/** Answer to the re-check that is made right before each write. */
export type WantedNow = { readonly state: WantedState; readonly mayWrite: boolean };

export type LineFigures = {
  readonly lineId: string;
  readonly up: boolean;
  /** Busy wire time over real time, last minute, 0…1. */
  readonly utilisation: number;
  readonly cycleMs: number | null;
  readonly requests: number;
  readonly replies: number;
  readonly timeouts: number;
  readonly crcErrors: number;
  readonly exceptions: number;
  readonly reconnects: number;
  /** How long the longest-due reading has been waiting, ms. */
  readonly oldestDueMs: number;
  readonly meters: readonly {
    readonly meterId: string;
    readonly unitId: number;
    readonly online: boolean;
    readonly lastReplyAgoMs: number | null;
    readonly failures: number;
  }[];
};

/** What a line needs from outside; everything that passes time or does I/O is here, so tests can step it. */
export type LineDeps = {
  /** Monotonic ms (wire, timeouts, ages). */
  readonly mono: () => number;
  /** Site time, epoch ms (stamps of readings). */
  readonly site: () => number;
  /** Calls back once after `ms` of monotonic time; returns the cancel function. */
  readonly after: (ms: number, call: () => void) => () => void;
  readonly report: (report: LineReport) => void;
  /** The wanted state of a meter now, or null when it has no breaker, is not wanted anything, or may not be written. */
  readonly wantedNow: (meterId: string) => WantedNow | null;
};

/** The scheduler of one RS-485 line. Its nact actor feeds it one message at a time. */
export interface Line {
  start(): void;
  stop(): Promise<void>;
  setMeters(meters: readonly LineMeter[]): void;
  /** The wanted state of the meter may differ from the field: look, and drive it there. */
  differs(meterId: string): void;
  readNow(meterId: string): void;
  /** Queues the task; its end is reported, once, whatever happens. Of this process only: whoever needs it asks again after a start. */
  run(task: FieldTask): void;
  figures(): LineFigures;
}
