/** Load and time control in the core: which plan holds at a meter, and who carries it out. */
import type { ControlPlan, ControlRow } from '../../protocol/control.ts';
import type { ParameterName, ParameterValues } from '../../protocol/parameters.ts';
import { dayKindOf, meterValuesOf, noMeterControl, type DayKind } from '../domain/control/plan.ts';
import { namesOf } from '../domain/parameter/state.ts';
import { sameJson } from '../domain/sameJson.ts';
import type { Core } from './core.ts';

/** Who asks where nobody does. */
const BY = 'wattroom';

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
      const { values, wanted: asked } = this.#core.parameters.state(meter);
      // Also what still waits to be written, or may have arrived: it goes by what was asked last.
      const kept = (['loadLimit', 'timeControl'] as const).some((name) => values[name]?.on || asked[name]?.on);
      const next = this.#inMeter(meter) ?? (kept ? noMeterControl : null);
      if (next) this.#core.parameters.want(meter, next, { by, reason: this.#planOf(meter)?.name ?? '-', plan: true });
    }
  }

  /**
   * Once a minute: what a meter was too long silent for, or a crash kept from being asked, is asked again. What
   * somebody has written by hand since stays.
   */
  follow(): void {
    const { meters, parameters } = this.#core;
    for (const [meter, { live }] of meters) {
      const { planned = {}, wanted: asked } = parameters.state(meter);
      const ofPlan = this.#inMeter(meter);
      const next = ofPlan ?? (Object.keys(planned).length > 0 ? noMeterControl : null);
      if (next === null || live.online !== true) continue;
      const due = parameters
        .due(meter, next)
        .filter((name) => planned[name] || (ofPlan !== null && asked[name] === undefined));
      const values: ParameterValues = Object.fromEntries(due.map((name) => [name, next[name]]));
      const reason = this.#planOf(meter)?.name ?? '-';
      if (due.length > 0) parameters.want(meter, values, { by: BY, reason, plan: true });
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
      const { writing } = parameters.state(meter);
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
        leaving: this.#isLeaving(meter),
        cut: control ? { reason: control.reason, sinceMs: control.sinceMs, untilMs: control.untilMs } : null,
        trips: state.loadTrips ?? 0,
        locked: causes.safetyLock !== undefined,
      };
    });
  }

  #planOf(meter: string): ControlPlan | undefined {
    const chosen = this.#core.meters.get(meter)?.state.controlPlan;
    return chosen === undefined ? undefined : this.#core.directory.get('controlPlan', chosen);
  }

  /** What should be in the meter by its plan; null: nothing. */
  #inMeter(meter: string): ParameterValues | null {
    const plan = this.#planOf(meter);
    return plan?.inMeter ? this.#valuesOf(meter, plan) : null;
  }

  #isLeaving(meter: string): boolean {
    const { planned = {}, wanted, writing, last } = this.#core.parameters.state(meter);
    if (this.#inMeter(meter)) return false;
    const isGone = (name: 'loadLimit' | 'timeControl'): boolean =>
      !planned[name] || (!wanted[name]?.on && !writing[name] && last[name]?.result === 'verified');
    return !isGone('loadLimit') || !isGone('timeControl');
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
    const { values, readMs } = this.#core.parameters.state(meter);
    // What was read before another one was hung there says nothing of it.
    const { swappedMs = 0 } = this.#core.meters.get(meter)?.state ?? {};
    const isSo = (name: ParameterName): boolean =>
      sameJson(values[name], wanted?.[name]) && (readMs[name] ?? 0) >= swappedMs;
    return wanted !== null && namesOf(wanted).every(isSo);
  }
}
