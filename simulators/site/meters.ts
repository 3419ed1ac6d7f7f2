/** Which meter hangs where: two descriptions of one thing, for the site file and for the simulated fleet. */
import type { SiteFileInput } from '../../protocol/site.ts';
import { loadProfileOf } from './loadOf.ts';
import type { Model } from '../meters/meter.ts';
import type { PlannedMeter } from '../plan.ts';
import { seedOf } from '../random.ts';
import type { PlannedBuilding, PlannedRoom } from './layout.ts';
import { tariffIds } from './tariffs.ts';

export type SiteMeter = SiteFileInput['meters'][number];

/** One meter, not yet on a line. */
export type Draft = {
  readonly id: string;
  readonly model: Model;
  readonly utility: 'electricity' | 'water';
  readonly role: 'tenant' | 'public' | 'main';
  readonly room: PlannedRoom | null;
  /** The meter it hangs behind. */
  readonly upstream: string | null;
  readonly tariff: string;
  readonly wallet: string | null;
  readonly ct: number;
  /** W or litres an hour. */
  readonly rating: number;
};

export function walletId(room: PlannedRoom, utility: Draft['utility']): string {
  return utility === 'electricity' ? `w-${room.id}` : `w-${room.id}-water`;
}

export function draftsOf(building: PlannedBuilding): Draft[] {
  const rooms = building.floors.flatMap((floor) => floor.rooms);
  return [...mains(building), ...rooms.flatMap((room) => roomDrafts(room, mainOf(building)))];
}

const mainOf = ({ code }: PlannedBuilding): string => `${code}-main`;

function mains(building: PlannedBuilding): Draft[] {
  const common = { utility: 'electricity', room: null, wallet: null, tariff: tariffIds.public, ct: 1 } as const;
  const id = mainOf(building);
  const main: Draft = { ...common, id, model: 'sdm630', role: 'main', upstream: null, rating: 1_000_000 };
  // A part of a building small enough for one floor has a single public meter.
  const names = building.floors.length > 1 ? ['lift', 'corridor', 'pump', 'outdoor'] : ['corridor'];
  const publics = names.map((name): Draft => {
    const own = { id: `${building.code}-${name}`, model: 'sdm120', rating: 15_000 } as const;
    return { ...common, ...own, role: 'public', upstream: id };
  });
  return [main, ...publics];
}

const tariffOf = {
  shop: tariffIds.shop,
  office: tariffIds.shop,
  flat: tariffIds.residential,
  dormitory: tariffIds.residential,
} as const;

function roomDrafts(room: PlannedRoom, main: string): Draft[] {
  const wallet = (utility: Draft['utility']): string | null => (room.tenant === null ? null : walletId(room, utility));
  const electricity: Draft = {
    id: `E-${room.id}`,
    model: room.supply === 'onePhase' ? 'ddsy1352' : 'dtsy1352',
    utility: 'electricity',
    role: 'tenant',
    room,
    upstream: main,
    tariff: tariffOf[room.use],
    wallet: wallet('electricity'),
    ct: room.supply === 'transformers' ? 20 : 1,
    rating: room.supply === 'transformers' ? 150_000 : room.supply === 'threePhase' ? 45_000 : 22_000,
  };
  if (!room.water) return [electricity];
  const water: Draft = {
    id: `W-${room.id}`,
    model: 'xintai',
    utility: 'water',
    role: 'tenant',
    room,
    upstream: null,
    tariff: room.use === 'shop' ? tariffIds.waterShop : tariffIds.water,
    wallet: wallet('water'),
    ct: 1,
    rating: 3_000,
  };
  return [electricity, water];
}

const profileOf = {
  ddsy1352: 'acrel-ddsy1352',
  dtsy1352: 'acrel-dtsy1352',
  sdm120: 'eastron-sdm120',
  sdm630: 'eastron-sdm630',
  xintai: 'xintai-valve-water',
} as const satisfies Record<Model, SiteMeter['profile']>;

export type Place = { readonly line: string; readonly unitId: number; readonly pollIntervalMs: number };

/** Eastron meters carry no number that can be read, and no breaker. */
export function siteMeter(draft: Draft, place: Place): SiteMeter {
  const eastron = draft.model === 'sdm120' || draft.model === 'sdm630';
  return {
    id: draft.id,
    line: place.line,
    unitId: place.unitId,
    profile: profileOf[draft.model],
    ...(eastron ? {} : { number: numberOf(draft) }),
    utility: draft.utility,
    ...(draft.room === null ? {} : { room: draft.room.id }),
    role: draft.role,
    ...(draft.upstream === null ? {} : { upstream: draft.upstream }),
    ...(draft.wallet === null ? {} : { wallet: draft.wallet }),
    tariff: draft.tariff,
    ct: draft.ct,
    pt: 1,
    rating: draft.rating,
    pollIntervalMs: place.pollIntervalMs,
    hasBreaker: !eastron,
  };
}

export function plannedMeter(draft: Draft, place: Place, seed: number): PlannedMeter {
  const own = (seedOf(draft.id) ^ seed) >>> 0;
  return {
    id: draft.id,
    model: draft.model,
    unitId: place.unitId,
    number: numberOf(draft),
    load: loadProfileOf(draft, own),
    ...(draft.upstream === null ? {} : { upstream: draft.upstream }),
    pt: 1,
    ct: draft.ct,
    startIndex: draft.utility === 'water' ? own % 400_000 : 1_000_000 + (own % 20_000_000),
    faults: {},
  };
}

/** Twelve digits, unlike for unlike ids as far as a hash goes. */
function numberOf(draft: Draft): string {
  const year = draft.utility === 'water' ? '24' : '23';
  return `${year}${String(seedOf(draft.id)).padStart(10, '0')}`;
}
