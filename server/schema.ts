/** `npm run -s schema -- site|tariff`: the JSON Schema of a file that people write. */
import { z } from 'zod';
import { siteFileSchema } from '../protocol/site.ts';
import { tariffSchema } from '../protocol/tariff.ts';

const schemas = { site: siteFileSchema, tariff: tariffSchema };
const name = process.argv[2];
if (name === 'site' || name === 'tariff') {
  process.stdout.write(`${JSON.stringify(z.toJSONSchema(schemas[name], { io: 'input' }), null, 2)}\n`);
} else {
  process.stderr.write('usage: npm run -s schema -- site|tariff\n');
  process.exitCode = 1;
}
