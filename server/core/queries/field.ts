/** What a search of a line has found so far. */
import { durable, found, notFound, type Answers } from './answer.ts';

export const fieldAnswers: Answers<'getScan'> = {
  getScan: ({ core }, { line }) =>
    core.directory.get('line', line)
      ? durable(core, () => found<'getScan'>({ scan: core.scans.view(line) }))
      : notFound('line'),
};
