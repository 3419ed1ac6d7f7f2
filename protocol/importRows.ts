/** Rooms and meters as rows of a table: the columns of the import, its template and its export. */
import { z } from 'zod';
import { meterSchema, profileNames, roomSchema } from './site.ts';

export const importColumns = [
  ...(['building', 'buildingName', 'floor', 'floorName', 'room', 'roomName', 'areaM2', 'heads'] as const),
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

export const rowErrorSchema = z.strictObject({ column: z.enum(importColumns), message: z.string() });
export type RowError = z.infer<typeof rowErrorSchema>;
export const rowOutcomeSchema = z.strictObject({
  /** What importing it does; null while it has errors. */
  effect: z.enum(['new', 'changed', 'same']).nullable(),
  errors: z.array(rowErrorSchema),
});
export type RowOutcome = z.infer<typeof rowOutcomeSchema>;

const whole = z
  .string()
  .regex(/^\d{1,9}$/, 'a whole number')
  .transform(Number);
const cell = {
  building: roomSchema.shape.id,
  floor: roomSchema.shape.id,
  room: roomSchema.shape.id,
  areaM2: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,2})?$/, 'square metres, such as "42.5"')
    .transform(Number),
  heads: whole,
  meter: meterSchema.shape.id,
  line: meterSchema.shape.line,
  unitId: whole.pipe(z.int().min(1).max(247)),
  profile: z.enum(profileNames),
  number: z.string().regex(/^\d{1,12}$/, 'up to 12 digits'),
  role: z.enum(['tenant', 'public', 'main']),
  upstream: meterSchema.shape.id,
  tariff: meterSchema.shape.tariff,
  ct: whole.pipe(z.int().min(1).max(9999)),
  pt: whole.pipe(z.int().min(1).max(9999)),
  rating: whole.pipe(z.int().min(1)),
  pollIntervalMs: whole.pipe(z.int().min(500)),
} as const;

type Meter = z.infer<typeof meterSchema>;
/** Empty cells are absent: what is there already stays as it is, what is new gets the usual value. */
export type ParsedRow = {
  readonly building: { readonly id: string; readonly name?: string };
  readonly floor: { readonly id: string; readonly name?: string };
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
    errors.push({ column, message: result.error.issues[0]?.message ?? 'wrong' });
    return undefined;
  };
  const needed = <C extends keyof typeof cell>(column: C): z.infer<(typeof cell)[C]> | undefined => {
    if (row[column].trim() === '') errors.push({ column, message: 'missing' });
    return read(column);
  };
  const building = needed('building');
  const floor = needed('floor');
  const isPublic = row.meter.trim() !== '' && row.role.trim() !== '' && row.role.trim() !== 'tenant';
  const room = isPublic ? read('room') : needed('room');
  const areaM2 = read('areaM2');
  const heads = read('heads');
  const hasMeter = row.meter.trim() !== '';
  const meter = hasMeter
    ? given({
        ...{ id: needed('meter'), line: needed('line'), unitId: needed('unitId'), profile: needed('profile') },
        ...{ number: read('number'), role: read('role'), tariff: needed('tariff'), ct: read('ct'), pt: read('pt') },
        ...{ rating: read('rating'), pollIntervalMs: read('pollIntervalMs'), room, upstream: read('upstream') },
      })
    : null;
  if (errors.length > 0 || building === undefined || floor === undefined) return { parsed: null, errors };
  const nameOf = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim().slice(0, 80));
  return {
    errors,
    // Nothing needed was missing: what may be undefined is what may be left out.
    parsed: {
      building: given({ id: building, name: nameOf(row.buildingName) }),
      floor: given({ id: floor, name: nameOf(row.floorName) }),
      room: room === undefined ? null : given({ id: room, name: nameOf(row.roomName), areaM2, heads }),
      meter,
    } as ParsedRow,
  };
}
