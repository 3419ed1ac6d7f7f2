/** Answers about work tags, and taking a breaker in hand. */
import type { OpResult } from '../../../protocol/ops.ts';
import type { Tag } from '../../../protocol/tags.ts';
import { placeOf } from '../commands/tags.ts';
import type { Core } from '../core.ts';
import { seenOf } from '../seen.ts';
import { durable, found, notFound, type Answers } from './answer.ts';

export const tagAnswers: Answers<'getTags' | 'previewTag' | 'selectMeter'> = {
  getTags: ({ core }) => durable(core, () => found<'getTags'>({ items: Object.values(core.tags.state.tags) })),
  previewTag: ({ core }, named) =>
    durable(core, () => {
      const on = placeOf(core, named);
      return 'ok' in on ? on : found<'previewTag'>(previewOf(core, on));
    }),
  selectMeter: ({ core, who }, { meter, release }) => {
    if (!core.meters.has(meter)) return notFound('meter');
    if (release) core.selections.release(meter, who.operator);
    const by = release ? core.selections.other(meter, who.operator) : core.selections.select(meter, who.operator);
    return found<'selectMeter'>({ by, mine: by === who.operator });
  },
};

function previewOf(core: Core, on: Tag['on']): OpResult<'previewTag'> {
  let [opens, open, silent] = [0, 0, 0];
  const kept: OpResult<'previewTag'>['protected'] = [];
  for (const meter of core.tags.meters(on)) {
    const state = core.meters.get(meter)?.state;
    const seen = seenOf(core, meter);
    if (!state?.config?.hasBreaker || !seen) continue;
    if (seen.wanted === 'open') {
      open += 1;
      continue;
    }
    opens += 1;
    if (seen.actual === 'unknown') silent += 1;
    const { room } = state.place;
    const why = state.causes.keepPower ? 'keepPower' : state.config.role === 'tenant' ? null : 'public';
    const roomName = room === null ? null : (core.directory.rooms.get(room)?.name ?? null);
    if (why !== null) kept.push({ meter, roomName, why });
  }
  return { opens, open, silent, protected: kept };
}
