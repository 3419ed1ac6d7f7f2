/** Answers about emergency cuts. */
import { z } from 'zod';
import { emergencySchema, type ItemState } from '../../../protocol/emergency.ts';
import { select } from '../../domain/emergency/select.ts';
import { emergencyOf, endedJobSchema, type Item } from '../../domain/emergency/state.ts';
import { placeNamed } from '../commands/emergencies.ts';
import type { Core } from '../core.ts';
import { durable, found, notFound, pageOf, type Answers } from './answer.ts';

export const emergencyAnswers: Answers<'previewEmergency' | 'getEmergencies' | 'getEmergencyHistory' | 'getEmergency'> =
  {
    previewEmergency: ({ core }, { what, ...named }) =>
      durable(core, () => {
        const place = placeNamed(core, named);
        if ('ok' in place) return place;
        return found<'previewEmergency'>(select(core.emergencies.candidates(place), what).preview);
      }),
    getEmergencies: ({ core }) =>
      durable(core, () => {
        const { temporaryPowerPerMonth, emergencyRestore } = core.directory.site.rules;
        const items = Object.values(core.emergencies.state.jobs).map((job) => emergencyOf(job));
        return found<'getEmergencies'>({ items, rules: { temporaryPowerPerMonth, emergencyRestore } });
      }),
    getEmergencyHistory: async ({ core }, page) => {
      const which = { kind: 'emergency', index: 'all' };
      const { items, cursor } = await pageOf(core, which, page, z.object({ emergency: emergencySchema }));
      return found<'getEmergencyHistory'>({ items: items.map(({ emergency }) => emergency), cursor });
    },
    getEmergency: async ({ core }, { emergency: id }) => {
      const job = core.emergencies.state.jobs[id];
      if (job)
        return durable(core, () =>
          found<'getEmergency'>({ emergency: emergencyOf(job), items: job.items.map((item) => withRoom(core, item)) }),
        );
      const record = await core.options.store.get('emergency', id);
      if (!record) return notFound('emergency cut');
      const { emergency, items } = endedJobSchema.parse(record);
      const all = Object.entries(items).flatMap(([state, meters]) =>
        meters.map((meter) => withRoom(core, { meter, state: state as ItemState })),
      );
      return found<'getEmergency'>({ emergency, items: all });
    },
  };

function withRoom(core: Core, { meter, state }: Item) {
  const room = core.meters.get(meter)?.state.place.room ?? null;
  return { meter, state, room, roomName: room === null ? null : (core.directory.rooms.get(room)?.name ?? null) };
}
