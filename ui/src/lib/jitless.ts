/** Imported before any schema is made: the gateway's policy allows no code written at run time, not even the probe for it. */
import { z } from 'zod';

z.config({ jitless: true });
