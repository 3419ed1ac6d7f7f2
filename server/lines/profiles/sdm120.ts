/** Eastron SDM120, one phase, no breaker. */
import { eastronEnergy, eastronField } from './eastron.ts';
import type { Profile } from './profile.ts';

export const sdm120: Profile = {
  name: 'eastron-sdm120',
  utility: 'electricity',
  blocks: [
    { name: 'energy', fn: 4, address: 0x0046, counts: [6, 8, 10, 12], pace: 'fast' },
    { name: 'live', fn: 4, address: 0x0000, counts: [32, 34, 36, 38], pace: 'fast' },
  ],
  fields: [
    eastronField('volts.0', 'live', 0x0000),
    eastronField('amps.0', 'live', 0x0006),
    eastronField('watts', 'live', 0x000c),
    eastronField('powerFactor', 'live', 0x001e),
    eastronField('hertz', 'energy', 0x0046),
    eastronField('index', 'energy', 0x0048, eastronEnergy),
    eastronField('reverse', 'energy', 0x004a, eastronEnergy),
  ],
  number: null,
  clock: null,
  status: null,
  control: null,
  money: null,
};
