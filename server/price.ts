/** `npm run -s price -- --tariff T.json --readings R.csv`: the bill as JSON, exact decimals as strings. */
import { createReadStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse';
import { mistakesOf, mistakeText } from '../protocol/mistake.ts';
import { bands, tariffSchema, type Tariff } from '../protocol/tariff.ts';
import { InvariantError } from './domain/assert.ts';
import { LocalTime } from './domain/localTime.ts';
import { parseQuantity } from './domain/quantity.ts';
import { Billing, ReadingError, type BillReading } from './domain/tariff/bill.ts';

const USAGE = `usage: npm run -s price -- --tariff T.json --readings R.csv [options]

  R.csv has the columns time (ISO with offset), meter, index (decimal kWh or m³), in any order; of each meter in order
  of time. Meters that share tiers are counted in the order of the rows. Columns that may be added: room (for tiers
  counted per room), and the meter's band registers ${bands.join(', ')}, all five, where its own schedule is the
  tariff's. Other columns are ignored.
  T.json is described by npm run -s schema -- tariff.

  --time-zone Z         the site's, default Asia/Shanghai
  --multiplier N        CT × PT, default 1
  --tier-use-before Q   kWh or m³ counted already in the tier period of the first reading, default 0
  --freshness-minutes N a split over a longer interval is marked estimated, default 5
  --heads N             persons of the household
  --opened DATE         local day on which the account was opened, YYYY-MM-DD`;

class UsageError extends Error {}

function wholeOption(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+(\.0+)?$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${name}: ${JSON.stringify(text)}: expected a whole number from ${least} on`);
  return value;
}

function readOptions(): ReturnType<typeof parsedOptions> {
  try {
    return parsedOptions();
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

function parsedOptions() {
  return parseArgs({
    options: {
      tariff: { type: 'string' },
      readings: { type: 'string' },
      'time-zone': { type: 'string', default: 'Asia/Shanghai' },
      multiplier: { type: 'string', default: '1' },
      'tier-use-before': { type: 'string', default: '0' },
      'freshness-minutes': { type: 'string', default: '5' },
      heads: { type: 'string', default: '0' },
      opened: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

function readTariff(path: string): Tariff {
  let input: unknown;
  try {
    input = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw error instanceof Error ? new UsageError(`${path}: ${error.message}`) : error;
  }
  const parsed = tariffSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    mistakesOf(parsed.error, input)
      .map((mistake) => `${path}: ${mistakeText(mistake)}`)
      .join('\n'),
  );
}

/** Row by row, so that a file may be larger than memory. */
async function bill(billing: Billing, path: string): Promise<void> {
  const rows = parse({ bom: true, trim: true, relax_column_count: true, skip_records_with_empty_values: true });
  // What fails is thrown by the loop below.
  pipeline(createReadStream(path), rows, () => undefined);
  let read: ((cells: string[], row: number) => BillReading) | null = null;
  let row = 0;
  for await (const cells of rows as AsyncIterable<string[]>) {
    if (read) billing.add(read(cells, (row += 1)));
    else read = readerOf(cells);
  }
  if (!read) throw new UsageError('empty: expected a first line with the columns time, meter, index');
}

function readerOf(header: readonly string[]): (cells: string[], row: number) => BillReading {
  const at = (column: string): number => header.indexOf(column);
  const twice = header.find((name, i) => name !== '' && at(name) !== i);
  if (twice !== undefined) throw new UsageError(`the first line has the column "${twice}" twice`);
  const needed = ['time', 'meter', 'index'];
  const registers = bands.some((band) => header.includes(band));
  for (const column of registers ? [...needed, ...bands] : needed)
    if (at(column) === -1)
      throw new UsageError(`the first line has no column "${column}" (found: ${header.join(', ')})`);
  return (cells, row) => {
    if (cells.length !== header.length)
      throw new UsageError(`row ${row}: ${cells.length} cells: expected ${header.length}, as in the first line`);
    const cell = (column: string): string => cells[at(column)] ?? '';
    return {
      ...{ time: cell('time'), meter: cell('meter'), index: cell('index') },
      ...(at('room') === -1 ? {} : { room: cell('room') }),
      ...(registers ? { bands: bands.map(cell) } : {}),
    };
  };
}

async function main(): Promise<void> {
  const values = readOptions();
  if (values.help) return void process.stdout.write(`${USAGE}\n`);
  const { tariff: tariffPath, readings, opened = null } = values;
  if (tariffPath === undefined || readings === undefined) throw new UsageError(USAGE);
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(values['tier-use-before']))
    throw new UsageError(`--tier-use-before: ${JSON.stringify(values['tier-use-before'])}: expected decimal kWh or m³`);
  if (opened !== null && !/^\d{4}-\d{2}-\d{2}$/.test(opened))
    throw new UsageError(`--opened: ${JSON.stringify(opened)}: expected YYYY-MM-DD`);
  const billing = new Billing(readTariff(tariffPath), zoneOf(values['time-zone']), {
    multiplier: wholeOption('multiplier', values.multiplier, 1),
    tierUseBefore: parseQuantity(values['tier-use-before']),
    freshnessMs: wholeOption('freshness-minutes', values['freshness-minutes'], 0) * 60_000,
    heads: wholeOption('heads', values.heads, 0),
    openedDay: opened,
  });
  try {
    await bill(billing, readings);
  } catch (error) {
    const isInput = error instanceof ReadingError || error instanceof UsageError || error instanceof InvariantError;
    // A CsvError and what the file system refuses have codes.
    if (isInput || (error instanceof Error && 'code' in error)) throw new UsageError(`${readings}: ${error.message}`);
    throw error;
  }
  process.stdout.write(`${JSON.stringify(billing.print(), null, 2)}\n`);
}

function zoneOf(text: string): string {
  try {
    return new LocalTime(text).zone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--time-zone: ${JSON.stringify(text)}: expected an IANA zone, such as "Asia/Shanghai"`);
  }
}

// The reader may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
try {
  await main();
} catch (error) {
  const text = error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}
