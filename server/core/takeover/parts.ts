/** How what was signed is kept: a record for each part of its accounts. */
import { z } from 'zod';
import { takenAccountSchema } from '../../../protocol/takeover.ts';

export const takeoverPartSchema = z.object({ accounts: z.array(takenAccountSchema) });
