/** Answers about work tags, and taking a breaker in hand. */
import { durable, found, notFound, type Answers } from './answer.ts';

export const tagAnswers: Answers<'getTags' | 'selectMeter'> = {
  getTags: ({ core }) => durable(core, () => found<'getTags'>({ items: Object.values(core.tags.state.tags) })),
  selectMeter: ({ core, who }, { meter, release }) => {
    if (!core.meters.has(meter)) return notFound('meter');
    if (release) core.selections.release(meter, who.operator);
    const by = release ? core.selections.other(meter, who.operator) : core.selections.select(meter, who.operator);
    return found<'selectMeter'>({ by, mine: by === who.operator });
  },
};
