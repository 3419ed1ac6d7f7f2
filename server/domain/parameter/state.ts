/** What is durable of a meter's parameters: as last read, as wanted, and what is being written. */
import { z } from 'zod';
import {
  CLOCK_TOLERANCE_S,
  parameterNames,
  parameterStateParts,
  parameterValuesSchema,
  type ParameterName,
  type ParameterValues,
} from '../../../protocol/parameters.ts';
import { assertNever } from '../assert.ts';
import { sameJson } from '../sameJson.ts';

const { name, writing, last } = parameterStateParts;

export const parametersEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ParametersRead'), values: parameterValuesSchema, atMs: z.int() }),
  z.strictObject({
    ...{ type: z.literal('ParameterWriteAsked'), values: parameterValuesSchema, writing },
    /** A plan of load and time control asks, and goes on asking; absent: somebody or something else. */
    plan: z.literal(true).optional(),
  }),
  z.strictObject({ type: z.literal('ParameterWriteEnded'), name, last }),
]);
export type ParametersEvent = z.infer<typeof parametersEventSchema>;

export const parametersStateSchema = z.strictObject({
  /** As last read, and when each was. */
  values: parameterValuesSchema,
  readMs: z.partialRecord(name, z.int()),
  /** As last asked to be written. */
  wanted: parameterValuesSchema,
  /** Those a plan of load and time control has asked last; absent: none. */
  planned: z.partialRecord(name, z.literal(true)).optional(),
  writing: z.partialRecord(name, writing),
  last: z.partialRecord(name, last),
});
export type ParametersState = z.infer<typeof parametersStateSchema>;
export const PARAMETERS_SCHEMA = 1;
export const initialParameters: ParametersState = { values: {}, readMs: {}, wanted: {}, writing: {}, last: {} };

export function evolveParameters(state: ParametersState, event: ParametersEvent): ParametersState {
  switch (event.type) {
    case 'ParametersRead': {
      const names = namesOf(event.values);
      const readMs = { ...state.readMs, ...Object.fromEntries(names.map((each) => [each, event.atMs])) };
      return { ...state, values: { ...state.values, ...event.values }, readMs };
    }
    case 'ParameterWriteAsked': {
      const names = namesOf(event.values);
      const writing = { ...state.writing, ...Object.fromEntries(names.map((each) => [each, event.writing])) };
      const { planned: before = {}, ...rest } = state;
      const others = Object.entries(before).filter(([each]) => !names.some((own) => own === each));
      const planned = Object.fromEntries([...others, ...(event.plan ? names.map((each) => [each, true]) : [])]);
      return {
        ...{ ...rest, wanted: { ...state.wanted, ...event.values }, writing },
        ...(Object.keys(planned).length > 0 && { planned }),
      };
    }
    case 'ParameterWriteEnded': {
      const { [event.name]: _ended, ...writing } = state.writing;
      return { ...state, writing, last: { ...state.last, [event.name]: event.last } };
    }
    default:
      return assertNever(event);
  }
}

export const namesOf = (values: ParameterValues): ParameterName[] =>
  parameterNames.filter((each) => values[each] !== undefined);

export function sameValue(name: ParameterName, value: unknown, wanted: unknown): boolean {
  if (name === 'clock') return typeof value === 'number' && Math.abs(value) <= CLOCK_TOLERANCE_S;
  return sameJson(value, wanted);
}
