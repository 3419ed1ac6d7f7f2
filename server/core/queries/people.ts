/** Answers about operators. */
import { durable, found, type Answers } from './answer.ts';

export const peopleAnswers: Answers<'getOperators'> = {
  getOperators: ({ core }) =>
    durable(core, () =>
      found<'getOperators'>({
        items: core.directory
          .all('operator')
          .map(({ name, displayName, role, disabled }) => ({ name, displayName, role, disabled })),
      }),
    ),
};
