/** Operators. */
import { z } from 'zod';
import { operatorSchema } from '../site.ts';
import { operatorViewSchema } from '../views.ts';
import { admins, op } from './op.ts';

export const peopleOps = {
  getOperators: op({
    kind: 'query',
    method: 'GET',
    path: '/api/operators',
    who: admins,
    summary: 'Operators and their roles',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(operatorViewSchema) }),
  }),
  addOperator: op({
    kind: 'command',
    method: 'POST',
    path: '/api/operators',
    who: admins,
    summary: 'Add an operator',
    params: z.strictObject({ ...operatorSchema.shape }),
    result: operatorViewSchema,
  }),
} as const;
