/** Reading and writing what meters keep. */
import type { OpOutcome } from '../../../protocol/ops.ts';
import type { Core } from '../core.ts';
import { configure, refusal, type Routes } from './route.ts';

const known = (core: Core, meter: string): OpOutcome | null => {
  if (!core.meters.get(meter)?.state.config) return refusal('notFound', 'there is no such meter');
  return core.parameters.specs(meter).length > 0 ? null : refusal('invalid', 'meter: this model keeps no parameters');
};

export const parameterRoutes: Routes<'readParameters' | 'writeParameters' | 'cancelParameters'> = {
  readParameters: async (core, { meter, names }, request) => {
    const unknown = known(core, meter);
    if (unknown) return unknown;
    const outcome = await configure(core, request, [], { ok: true });
    if (outcome.ok) core.parameters.read(meter, names);
    return outcome;
  },
  writeParameters: (core, { meter, values, reason }, request) => {
    const unknown = known(core, meter);
    if (unknown) return unknown;
    const mistake = core.parameters.mistake(meter, values, request);
    return mistake === null ? core.parameters.write(meter, values, reason, request) : refusal('invalid', mistake);
  },
  cancelParameters: (core, { meter }, request) => {
    const unknown = known(core, meter);
    if (unknown) return unknown;
    core.parameters.cancel(meter);
    return configure(core, request, [], { ok: true });
  },
};
