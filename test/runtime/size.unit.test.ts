import { describe, expect, it } from 'vitest';
import { jsonSize } from '../../server/runtime/size.ts';

describe('the size of a value', () => {
  it.each([
    [{ type: 'IndexNoted', anchor: { index: 1_000, atMs: 1_780_275_630_000, bands: [1, 2, 3, 4] } }],
    [{ note: '"'.repeat(500), by: null, done: true }],
    [[]],
  ])('is about that of its JSON, and never a third less', (value) => {
    expect(jsonSize(value)).toBeGreaterThan((JSON.stringify(value).length * 2) / 3);
  });
});
