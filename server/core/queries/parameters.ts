/** What a meter keeps, as last read. */
import { durable, found, notFound, type Answers } from './answer.ts';

export const parameterAnswers: Answers<'getParameters'> = {
  getParameters: ({ core }, { meter }) =>
    core.meters.get(meter)?.state.config
      ? durable(core, () => found<'getParameters'>(core.parameters.view(meter)))
      : notFound('meter'),
};
