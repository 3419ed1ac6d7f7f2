/** A made-up site for screens: any size, every look of a tile somewhere, the same each time. */
import type { Layout, Tile, UtilityTile } from '../../protocol/wall.ts';

export const NOW_MS = Date.parse('2025-07-15T14:20:30+08:00');
const MINUTE_MS = 60_000;
export const yuan = (amount: number): number => Math.round(amount * 100) * 10_000;

/** mulberry32: small, seeded, good enough to look random. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Size = { readonly buildings: number; readonly floors: number; readonly rooms: number };
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const tenants = [
  "Wang's Tea House",
  '李记面馆',
  'Harbour Optics',
  '晨光文具店',
  'Zhou Family',
  '青禾诊所',
  'Blue Kite Studio',
];
export const LONG_NAME = '长江路滨江国际商业广场一期东区裙楼三层三零七号商铺及其附属仓库与设备间壹号单元铺';

export const roomId = (building: number, floor: number, room: number): string =>
  `${letters[building]}-${String(floor).padStart(2, '0')}${String(room).padStart(2, '0')}`;

export function makeLayout({ buildings, floors, rooms }: Size): Layout {
  return {
    site: { id: 'riverside', name: 'Riverside Plaza', timeZone: 'Asia/Shanghai' },
    buildings: Array.from({ length: buildings }, (_b, b) => ({
      id: `b${b + 1}`,
      name: `Building ${letters[b]}`,
      floors: Array.from({ length: floors }, (_f, f) => ({
        id: `b${b + 1}-f${floors - f}`,
        name: String(floors - f).padStart(2, '0'),
        rooms: Array.from({ length: rooms }, (_r, r) => {
          const id = roomId(b, floors - f, r + 1);
          return { id, name: id };
        }),
      })),
    })),
  };
}

export const part = (meter: string, change: Partial<UtilityTile> = {}): UtilityTile => ({
  meter,
  look: 'breaker',
  wanted: 'closed',
  actual: 'closed',
  cause: 'normal',
  hold: null,
  mismatchSinceMs: null,
  link: 'online',
  lastReadingMs: NOW_MS - 12_000,
  rate: 640,
  today: 6_420,
  todayMicro: yuan(4.21),
  quarantined: false,
  ...change,
});

/** Balance in yuan. */
export function money(room: string, balance: number, hoursLeft: number | null) {
  const level = balance < 0 ? 3 : balance < 20 ? 2 : balance < 50 ? 1 : 0;
  const exhausted = balance <= 0;
  return { wallet: `w-${room}`, balanceMicro: yuan(balance), level, levels: 3, hoursLeft, exhausted, temporary: false };
}

export function plainTile(building: string, room: string): Tile {
  return {
    room,
    building,
    tenant: "Wang's Tea House",
    operating: null,
    electricity: part(`e-${room}`),
    water: part(`w-${room}`, { rate: 12, today: 130, todayMicro: yuan(0.62) }),
    money: money(room, 186.4, 92),
    waterMoney: null,
    alarm: 0,
  };
}

/** A believable mix: mostly quiet, a few of everything. */
export function mixedTile(building: string, room: string, random: () => number): Tile {
  const tile = plainTile(building, room);
  const q = random();
  const balance = Math.round((60 + random() * 380) * 100) / 100;
  const tenant = tenants[Math.floor(random() * tenants.length)] ?? null;
  const base: Tile = { ...tile, tenant, money: money(room, balance, 4 + random() * 260) };
  const electricity = part(`e-${room}`, { rate: Math.round(random() * 3200) });
  if (q < 0.02) {
    const out = part(`e-${room}`, { wanted: 'open', actual: 'open', cause: 'moneyExhausted', rate: 0 });
    return { ...base, electricity: out, money: money(room, -0.42, 0) };
  }
  if (q < 0.05) return { ...base, electricity, money: money(room, 6 + random() * 12, 3 + random() * 20) };
  if (q < 0.08) return { ...base, electricity, money: money(room, 22 + random() * 26, 20 + random() * 50) };
  if (q < 0.09)
    return {
      ...base,
      electricity: { ...electricity, link: 'stale', lastReadingMs: NOW_MS - 44 * MINUTE_MS, rate: null },
    };
  if (q < 0.095) {
    const unconfirmed = part(`e-${room}`, {
      wanted: 'open',
      mismatchSinceMs: NOW_MS - 40_000,
      cause: 'moneyExhausted',
    });
    return { ...base, electricity: unconfirmed, money: money(room, -1.1, 0), alarm: 0 };
  }
  if (q < 0.1)
    return {
      ...base,
      electricity: { ...electricity, actual: 'unknown', link: 'never', lastReadingMs: null, rate: null },
    };
  if (q < 0.13)
    return {
      ...base,
      tenant: null,
      electricity: part(`e-${room}`, { look: 'notOpened', cause: 'noAccount', rate: 0 }),
      water: null,
      money: null,
    };
  if (q < 0.14)
    return { ...base, tenant: null, electricity: part(`e-${room}`, { look: 'public' }), water: null, money: null };
  if (q < 0.15) return { ...base, electricity: { ...electricity, look: 'noRelay' } };
  return { ...base, electricity };
}

export function makeTiles(layout: Layout, seed = 7): Tile[] {
  const random = seeded(seed);
  return layout.buildings.flatMap(({ id, floors }) =>
    floors.flatMap(({ rooms }) => rooms.map((room) => mixedTile(id, room.id, random))),
  );
}
