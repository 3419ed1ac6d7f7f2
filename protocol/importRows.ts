/** Rooms and meters as rows of a table: the columns of the import, its template and its export; what can be wrong with one. */
import { z } from 'zod';
import { meterSchema, profileNames, roomSchema } from './site.ts';

export const importColumns = [
  ...(['building', 'buildingName', 'floor', 'floorName', 'room', 'roomName', 'areaM2', 'heads', 'tags'] as const),
  ...([
    'meter',
    'line',
    'unitId',
    'profile',
    'number',
    'role',
    'upstream',
    'tariff',
    'ct',
    'pt',
    'rating',
    'pollIntervalMs',
  ] as const),
] as const;
export type ImportColumn = (typeof importColumns)[number];

/** Cells as text; empty for none. A row without a meter is a room alone. */
export const importRowSchema = z.strictObject(
  Object.fromEntries(importColumns.map((column) => [column, z.string().max(120).default('')])) as Record<
    ImportColumn,
    z.ZodDefault<z.ZodString>
  >,
);
export type ImportRow = z.infer<typeof importRowSchema>;

/** What can be wrong with a cell; the control room has the words. */
export const rowMistakes = [
  ...([
    'missing',
    'id',
    'whole',
    'area',
    'tags',
    'unitId',
    'profile',
    'number',
    'role',
    'factor',
    'positive',
    'poll',
  ] as const),
  /** `about`: the number of the row that has it, from 1 without the head. */
  ...(['meterTwice', 'addressTwice'] as const),
  /** `about`: what it is, on the site or in a row before. */
  ...(['floorElsewhere', 'roomElsewhere', 'differs', 'fixed', 'addressTaken', 'tariffUtility'] as const),
  ...(['noLine', 'noRoom', 'roomNeeded', 'profileUtility', 'noTariff', 'workTag'] as const),
  ...(['upstreamSelf', 'noUpstream', 'upstreamUtility', 'upstreamCircle'] as const),
] as const;
export type RowMistake = (typeof rowMistakes)[number];

export const rowErrorSchema = z.strictObject({
  column: z.enum(importColumns),
  mistake: z.enum(rowMistakes),
  about: z.string().optional(),
});
export type RowError = z.infer<typeof rowErrorSchema>;
export const rowOutcomeSchema = z.strictObject({
  /** What importing it does; null while it has errors. */
  effect: z.enum(['new', 'changed', 'same']).nullable(),
  errors: z.array(rowErrorSchema),
});
export type RowOutcome = z.infer<typeof rowOutcomeSchema>;

/** Tags as people write them into one field. */
export const tagsOf = (text: string): string[] =>
  [...new Set(text.split(/[,，;；]/).map((tag) => tag.trim()))].filter((tag) => tag !== '');

const whole = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const cell = {
  building: roomSchema.shape.id,
  floor: roomSchema.shape.id,
  room: roomSchema.shape.id,
  areaM2: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,2})?$/)
    .transform(Number)
    .pipe(z.number().positive()),
  heads: whole,
  tags: z.string().transform(tagsOf).pipe(roomSchema.shape.tags.unwrap()),
  meter: meterSchema.shape.id,
  line: meterSchema.shape.line,
  unitId: whole.pipe(meterSchema.shape.unitId),
  profile: z.enum(profileNames),
  number: z.string().regex(/^\d{1,12}$/),
  role: z.enum(['tenant', 'public', 'main']),
  upstream: meterSchema.shape.id,
  tariff: meterSchema.shape.tariff,
  ct: whole.pipe(z.int().min(1).max(9999)),
  pt: whole.pipe(z.int().min(1).max(9999)),
  rating: whole.pipe(z.int().min(1)),
  pollIntervalMs: whole.pipe(z.int().min(500)),
} as const;
const mistakeOf: Readonly<Record<keyof typeof cell, RowMistake>> = {
  ...{ building: 'id', floor: 'id', room: 'id', areaM2: 'area', heads: 'whole', tags: 'tags', meter: 'id', line: 'id' },
  ...{
    unitId: 'unitId',
    profile: 'profile',
    number: 'number',
    role: 'role',
    upstream: 'id',
    tariff: 'id',
    ct: 'factor',
    pt: 'factor',
  },
  ...{ rating: 'positive', pollIntervalMs: 'poll' },
};

type Meter = z.infer<typeof meterSchema>;
type Place = { readonly id: string; readonly name?: string };
/** Empty cells are absent: what is there already stays as it is, what is new gets the usual value. */
export type ParsedRow = {
  readonly building: Place | null;
  readonly floor: Place | null;
  readonly room: ({ readonly id: string } & Partial<z.infer<typeof roomSchema>>) | null;
  readonly meter:
    | (Pick<Meter, 'id' | 'line' | 'unitId' | 'profile' | 'tariff'> &
        Partial<Pick<Meter, 'number' | 'role' | 'ct' | 'pt' | 'rating' | 'pollIntervalMs' | 'room' | 'upstream'>>)
    | null;
};

/** Without what is undefined. */
const given = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

/** What a row says by itself; references are for who knows the site. */
export function parseRow(row: ImportRow): { readonly parsed: ParsedRow | null; readonly errors: readonly RowError[] } {
  const errors: RowError[] = [];
  const read = <C extends keyof typeof cell>(column: C): z.infer<(typeof cell)[C]> | undefined => {
    const text = row[column].trim();
    if (text === '') return undefined;
    const result = cell[column].safeParse(text);
    if (result.success) return result.data as z.infer<(typeof cell)[C]>;
    errors.push({ column, mistake: mistakeOf[column] });
    return undefined;
  };
  const needed = <C extends keyof typeof cell>(column: C): z.infer<(typeof cell)[C]> | undefined => {
    if (row[column].trim() === '') errors.push({ column, mistake: 'missing' });
    return read(column);
  };
  const hasMeter = row.meter.trim() !== '';
  const isPublic = hasMeter && row.role.trim() !== '' && row.role.trim() !== 'tenant';
  // A main or public meter need not stand in a building.
  const placed = !isPublic || [row.building, row.floor, row.room].some((text) => text.trim() !== '');
  const building = placed ? needed('building') : undefined;
  const floor = placed ? needed('floor') : undefined;
  const room = isPublic ? read('room') : needed('room');
  const areaM2 = read('areaM2');
  const heads = read('heads');
  const tags = read('tags');
  const meter = hasMeter
    ? given({
        ...{ id: needed('meter'), line: needed('line'), unitId: needed('unitId'), profile: needed('profile') },
        ...{ number: read('number'), role: read('role'), tariff: needed('tariff'), ct: read('ct'), pt: read('pt') },
        ...{ rating: read('rating'), pollIntervalMs: read('pollIntervalMs'), room, upstream: read('upstream') },
      })
    : null;
  if (errors.length > 0) return { parsed: null, errors };
  const nameOf = (text: string): string | undefined =>
    text.trim() === '' ? undefined : text.trim().slice(0, 80).trim();
  return {
    errors,
    // Nothing needed was missing: what may be undefined is what may be left out.
    parsed: {
      building: building === undefined ? null : given({ id: building, name: nameOf(row.buildingName) }),
      floor: floor === undefined ? null : given({ id: floor, name: nameOf(row.floorName) }),
      room: room === undefined ? null : given({ id: room, name: nameOf(row.roomName), areaM2, heads, tags }),
      meter,
    } as ParsedRow,
  };
}
