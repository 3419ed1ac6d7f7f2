/** Risers: which there are, and setting them up. */
import { z } from 'zod';
import { riserSchema } from '../risers.ts';
import { admins, everyone, id, ok, op } from './op.ts';

export const risersOps = {
  getRisers: op({
    kind: 'query',
    method: 'GET',
    path: '/api/risers',
    who: everyone,
    scope: 'filtered',
    summary: 'Risers with their rooms and meters',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(riserSchema) }),
  }),
  saveRiser: op({
    kind: 'command',
    method: 'POST',
    path: '/api/risers',
    who: admins,
    scope: 'site',
    summary: 'Add a riser, or change its name, rooms and meters',
    params: z.strictObject({ isNew: z.boolean(), ...riserSchema.shape }),
    result: z.strictObject({ id: z.string() }),
  }),
  removeRiser: op({
    kind: 'command',
    method: 'POST',
    path: '/api/risers/{riser}/remove',
    who: admins,
    scope: 'site',
    summary: 'Take back a riser on which no work tag hangs',
    params: z.strictObject({ riser: id }),
    result: ok,
  }),
} as const;
