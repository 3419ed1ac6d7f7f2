/** A reading as a meter's actor takes it. */
export type ReadingInput = {
  readonly atMs: number;
  /** Primary side, Wh or litres. */
  readonly index: number | 'notANumber' | 'allOnes';
  readonly bands: readonly number[] | null;
  readonly reverse: number | null;
  readonly volts: readonly number[];
  readonly amps: readonly number[];
  readonly watts: number | null;
  readonly flow: number | null;
  readonly powerFactor: number | null;
  readonly switchState: 'open' | 'closed' | null;
  readonly forced: boolean | null;
  readonly fault: boolean;
  readonly overLimit: boolean;
  readonly batteryLow: boolean;
  readonly clockMs: number | null;
  readonly number: string | null;
  /** What the meter says of its own money, where its model keeps any. */
  readonly money?: { readonly count: number; readonly remainingMicro: number; readonly litres?: number } | undefined;
  /** CT × PT that the values above hold. */
  readonly times?: number;
  /** Monotonic arrival, for pulse-to-wall time. */
  readonly monoMs: number;
};
