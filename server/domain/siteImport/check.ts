/** What rows of rooms and meters come to: each against the site as it is, and all of them against each other. */
import {
  parseRow,
  type ImportColumn,
  type ImportRow,
  type ParsedRow,
  type RowError,
  type RowOutcome,
} from '../../../protocol/importRows.ts';
import { editableOfMeter } from '../../../protocol/ops/setup.ts';
import { meterSchema, type MeterConfig } from '../../../protocol/site.ts';
import type { ConfigValue } from '../config.ts';
import { models } from '../meter/models.ts';
import { meterMistake, tagMistake, type Surroundings } from '../meter/surroundings.ts';
import type { TreeMeter } from '../meter/tree.ts';
import { sameJson } from '../sameJson.ts';

export type SiteNow = Surroundings & {
  /** Those taken back are no more. */
  readonly floor: (id: string) => ConfigValue<'floor'> | undefined;
  readonly floorOfRoom: (room: string) => string | undefined;
};

/** A row and what it comes to on this site. */
export type CheckedRow = RowOutcome & { readonly parsed: ParsedRow | null; readonly config: MeterConfig | null };

/** Takes the rows of a table in their order, some at a time: many would hold up whoever waits. */
export class RowChecker {
  readonly #site: SiteNow;
  readonly #rows: ReadonlyMap<string, TreeMeter>;
  readonly #among = new Among();
  #row = 0;

  /** `rows`: the whole table, for what hangs behind meters further down. */
  constructor(site: SiteNow, rows: readonly ImportRow[]) {
    this.#rows = new Map(rows.flatMap((row) => treeMeter(site, row)));
    this.#site = { ...site, treeMeter: (id) => this.#rows.get(id) ?? site.treeMeter(id) };
  }

  next(row: ImportRow): CheckedRow {
    const at = this.#row;
    this.#row += 1;
    const { parsed, errors } = parseRow(row);
    if (!parsed) return { effect: null, errors: [...errors], parsed, config: null };
    const { meter } = parsed;
    const before = meter && this.#site.meter(meter.id);
    const config = meter && meterSchema.parse({ ...before, ...meter, utility: models[meter.profile].utility });
    const found = [
      ...placeErrors(this.#site, parsed),
      ...this.#among.errors(parsed, at),
      ...(config === null ? [] : meterErrors(this.#site, config)),
    ];
    const effect = found.length > 0 ? null : effectOf(this.#site, parsed, config);
    return { effect, errors: found, parsed, config };
  }
}

/** As the row has it, or as it hangs already. */
function treeMeter(site: SiteNow, row: ImportRow): [string, TreeMeter][] {
  const { meter } = parseRow(row).parsed ?? {};
  if (!meter) return [];
  const upstream = meter.upstream ?? site.treeMeter(meter.id)?.upstream;
  return [[meter.id, { id: meter.id, utility: models[meter.profile].utility, upstream }]];
}

function placeErrors(site: SiteNow, { building, floor, room }: ParsedRow): RowError[] {
  const errors: RowError[] = [];
  const known = floor && site.floor(floor.id);
  if (known && known.building !== building?.id)
    errors.push({ column: 'floor', mistake: 'floorElsewhere', about: known.building });
  const place = room && site.floorOfRoom(room.id);
  if (place && place !== floor?.id) errors.push({ column: 'room', mistake: 'roomElsewhere', about: place });
  return errors;
}

function meterErrors(site: SiteNow, config: MeterConfig): RowError[] {
  const before = site.meter(config.id);
  const wrong = meterMistake(site, config, true) ?? tagMistake(site, config);
  if (wrong)
    return [{ column: wrong.field, mistake: wrong.mistake, ...(wrong.about !== undefined && { about: wrong.about }) }];
  if (!before) return [];
  const editable: readonly string[] = editableOfMeter;
  const columns = ['profile', 'role', 'tariff', 'ct', 'pt', 'room'] as const;
  return columns.flatMap((column) =>
    !editable.includes(column) && !sameJson(config[column], before[column])
      ? [{ column, mistake: 'fixed' as const, about: String(before[column] ?? '') }]
      : [],
  );
}

/** What the rows before have said: a place lies in one place and has one name and size, a meter and an address stand once. */
class Among {
  readonly #said = new Map<string, string>();

  errors({ building, floor, room, meter }: ParsedRow, row: number): RowError[] {
    const errors: RowError[] = [];
    const same = (key: string, value: string | number | undefined, column: ImportColumn, elsewhere = false): void => {
      if (value === undefined) return;
      const first = this.#said.get(key);
      if (first === undefined) this.#said.set(key, String(value));
      else if (first !== String(value))
        errors.push({
          column,
          mistake: elsewhere ? `${column as 'floor' | 'room'}Elsewhere` : 'differs',
          about: first,
        });
    };
    const once = (key: string, column: ImportColumn, mistake: 'meterTwice' | 'addressTwice'): void => {
      const first = this.#said.get(key);
      if (first === undefined) this.#said.set(key, String(row + 1));
      else errors.push({ column, mistake, about: first });
    };
    if (building) same(`name of building ${building.id}`, building.name, 'buildingName');
    if (floor) {
      same(`building of ${floor.id}`, building?.id, 'floor', true);
      same(`name of floor ${floor.id}`, floor.name, 'floorName');
    }
    if (room) {
      same(`floor of ${room.id}`, floor?.id, 'room', true);
      same(`name of room ${room.id}`, room.name, 'roomName');
      same(`area of ${room.id}`, room.areaM2, 'areaM2');
      same(`heads of ${room.id}`, room.heads, 'heads');
      same(`tags of ${room.id}`, room.tags?.join(), 'tags');
    }
    if (meter) {
      once(`meter ${meter.id}`, 'meter', 'meterTwice');
      once(`address ${meter.line} ${meter.unitId}`, 'unitId', 'addressTwice');
    }
    return errors;
  }
}

type Room = ConfigValue<'floor'>['rooms'][number];
/** The room as it is with what the row says; a new one is named by its id unless the row names it. */
export const roomAfter = (before: Room | undefined, { id, ...said }: NonNullable<ParsedRow['room']>): Room => ({
  ...{ name: id, ...before, id },
  ...said,
});

function effectOf(site: SiteNow, { room: said, floor }: ParsedRow, config: MeterConfig | null): RowOutcome['effect'] {
  const knownRoom = floor && site.floor(floor.id)?.rooms.find((one) => one.id === said?.id);
  const room = said && roomAfter(knownRoom ?? undefined, said);
  const knownMeter = config && site.meter(config.id);
  if ((room && !knownRoom) || (config && !knownMeter)) return 'new';
  const same = (!room || sameJson(room, knownRoom)) && (!config || sameJson(config, knownMeter));
  return same ? 'same' : 'changed';
}

/** Each row with the names that any row gives its building and floor: whichever comes first, they are called so. */
export function named(rows: readonly ImportRow[]): ImportRow[] {
  const names = new Map<string, string>();
  for (const { building, buildingName, floor, floorName } of rows) {
    if (buildingName.trim() !== '') names.set(`building ${building.trim()}`, buildingName);
    if (floorName.trim() !== '') names.set(`floor ${floor.trim()}`, floorName);
  }
  return rows.map((row) => ({
    ...row,
    buildingName: names.get(`building ${row.building.trim()}`) ?? '',
    floorName: names.get(`floor ${row.floor.trim()}`) ?? '',
  }));
}
