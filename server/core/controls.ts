/** Load and time control in the core: which plan holds at a meter, and who carries it out. */
import type { ControlPlan, ControlRow } from '../../protocol/control.ts';
import type { ParameterValues } from '../../protocol/parameters.ts';
import { dayKindOf, meterValuesOf, noMeterControl, type DayKind } from '../domain/control/plan.ts';
import { namesOf } from '../domain/parameter/state.ts';
import { sameJson } from '../domain/sameJson.ts';
import type { Core } from './core.ts';

export class Controls {
  readonly #core: Core;
  constructor(core: Core) {
    this.#core = core;
  }

  /** The plan that the platform carries out at the meter; null where the meter is known to do it. */
  forPlatform(meter: string, chosen: string | undefined): ControlPlan | null {
    const plan = chosen === undefined ? undefined : this.#core.directory.get('controlPlan', chosen);
    if (!plan) return null;
    return plan.inMeter && this.#isInMeter(meter, plan) ? null : plan;
  }

  /** By the holiday calendar of the meter's tariff. */
  dayKind(meter: string): DayKind {
    const tariff = this.#core.meters.get(meter)?.state.config?.tariff;
    return dayKindOf((tariff !== undefined && this.#core.directory.get('tariff', tariff)?.holidays) || {});
  }

  /** Writes the plan into the meters that can keep it; those that had one in them lose it with the plan. */
  write(meters: readonly string[], by: string): void {
    for (const meter of meters) {
      const chosen = this.#core.meters.get(meter)?.state.controlPlan;
      const plan = chosen === undefined ? undefined : this.#core.directory.get('controlPlan', chosen);
      const wanted = plan?.inMeter ? this.#valuesOf(meter, plan) : null;
      const { values, wanted: asked } = this.#core.parameters.state(meter);
      // Also what still waits to be written, or may have arrived: it goes by what was asked last.
      const kept = (['loadLimit', 'timeControl'] as const).some((name) => values[name]?.on || asked[name]?.on);
      const next = wanted ?? (kept ? noMeterControl : null);
      if (next) this.#core.parameters.want(meter, next, { by, reason: plan?.name ?? '-' });
    }
  }

  rows(): ControlRow[] {
    const { meters, directory, parameters } = this.#core;
    return [...meters].flatMap(([meter, { state }]) => {
      const { config, place, causes } = state;
      if (!config?.hasBreaker || config.utility !== 'electricity') return [];
      const { room } = place;
      const found = room === null ? undefined : directory.rooms.get(room);
      const plan = state.controlPlan ?? null;
      const { control } = causes;
      const writing = parameters.state(meter).writing;
      return {
        ...{ meter, room, roomName: found?.name ?? null, building: found?.building ?? null },
        ...{ tenant: room === null ? null : directory.tenantOf(room), plan, everyMs: config.pollIntervalMs },
        tags: [...(found?.tags ?? [])],
        where:
          plan === null
            ? null
            : this.forPlatform(meter, plan) === null
              ? ('meter' as const)
              : writing.loadLimit || writing.timeControl
                ? ('writing' as const)
                : ('platform' as const),
        cut: control ? { reason: control.reason, sinceMs: control.sinceMs, untilMs: control.untilMs } : null,
        trips: state.loadTrips ?? 0,
        locked: causes.safetyLock !== undefined,
      };
    });
  }

  #valuesOf(meter: string, plan: ControlPlan): ParameterValues | null {
    const config = this.#core.meters.get(meter)?.state.config;
    const known = new Set(this.#core.parameters.specs(meter).map(({ name }) => name));
    if (!config || !known.has('loadLimit') || !known.has('timeControl')) return null;
    return meterValuesOf(plan, config.ct * config.pt);
  }

  /** As read back from it. */
  #isInMeter(meter: string, plan: ControlPlan): boolean {
    const wanted = this.#valuesOf(meter, plan);
    const { values } = this.#core.parameters.state(meter);
    return wanted !== null && namesOf(wanted).every((name) => sameJson(values[name], wanted[name]));
  }
}
