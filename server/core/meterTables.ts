/** Band tables of meters that keep their money follow their tariff: written at opening, after a change and into a swapped meter. */
import type { MeterMoney } from '../../protocol/meterMoney.ts';
import type { ParameterValues } from '../../protocol/parameters.ts';
import type { Charging } from '../domain/charging/state.ts';
import { tablesOf } from '../domain/charging/tables.ts';
import { namesOf, sameValue } from '../domain/parameter/state.ts';
import type { Core } from './core.ts';

const BY = 'wattroom';

function wantedTables(core: Core, meter: string): ParameterValues | 'calendar' | null {
  const tariff = core.meters.get(meter)?.state.config?.tariff;
  if (tariff === undefined || core.parameters.specs(meter).every(({ name }) => name !== 'dayTable1')) return null;
  const version = core.pricing.versionAt(tariff, core.context().nowMs);
  return tablesOf(version, core.directory.get('tariff', tariff)?.holidays ?? {});
}

/** Once a minute; what is asked is durable before it goes out, and asked no second time. */
export function followTables(core: Core, { meter, phase, held }: Charging): void {
  if (phase === 'ended' || phase === 'ending' || phase === 'leaving' || held) return;
  const wanted = wantedTables(core, meter);
  const { state, live } = core.meters.get(meter) ?? {};
  if (wanted === null || wanted === 'calendar' || !state || live?.online !== true) return;
  const due = core.parameters.due(meter, wanted);
  const values: ParameterValues = Object.fromEntries(due.map((name) => [name, wanted[name]]));
  if (due.length > 0) core.parameters.want(meter, values, { by: BY, reason: state.config?.tariff ?? '-' });
}

export function tablesNow(core: Core, { meter }: Charging): MeterMoney['tables'] {
  const wanted = wantedTables(core, meter);
  if (wanted === null) return 'none';
  if (wanted === 'calendar') return 'cannot';
  const { values, readMs, writing } = core.parameters.state(meter);
  const names = namesOf(wanted);
  if (names.some((name) => writing[name])) return 'writing';
  const since = core.meters.get(meter)?.state.swappedMs ?? 0;
  if (names.some((name) => values[name] === undefined || (readMs[name] ?? 0) < since)) return 'unknown';
  return names.every((name) => sameValue(name, values[name], wanted[name])) ? 'asTariff' : 'differ';
}
