import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkSite } from '../../server/core/importSite.ts';

it('accepts the example of a site file as it stands', () => {
  const example: unknown = JSON.parse(
    readFileSync(new URL('../../protocol/site.example.json', import.meta.url), 'utf8'),
  );
  expect(checkSite(example)).toMatchObject({ ok: true });
});
