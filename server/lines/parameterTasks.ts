/** Reading and writing one parameter, as pure programs of exclusive tasks. */
import type { ParameterValues } from '../../protocol/parameters.ts';
import { decodeParameter, encodeParameter } from './parameterCodec.ts';
import type { ParameterSpec } from './profiles/parameters.ts';
import type { TaskAnswer, TaskStep } from './tasks.ts';

/** Absent inside: the registers hold no such value. Null: the meter refuses to say (exception code). */
export type ParameterRead = { readonly value: ParameterValues | null; readonly exception: number | null };

const read = ({ address, count }: ParameterSpec) => ({ do: 'read', fn: 3, address, count, mayRefuse: true }) as const;

const readOf = (spec: ParameterSpec, answer: TaskAnswer, localNowMs: number): ParameterRead =>
  answer.exception === null
    ? { value: decodeParameter(spec, answer.registers, localNowMs), exception: null }
    : { value: null, exception: answer.exception };

/** `localNow`: asked when the answer is here. */
export const readProgram =
  (spec: ParameterSpec, localNow: () => number) =>
  ([answer]: readonly TaskAnswer[]): TaskStep<ParameterRead> =>
    answer === undefined ? read(spec) : { do: 'done', result: readOf(spec, answer, localNow()) };

/** Writes, and reads back: an acknowledgement proves nothing. */
export const writeProgram =
  (spec: ParameterSpec, values: ParameterValues, localNow: () => number) =>
  ([written, back]: readonly TaskAnswer[]): TaskStep<ParameterRead> => {
    if (written === undefined)
      return { do: 'write', fn: 16, address: spec.address, values: encodeParameter(spec, values, localNow()) };
    return back === undefined ? read(spec) : { do: 'done', result: readOf(spec, back, localNow()) };
  };
