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
  tariff: meterSchema.shape.tariff,
  ct: whole.pipe(z.int().min(1).max(9999)),
  pt: whole.pipe(z.int().min(1).max(9999)),
  rating: whole.pipe(z.int().min(1)),
  pollIntervalMs: whole.pipe(z.int().min(500)),
} as const;

export type ParsedRow = {
  readonly building: { readonly id: string; readonly name: string };
  readonly floor: { readonly id: string; readonly name: string };
  readonly room: z.infer<typeof roomSchema> | null;
  readonly meter: Omit<
    z.infer<typeof meterSchema>,
    'utility' | 'wallet' | 'freshnessMs' | 'hasBreaker' | 'bandsFromMeter'
  > | null;
};

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
    ? {
        ...{ id: needed('meter'), line: needed('line'), unitId: needed('unitId'), profile: needed('profile') },
        ...{ number: read('number'), role: read('role') ?? 'tenant', tariff: needed('tariff') },
        ...{ ct: read('ct') ?? 1, pt: read('pt') ?? 1, rating: read('rating') ?? 15_000 },
        pollIntervalMs: read('pollIntervalMs') ?? 15_000,
      }
    : null;
  if (errors.length > 0 || building === undefined || floor === undefined) return { parsed: null, errors };
  const name = (text: string, id: string): string => (text.trim() === '' ? id : text.trim().slice(0, 80));
  return {
    errors,
    parsed: {
      building: { id: building, name: name(row.buildingName, building) },
      floor: { id: floor, name: name(row.floorName, floor) },
      room:
        room === undefined
          ? null
          : {
              ...{ id: room, name: name(row.roomName, room) },
              ...(areaM2 === undefined ? {} : { areaM2 }),
              ...(heads === undefined ? {} : { heads }),
            },
      meter: meter && ({ ...meter, ...(room === undefined ? {} : { room }) } as ParsedRow['meter']),
    },
  };
}
