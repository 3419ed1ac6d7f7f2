/** One room with a water meter that keeps m³. */
import { flatTariff, plainSite } from './siteInMemory.ts';

export type Version = ReturnType<typeof flatTariff>['versions'][number];
export const waterSite = (price = '2.8000', later: readonly Version[] = []): ReturnType<typeof plainSite> => {
  const plain = plainSite(1);
  const meters = plain.meters.map((meter) => ({
    ...meter,
    ...{ profile: 'xintai-valve-water' as const, utility: 'water' as const, tariff: 't-water' },
  }));
  const flat = flatTariff('water', price);
  return { ...plain, meters, accounts: [], tariffs: [{ ...flat, versions: [...flat.versions, ...later] }] };
};
