import { acrelMeter } from './acrel.ts';
import { eastronMeter } from './eastron.ts';
import type { MeterOptions, Model, VirtualMeter } from './meter.ts';
import type { SavedMeter } from './saved.ts';
import { xintaiMeter } from './xintai.ts';

/** A new meter, or one with the memory it had. A memory of another model is a mistake of the caller. */
export function createMeter(model: Model, options: MeterOptions, saved?: SavedMeter): VirtualMeter {
  if (saved !== undefined && saved.model !== model) throw new Error(`saved as ${saved.model}, wanted as ${model}`);
  switch (model) {
    case 'ddsy1352':
    case 'dtsy1352':
      return acrelMeter(model, options, saved?.model === model ? saved : undefined);
    case 'sdm120':
    case 'sdm630':
      return eastronMeter(model, options, saved?.model === model ? saved : undefined);
    case 'xintai':
      return xintaiMeter(options, saved?.model === 'xintai' ? saved : undefined);
  }
}
