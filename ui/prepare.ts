/** Before `npm start`: a clean clone has no control room yet. */
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensureBuilt.ts';

await ensureBuilt(fileURLToPath(new URL('..', import.meta.url)));
