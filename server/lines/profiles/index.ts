/** All meter models. A new one is a table beside the others and a line here (and its name in protocol/site.ts). */
import { profileOptions, type ProfileOptions } from '../../../protocol/profileOptions.ts';
import { ddsy1352 } from './ddsy1352.ts';
import { dtsy1352 } from './dtsy1352.ts';
import type { Profiles } from './profile.ts';
import { sdm120 } from './sdm120.ts';
import { sdm630 } from './sdm630.ts';
import { xintaiValveWater } from './xintai.ts';

export function createProfiles(options: ProfileOptions = profileOptions()): Profiles {
  return {
    'acrel-ddsy1352': ddsy1352(options['acrel-ddsy1352']),
    'acrel-dtsy1352': dtsy1352(options['acrel-dtsy1352']),
    'eastron-sdm120': sdm120,
    'eastron-sdm630': sdm630,
    'xintai-valve-water': xintaiValveWater(options['xintai-valve-water']),
  };
}
