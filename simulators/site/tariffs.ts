/** The tariffs of a generated site. Amounts of the notices where the sources give them, ours where they do not. */
import type { SiteFileInput } from '../../protocol/site.ts';

type Tariff = SiteFileInput['tariffs'][number];

export const tariffIds = {
  shop: 'shop-tou',
  residential: 'residential',
  public: 'public-flat',
  water: 'water-household',
  waterShop: 'water-shop',
} as const;

/** Five bands after Zhejiang notice 2026/112, 2.05 : 1.85 : 1 : 0.4 : 0.2, on a flat price of 0.65 (ours); a fund. */
const shop: Tariff = {
  id: tariffIds.shop,
  name: '商铺分时 Shop time of use',
  utility: 'electricity',
  holidays: {
    '2026-10-01': 'holiday',
    '2026-10-02': 'holiday',
    '2026-10-03': 'holiday',
    '2027-01-01': 'holiday',
    '2027-05-01': 'holiday',
    '2027-10-01': 'holiday',
  },
  versions: [
    {
      from: '2025-01-01T00:00',
      calendar: [
        {
          months: [1, 2, 7, 8, 12],
          days: ['holiday'],
          starts: [
            ['00:00', 'valley'],
            ['08:00', 'flat'],
            ['09:00', 'deep'],
            ['15:00', 'flat'],
          ],
        },
        {
          months: [1, 2, 7, 8, 12],
          starts: [
            ['00:00', 'valley'],
            ['08:00', 'flat'],
            ['11:00', 'valley'],
            ['13:00', 'peak'],
            ['18:00', 'sharp'],
            ['22:00', 'flat'],
          ],
        },
        {
          days: ['holiday'],
          starts: [
            ['00:00', 'valley'],
            ['07:00', 'flat'],
            ['09:00', 'deep'],
            ['15:00', 'flat'],
          ],
        },
        {
          starts: [
            ['00:00', 'valley'],
            ['07:00', 'flat'],
            ['11:00', 'valley'],
            ['14:00', 'flat'],
            ['16:00', 'peak'],
            ['23:00', 'flat'],
          ],
        },
      ],
      components: [
        {
          name: 'energy',
          prices: { sharp: '1.3325', peak: '1.2025', flat: '0.6500', valley: '0.2600', deep: '0.1300' },
        },
        { name: 'fund', price: '0.0292' },
      ],
    },
  ],
};

/** Zhejiang residential: peak and valley, additive yearly tiers at 2760 and 4800 kWh. */
const residential: Tariff = {
  id: tariffIds.residential,
  name: '居民阶梯分时 Residential',
  utility: 'electricity',
  versions: [
    {
      from: '2025-01-01T00:00',
      calendar: [
        {
          starts: [
            ['00:00', 'valley'],
            ['08:00', 'peak'],
            ['22:00', 'valley'],
          ],
        },
      ],
      components: [{ name: 'energy', prices: { peak: '0.5680', valley: '0.2880' } }],
      tiers: { per: 'year', starts: '01-01', edges: [{ above: ['2760', '4800'] }], add: ['0', '0.05', '0.30'] },
    },
  ],
};

const publicFlat: Tariff = {
  id: tariffIds.public,
  name: '公共用电 Public areas',
  utility: 'electricity',
  versions: [{ from: '2025-01-01T00:00', components: [{ name: 'energy', price: '0.5464' }] }],
};

/** Beijing household water: 5, 7 and 9 yuan, of which resource fee and sewage stay the same. */
const water: Tariff = {
  id: tariffIds.water,
  name: '居民用水 Household water',
  utility: 'water',
  versions: [
    {
      from: '2025-01-01T00:00',
      components: [
        { name: 'water', byTier: ['2.07', '4.07', '6.07'] },
        { name: 'resource', price: '1.57' },
        { name: 'sewage', price: '1.36' },
      ],
      tiers: { per: 'year', starts: '01-01', edges: [{ above: ['180', '260'] }] },
    },
  ],
};

const waterShop: Tariff = {
  id: tariffIds.waterShop,
  name: '商铺用水 Shop water',
  utility: 'water',
  versions: [{ from: '2025-01-01T00:00', components: [{ name: 'water', price: '6.00' }] }],
};

export const tariffs: readonly Tariff[] = [shop, residential, publicFlat, water, waterShop];
