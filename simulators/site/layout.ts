/** Which buildings, floors and rooms there are, and what each room is used as. */
import type { LoadName } from '../loads.ts';
import type { Random } from '../random.ts';
import { commercialNames, officeNames, personName, pick, residentialNames, shopNames } from './names.ts';

export const ROOMS_A_FLOOR = 20;
export const FLOORS_A_BUILDING = 6;

export type Use = 'shop' | 'office' | 'flat' | 'dormitory';

export type PlannedRoom = {
  readonly id: string;
  readonly name: string;
  readonly use: Use;
  readonly areaM2: number;
  readonly heads: number;
  /** Null while nobody rents it. */
  readonly tenant: string | null;
  readonly load: LoadName;
  readonly factor: number;
  /** Larger rooms have three phases, the largest through current transformers. */
  readonly supply: 'onePhase' | 'threePhase' | 'transformers';
  readonly water: boolean;
};

export type PlannedBuilding = {
  readonly code: string;
  readonly name: string;
  readonly kind: 'commercial' | 'residential';
  readonly floors: readonly { readonly id: string; readonly name: string; readonly rooms: readonly PlannedRoom[] }[];
};

/** Buildings of 6 floors with 20 rooms, commercial and residential in turn; the last ones are cut short. */
export function layOut(rooms: number, random: Random): PlannedBuilding[] {
  const perBuilding = ROOMS_A_FLOOR * FLOORS_A_BUILDING;
  return Array.from({ length: Math.ceil(rooms / perBuilding) }, (_, i) =>
    building(i, Math.min(perBuilding, rooms - i * perBuilding), random),
  );
}

function building(index: number, rooms: number, random: Random): PlannedBuilding {
  const kind = index % 2 === 0 ? 'commercial' : 'residential';
  const code = index < 26 ? String.fromCharCode(65 + index) : `T${index + 1}`;
  const names = kind === 'commercial' ? commercialNames : residentialNames;
  const round = Math.floor(index / 2);
  const name = `${names[round % names.length] ?? ''}${round < names.length ? '' : ` ${code}`}`;
  const floors = Array.from({ length: Math.ceil(rooms / ROOMS_A_FLOOR) }, (_, f) => ({
    id: `${code}-F${f + 1}`,
    name: `${f + 1}F`,
    rooms: Array.from({ length: Math.min(ROOMS_A_FLOOR, rooms - f * ROOMS_A_FLOOR) }, (_room, n) =>
      room(`${code}${f + 1}${String(n + 1).padStart(2, '0')}`, useOf(kind, f), n, random),
    ),
  }));
  return { code, name, kind, floors };
}

function useOf(kind: PlannedBuilding['kind'], floor: number): Use {
  if (kind === 'commercial') return floor < 4 ? 'shop' : 'office';
  return floor < 3 ? 'flat' : 'dormitory';
}

const VACANT_SHARE = 0.08;

function room(id: string, use: Use, n: number, random: Random): PlannedRoom {
  const vacant = random() < VACANT_SHARE;
  const size = random();
  const base = { id, name: id, use, tenant: vacant ? null : tenantOf(use, random) };
  switch (use) {
    case 'shop': {
      const anchor = n === 0;
      return {
        ...base,
        areaM2: anchor ? 420 : Math.round(30 + 60 * size),
        heads: 0,
        load: vacant ? 'empty' : n % 7 === 3 ? 'nightShop' : 'shop',
        factor: anchor ? 6 : round(0.4 + 0.8 * size),
        supply: anchor ? 'transformers' : 'onePhase',
        water: n % 8 === 1,
      };
    }
    case 'office': {
      const supply = n % 2 === 0 ? 'threePhase' : 'onePhase';
      const load = vacant ? 'empty' : 'office';
      return {
        ...base,
        areaM2: Math.round(60 + 120 * size),
        heads: 0,
        load,
        factor: round(0.5 + size),
        supply,
        water: false,
      };
    }
    case 'flat': {
      const load = vacant ? 'empty' : 'flat';
      const heads = vacant ? 0 : 1 + Math.floor(random() * 4);
      return {
        ...base,
        areaM2: Math.round(45 + 50 * size),
        heads,
        load,
        factor: round(0.7 + 0.6 * size),
        supply: 'onePhase',
        water: n % 2 === 0,
      };
    }
    case 'dormitory': {
      const load = vacant ? 'empty' : 'dormitory';
      const heads = vacant ? 0 : 2 + Math.floor(random() * 5);
      return {
        ...base,
        areaM2: Math.round(22 + 10 * size),
        heads,
        load,
        factor: round(0.7 + 0.6 * size),
        supply: 'onePhase',
        water: n % 10 === 5,
      };
    }
  }
}

function tenantOf(use: Use, random: Random): string {
  switch (use) {
    case 'shop':
      return pick(shopNames, random);
    case 'office':
      return pick(officeNames, random);
    case 'flat':
    case 'dormitory':
      return personName(random);
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
