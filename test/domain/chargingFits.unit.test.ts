/** Why a water meter that keeps m³ cannot follow a tariff, each reason for itself. */
import { describe, expect, it } from 'vitest';
import { versionSchema } from '../../protocol/tariff.ts';
import { reasonsAgainst } from '../../server/domain/charging/fits.ts';

const meter = { ct: 1, pt: 1, hasBreaker: true };
const keepsLitres = { priceUnitMicro: 10_000, keeps: 'litres' } as const;
const reasons = (version: object) =>
  reasonsAgainst(meter, versionSchema.parse({ from: '2026-01-01T00:00', ...version }), {}, keepsLitres);

describe('a meter that keeps m³', () => {
  it('takes one price', () => {
    expect(reasons({ components: [{ name: 'water', price: '2.8' }] })).toEqual([]);
  });

  it('is refused tiers as tiers, and bands as bands', () => {
    const tiers = { per: 'month', countedPer: 'meter', edges: [{ above: ['20'] }] };
    expect(reasons({ tiers, components: [{ name: 'water', byTier: ['2.8', '4.2'] }] })).toEqual(['tiers']);
    const calendar = [
      {
        starts: [
          ['00:00', 'valley'],
          ['08:00', 'peak'],
        ],
      },
    ];
    const components = [{ name: 'water', prices: { peak: '4.2', valley: '2.8' } }];
    expect(reasons({ calendar, components })).toEqual(['bands']);
  });
});
