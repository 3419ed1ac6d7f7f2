/** The JSON Schema that editors use says what the product accepts, and every field what it means. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tariffSchema } from '../../protocol/tariff.ts';
import { workedBills } from './workedBills.ts';

const schema = z.toJSONSchema(tariffSchema, { io: 'input' });
const accepts = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
const whole = {
  ...{ id: 't', name: 't', utility: 'electricity', holidays: { '2026-10-01': 'holiday', '2026-10-10': 'mon' } },
  versions: [
    {
      from: '2026-01-01T00:00',
      calendar: [
        { months: [11, 12, 1], days: ['sat', 'holiday'], starts: [['23:00', 'deep']] },
        { starts: [['00:00', 'valley']] },
      ],
      components: [
        { name: 'energy', prices: { valley: '0.3', deep: '0.1' } },
        { name: 'fund', byTier: ['0.1', { valley: '0.2', deep: '0.1' }] },
      ],
      tiers: {
        ...{ per: 'year', starts: '02-29', countedPer: 'room', newTenant: 'takesOver', opening: 'byMonths' },
        ...{ edges: [{ months: [7], above: [] }, { above: ['10'] }], add: ['0', '0.05'] },
        household: [{ heads: 5, more: '1200' }],
      },
    },
  ],
};
type Spoil = [title: string, path: (string | number)[], value: unknown];
const spoils: Spoil[] = [
  ['an unknown field', ['colour'], 'red'],
  ['a price that is a number', ['versions', 0, 'components', 0, 'prices', 'valley'], 0.3],
  ['seven decimals', ['versions', 0, 'components', 0, 'prices', 'valley'], '0.1234567'],
  ['a band of no name', ['versions', 0, 'components', 0, 'prices', 'shoulder'], '0.3'],
  ['a time past midnight', ['versions', 0, 'calendar', 1, 'starts', 0, 0], '24:00'],
  ['month 13', ['versions', 0, 'calendar', 0, 'months', 0], 13],
  ['a holiday that is no date', ['holidays', '2026-02-30'], 'holiday'],
  ['no components', ['versions', 0, 'components'], []],
  ['an edge of four decimals', ['versions', 0, 'tiers', 'edges', 1, 'above', 0], '1.0001'],
  ['a household of none', ['versions', 0, 'tiers', 'household', 0, 'heads'], 0],
];

describe('the JSON Schema of a tariff', () => {
  it('accepts what the product accepts', () => {
    for (const input of [whole, ...workedBills().map(({ tariff }) => tariff)]) {
      expect(tariffSchema.safeParse(input).error?.issues).toBeUndefined();
      expect(accepts(JSON.parse(JSON.stringify(input)))).toBe(true);
    }
  });

  it.each(spoils)('refuses %s, as the product does', (_title, path, value) => {
    const input = structuredClone(whole);
    let at: Record<string | number, unknown> = input;
    for (const part of path.slice(0, -1)) at = at[part] as Record<string | number, unknown>;
    at[path.at(-1) ?? ''] = value;
    expect(tariffSchema.safeParse(input).success).toBe(false);
    expect(accepts(input)).toBe(false);
  });

  it('says of every field what it means', () => {
    const mute: string[] = [];
    const walk = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [name, one] of Object.entries((node as { properties?: object }).properties ?? {}))
        if (!('description' in (one as object)) && !['id', 'name'].includes(name)) mute.push(`${path}.${name}`);
      for (const [key, one] of Object.entries(node)) walk(one, `${path}.${key}`);
    };
    walk(schema, '');
    expect(mute).toEqual([]);
  });
});
