/** Answers about risers. */
import type { Riser } from '../../../protocol/risers.ts';
import { durable, found, type Answers } from './answer.ts';

export const riserAnswers: Answers<'getRisers'> = {
  getRisers: ({ core }) =>
    durable(core, () =>
      found<'getRisers'>({
        items: core.directory
          .all('riser')
          .flatMap(({ removed, ...riser }): Riser[] => (removed ? [] : [riser]))
          .sort((a, b) => a.name.localeCompare(b.name, 'zh', { numeric: true })),
      }),
    ),
};
