/** What meters keep: read, compared, written, verified. */
import { z } from 'zod';
import { parameterNames, parametersViewSchema, parameterValuesSchema } from '../parameters.ts';
import { engineers, everyone, field, id, ok, op, reason } from './op.ts';

export const parametersOps = {
  getParameters: op({
    kind: 'query',
    method: 'GET',
    path: '/api/meters/{meter}/parameters',
    who: everyone,
    summary: 'What a meter keeps, as last read, beside what is wanted',
    params: z.strictObject({ meter: id }),
    result: parametersViewSchema,
  }),
  readParameters: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/parameters/read',
    who: field,
    summary: 'Read what a meter keeps: all of it, or what is named',
    params: z.strictObject({ meter: id, names: z.array(z.enum(parameterNames)).min(1).optional() }),
    result: ok,
  }),
  writeParameters: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/parameters/write',
    who: engineers,
    reauth: true,
    summary: 'Write values into a meter and read each back; CT and PT only as the platform has them, by a manager',
    params: z
      .strictObject({ meter: id, values: parameterValuesSchema, reason })
      .refine(({ values }) => Object.keys(values).length > 0, { path: ['values'], message: 'one at least' }),
    result: ok,
  }),
  cancelParameters: op({
    kind: 'command',
    method: 'POST',
    path: '/api/meters/{meter}/parameters/cancel',
    who: engineers,
    summary: 'Neither read nor write what still waits',
    params: z.strictObject({ meter: id }),
    result: ok,
  }),
} as const;
