/** Who answers at a unit id: asks for what one model has and the others do not, as a pure program of an exclusive task. */
import type { ProfileName } from '../../protocol/site.ts';
import { plainNumber } from './decode.ts';
import type { TaskAnswer, TaskStep } from './tasks.ts';

export type Probed = { readonly profile: ProfileName | null; readonly number: string | null };

/** Acrel's poll block begins with the device type (VTOOL, MED). */
const acrelTypes: Readonly<Record<number, ProfileName>> = { 7: 'acrel-ddsy1352', 5: 'acrel-dtsy1352' };

/** Reads of one unit follow each other with different lengths, so that a late reply is not taken for the next one's. */
const steps = {
  acrelType: { do: 'read', fn: 3, address: 0x0200, count: 1, mayRefuse: true },
  acrelNumber: { do: 'read', fn: 3, address: 0x0043, count: 3, mayRefuse: true },
  /** The Xintai water meter's number (XINTAI, LOW). */
  xintaiNumber: { do: 'read', fn: 3, address: 0x0012, count: 4, mayRefuse: true },
  /** Eastron: volts of L1 to L3 as floats; a single-phase one has nothing at the second (SDM, HIGH). */
  eastronVolts: { do: 'read', fn: 4, address: 0x0000, count: 6, mayRefuse: true },
  eastronVolt: { do: 'read', fn: 4, address: 0x0000, count: 2, mayRefuse: true },
} as const;

export function nextProbe(answers: readonly TaskAnswer[]): TaskStep<Probed> {
  const [type, second, volt, last] = answers;
  if (type === undefined) return steps.acrelType;
  const acrel = acrelTypes[type.registers[0] ?? 0];
  if (acrel !== undefined) return second === undefined ? steps.acrelNumber : done(acrel, digitsOf(second.registers));
  if (second === undefined) return steps.eastronVolts;
  if (isMains(second.registers, 0))
    return done(isMains(second.registers, 2) ? 'eastron-sdm630' : 'eastron-sdm120', null);
  if (volt === undefined) return steps.eastronVolt;
  if (isMains(volt.registers, 0)) return done('eastron-sdm120', null);
  if (last === undefined) return steps.xintaiNumber;
  const number = digitsOf(last.registers);
  return number === null ? done(null, null) : done('xintai-valve-water', number);
}

const done = (profile: ProfileName | null, number: string | null): TaskStep<Probed> => ({
  do: 'done',
  result: { profile, number },
});

/** BCD; null when it is none, or nothing but zeros. */
function digitsOf(registers: readonly number[]): string | null {
  const digits = registers.map((word) => word.toString(16).padStart(4, '0')).join('');
  return /^\d*[1-9]\d*$/.test(digits) ? plainNumber(digits) : null;
}

/** A float that can be the voltage of a phase that is there. */
function isMains(registers: readonly number[], at: number): boolean {
  const [high, low] = registers.slice(at, at + 2);
  if (high === undefined || low === undefined) return false;
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, high);
  view.setUint16(2, low);
  const volts = view.getFloat32(0);
  return volts > 50 && volts < 500;
}
