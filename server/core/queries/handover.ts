/** Answers about handing a shift over. */
import { handoverSchema } from '../../../protocol/handover.ts';
import { handoverSheet } from '../handoverSheet.ts';
import { durable, found, pageOf, type Answers } from './answer.ts';

export const handoverAnswers: Answers<'getHandover' | 'getHandovers'> = {
  getHandover: ({ core }) =>
    durable(core, () => found<'getHandover'>({ now: handoverSheet(core), waiting: core.handovers.state.waiting })),
  getHandovers: async ({ core }, page) =>
    found<'getHandovers'>(await pageOf(core, { kind: 'handover', index: 'all' }, page, handoverSchema)),
};
