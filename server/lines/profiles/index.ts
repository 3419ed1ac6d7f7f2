/** All meter models. A new one is a table beside the others and a line here (and its name in protocol/site.ts). */
import { acrelDefaults, type AcrelOptions } from './acrel.ts';
import { ddsy1352 } from './ddsy1352.ts';
import { dtsy1352 } from './dtsy1352.ts';
import type { Profiles } from './profile.ts';
import { sdm120 } from './sdm120.ts';
import { sdm630 } from './sdm630.ts';
import { xintaiDefaults, xintaiValveWater, type XintaiOptions } from './xintai.ts';

export type ProfileOptions = { readonly acrel: AcrelOptions; readonly xintai: XintaiOptions };

export const profileDefaults: ProfileOptions = { acrel: acrelDefaults, xintai: xintaiDefaults };

export function createProfiles(options: ProfileOptions = profileDefaults): Profiles {
  return {
    'acrel-ddsy1352': ddsy1352(options.acrel),
    'acrel-dtsy1352': dtsy1352(options.acrel),
    'eastron-sdm120': sdm120,
    'eastron-sdm630': sdm630,
    'xintai-valve-water': xintaiValveWater(options.xintai),
  };
}
