/** Emergency cuts, and the site's rules for them. */
import { emergencyPlaces, type Emergency } from '../../../protocol/emergency.ts';
import type { OpOutcome } from '../../../protocol/ops.ts';
import { select } from '../../domain/emergency/select.ts';
import type { Core } from '../core.ts';
import { configure, refusal, type Routes } from './route.ts';

type Named = {
  readonly building?: string | undefined;
  readonly floor?: string | undefined;
  readonly room?: string | undefined;
};

/** The place that the parameters name. */
export function placeNamed(core: Core, named: Named): Emergency['place'] | OpOutcome {
  for (const kind of emergencyPlaces) {
    const id = named[kind];
    if (id !== undefined) return core.emergencies.place(kind, id) ?? refusal('notFound', `there is no such ${kind}`);
  }
  return refusal('invalid', 'building: a building, a floor or a room');
}

export const emergencyRoutes: Routes<'startEmergency' | 'cancelEmergency' | 'restoreEmergency' | 'setSafetyRules'> = {
  startEmergency: (core, { what, reason, ...named }, request) => {
    const place = placeNamed(core, named);
    if ('ok' in place) return place;
    const { meters, kept } = select(core.emergencies.candidates(place), what);
    return { to: 'emergency', message: { type: 'Start', place, what, reason, meters, kept, request } };
  },
  cancelEmergency: (_core, { emergency: id, reason }, request) => ({
    to: 'emergency',
    message: { type: 'Cancel', id, reason, request },
  }),
  restoreEmergency: (_core, { emergency: id, reason }, request) => ({
    to: 'emergency',
    message: { type: 'Restore', id, reason, request },
  }),
  setSafetyRules: (core, rules, request) => {
    const { site } = core.directory;
    const value = { ...site, rules: { ...site.rules, ...rules } };
    return configure(core, request, [{ kind: 'site', id: 'site', value }], { ok: true });
  },
};
