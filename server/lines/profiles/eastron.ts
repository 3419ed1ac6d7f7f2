/** What SDM120 and SDM630 share: function 04, 32-bit floats with the high word first, two registers a value, even lengths only. */
import type { Field, FieldTarget } from './profile.ts';

const sources = 'SDM, SDM72, MBMAP';

export function eastronField(
  to: FieldTarget,
  block: string,
  address: number,
  scale: readonly [number, number] = [1, 1],
): Field {
  return { to, block, address, type: 'f32', order: 'ABCD', scale, mark: 'HIGH', source: sources };
}

/** kWh to Wh. Import is charged; export is told apart as reverse. */
export const eastronEnergy = [1000, 1] as const;
