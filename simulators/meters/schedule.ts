/** The band schedule inside an Acrel meter: date zones choose a day table, its slots choose the rate. */

/** Rate codes 1 sharp, 2 peak, 3 flat, 4 valley (HIGH), 5 deep valley (MED). */
export const rate = { sharp: 1, peak: 2, flat: 3, valley: 4, deepValley: 5 } as const;

type Slot = readonly [code: number, hour: number, minute: number];

const DAY_TABLE_BYTES = 42; // 14 slots of 3 bytes
const ZONE_BYTES = 12; // 4 triples

/** Slot bytes are rate, minute, hour (minute first); unused slots stay zero. */
export function dayTable(slots: readonly Slot[]): number[] {
  const bytes = slots.flatMap(([code, hour, minute]) => [code, minute, hour]);
  return [...bytes, ...new Array<number>(DAY_TABLE_BYTES - bytes.length).fill(0)];
}

/** Zone bytes are month, day, plan: one of two published orders (the other: plan, day, month). */
export function zoneTable(zones: readonly (readonly [month: number, day: number, plan: number])[]): number[] {
  const bytes = zones.flat();
  return [...bytes, ...new Array<number>(ZONE_BYTES - bytes.length).fill(0)];
}

/** Local time as epoch ms read as if UTC. A meter without a usable table counts everything as flat. */
export function rateAt(zones: readonly number[], tables: readonly (readonly number[])[], localMs: number): number {
  const date = new Date(localMs);
  const today = (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  const starts = triples(zones)
    .filter(([month]) => month > 0)
    .map(([month, day, plan]) => ({ start: month * 100 + day, plan }))
    .sort((a, b) => a.start - b.start);
  // Before the first zone of the year the last one of the year before still holds.
  const zone = starts.findLast((candidate) => candidate.start <= today) ?? starts.at(-1);
  const table = zone === undefined ? undefined : tables[zone.plan - 1];
  if (table === undefined) return rate.flat;
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes();
  const slots = triples(table)
    .filter(([code]) => code > 0)
    .map(([code, slotMinute, hour]) => ({ code, start: hour * 60 + slotMinute }));
  return (slots.findLast((slot) => slot.start <= minute) ?? slots.at(-1))?.code ?? rate.flat;
}

function triples(bytes: readonly number[]): (readonly [number, number, number])[] {
  return Array.from({ length: Math.floor(bytes.length / 3) }, (_, i) => [
    bytes[3 * i] ?? 0,
    bytes[3 * i + 1] ?? 0,
    bytes[3 * i + 2] ?? 0,
  ]);
}

/** Zhejiang, after notice 2026/112: sharp 18-22 in summer and winter; the hours the notice leaves open are ours. */
export const zhejiangTables = [
  dayTable([
    [rate.valley, 0, 0],
    [rate.flat, 8, 0],
    [rate.valley, 11, 0],
    [rate.peak, 13, 0],
    [rate.sharp, 18, 0],
    [rate.flat, 22, 0],
  ]),
  dayTable([
    [rate.valley, 0, 0],
    [rate.flat, 7, 0],
    [rate.valley, 11, 0],
    [rate.flat, 14, 0],
    [rate.peak, 16, 0],
    [rate.flat, 23, 0],
  ]),
];

export const zhejiangZones = zoneTable([
  [3, 1, 2],
  [7, 1, 1],
  [9, 1, 2],
  [12, 1, 1],
]);
