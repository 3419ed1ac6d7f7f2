/** Eastron SDM630, three phases, no breaker. At most 30 values a request (SDM72, MED), so two blocks. */
import { eastronEnergy, eastronField } from './eastron.ts';
import type { Profile } from './profile.ts';

export const sdm630: Profile = {
  name: 'eastron-sdm630',
  utility: 'electricity',
  blocks: [
    { name: 'energy', fn: 4, address: 0x003e, counts: [14, 16, 18, 20], pace: 'fast' },
    { name: 'live', fn: 4, address: 0x0000, counts: [54, 56, 58, 60], pace: 'fast' },
  ],
  fields: [
    eastronField('volts.0', 'live', 0x0000),
    eastronField('volts.1', 'live', 0x0002),
    eastronField('volts.2', 'live', 0x0004),
    eastronField('amps.0', 'live', 0x0006),
    eastronField('amps.1', 'live', 0x0008),
    eastronField('amps.2', 'live', 0x000a),
    eastronField('watts', 'live', 0x0034),
    eastronField('powerFactor', 'energy', 0x003e),
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
