/** The life of a meter. */
import type { OpParams } from '../../../protocol/ops.ts';
import type { MeterConfig } from '../../../protocol/site.ts';
import type { Request } from '../../domain/messages.ts';
import { parseQuantity } from '../../domain/quantity.ts';
import type { Core } from '../core.ts';
import { refusal, type Routed, type Routes } from './route.ts';
import { meterWrong } from './setup.ts';

export const meterRoutes: Routes<'swapMeter' | 'changeMultiplier'> = { swapMeter, changeMultiplier };

function swapMeter(core: Core, params: OpParams<'swapMeter'>, request: Request): Routed {
  const { meter, last, first, number, unitId, profile, ct, pt, reason } = params;
  const before = core.meters.get(meter)?.state.config;
  if (!before) return refusal('notFound', 'there is no such meter');
  const { number: _old, ...rest } = before;
  const config: MeterConfig = { ...rest, unitId, profile, ct, pt, ...(number === undefined ? {} : { number }) };
  const wrong = meterWrong(core, config);
  if (wrong) return wrong;
  return renewed(before, config, { why: 'swap', last, first, reason }, request);
}

function changeMultiplier(core: Core, params: OpParams<'changeMultiplier'>, request: Request): Routed {
  const { meter, reading, ct, pt, reason } = params;
  const before = core.meters.get(meter)?.state.config;
  if (!before) return refusal('notFound', 'there is no such meter');
  return renewed(before, { ...before, ct, pt }, { why: 'multiplier', last: reading, first: reading, reason }, request);
}

type Change = {
  readonly why: 'swap' | 'multiplier';
  readonly last: string;
  readonly first: string;
  readonly reason: string;
};

function renewed(before: MeterConfig, config: MeterConfig, change: Change, request: Request): Routed {
  const { why, last, first, reason } = change;
  return {
    to: 'meter',
    id: config.id,
    message: {
      ...{ type: 'Renew', why, config, reason, request },
      last: parseQuantity(last) * before.ct * before.pt,
      first: parseQuantity(first) * config.ct * config.pt,
    },
  };
}
