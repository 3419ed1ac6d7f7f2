/**
 * Faults as numbers: probabilities of 0 to 1, or milliseconds. All zero is a healthy line. Values may change while
 * running.
 */

/** What goes wrong on the wire, rolled once per transaction unless said otherwise. */
export type LineFaults = {
  /** No answer arrives; every other time the request itself was lost and nothing was carried out. */
  loss: number;
  /** The answer starts `delayMs` later and holds the line meanwhile. */
  delay: number;
  delayMs: number;
  /** The answer arrives `lateMs` after its time, when the line has long gone on. */
  late: number;
  lateMs: number;
  /** One bit of the answer is turned round. */
  crcError: number;
  /** The answer ends too early. */
  truncated: number;
  /** The answer comes twice. */
  duplicated: number;
  /** The answer carries another unit id, with a fitting CRC. */
  wrongUnit: number;
  /** Exception 4, device failure. */
  exception: number;
  /** Noise in front of the answer. */
  babble: number;
  /** The connection is dropped instead of an answer. */
  reconnect: number;
  /** The meter is silent for good; a number so that all faults are alike. */
  dead: number;
};

/** What goes wrong inside a meter. */
export type MeterFaults = {
  /** Per opening: the contacts weld, or the valve jams; the status follows the command, the flow does not. */
  stuckRelay: number;
  /** Per switching command: acknowledged, and not carried out. */
  ignoredWrite: number;
  /** Per read: the cumulative register falls back to zero first. */
  registerReset: number;
  /** How much the meter's clock gains in an hour of site time, ms. */
  clockDriftMsPerHour: number;
};

export type Faults = LineFaults & MeterFaults;

export const noFaults: Readonly<Faults> = {
  loss: 0,
  delay: 0,
  delayMs: 200,
  late: 0,
  lateMs: 1_500,
  crcError: 0,
  truncated: 0,
  duplicated: 0,
  wrongUnit: 0,
  exception: 0,
  babble: 0,
  reconnect: 0,
  dead: 0,
  stuckRelay: 0,
  ignoredWrite: 0,
  registerReset: 0,
  clockDriftMsPerHour: 0,
};

export const faultNames = Object.keys(noFaults) as readonly (keyof Faults)[];

const durations: readonly (keyof Faults)[] = ['delayMs', 'lateMs', 'clockDriftMsPerHour'];

/** Why a value is not one for this fault, or null. */
export function faultMistake(name: string, value: number): string | null {
  const known = faultNames.find((candidate) => candidate === name);
  if (known === undefined) return `fault ${name}: expected one of ${faultNames.join(', ')}`;
  if (!Number.isFinite(value)) return `fault ${name}: expected a number`;
  if (known === 'clockDriftMsPerHour') return null;
  if (durations.includes(known)) return value >= 0 ? null : `fault ${name}: expected milliseconds, 0 or more`;
  return value >= 0 && value <= 1 ? null : `fault ${name}: expected a probability from 0 to 1, found ${value}`;
}
