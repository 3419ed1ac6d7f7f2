/** `npm run -s price -- --tariff T.json --readings R.csv`: the bill as JSON, exact decimals as strings. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { tariffSchema } from '../protocol/tariff.ts';
import { InvariantError } from './domain/assert.ts';
import { LocalTime } from './domain/localTime.ts';
import { parseQuantity } from './domain/quantity.ts';
import { billReadings, ReadingError, type BillReading } from './domain/tariff/bill.ts';

const USAGE =
  'usage: npm run -s price -- --tariff T.json --readings R.csv [--time-zone Asia/Shanghai] [--multiplier 1] [--tier-use-before 0]';

class UsageError extends Error {}

function readCsv(path: string): BillReading[] {
  const rows = readFileSync(path, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((row) => row.trim() !== '');
  const header = (rows[0] ?? '').split(',').map((name) => name.trim().replaceAll('"', ''));
  const columns = ['time', 'meter', 'index'] as const;
  for (const column of columns)
    if (!header.includes(column))
      throw new UsageError(`${path}: the first line has no column "${column}" (found: ${header.join(', ')})`);
  return rows.slice(1).map((row, i) => {
    const cells = row.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    if (cells.length !== header.length)
      throw new UsageError(`${path}: row ${i + 1} has ${cells.length} cells, the header ${header.length}`);
    const cell = (column: (typeof columns)[number]): string => cells[header.indexOf(column)] ?? '';
    return { time: cell('time'), meter: cell('meter'), index: cell('index') };
  });
}

function readTariff(path: string): ReturnType<typeof tariffSchema.parse> {
  const parsed = tariffSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new UsageError(
    parsed.error.issues.map((issue) => `${path}: ${issue.path.join('.')}: expected ${issue.message}`).join('\n'),
  );
}

function main(): void {
  const { values } = parseArgs({
    options: {
      tariff: { type: 'string' },
      readings: { type: 'string' },
      'time-zone': { type: 'string', default: 'Asia/Shanghai' },
      multiplier: { type: 'string', default: '1' },
      'tier-use-before': { type: 'string', default: '0' },
    },
  });
  if (!values.tariff || !values.readings) throw new UsageError(USAGE);
  const multiplier = Number(values.multiplier);
  if (!Number.isSafeInteger(multiplier) || multiplier < 1)
    throw new UsageError(`--multiplier ${values.multiplier}: expected a whole number from 1 on`);
  const { zone } = new LocalTime(values['time-zone']);
  const bill = billReadings(readTariff(values.tariff), zone, readCsv(values.readings), {
    multiplier,
    tierUseBefore: parseQuantity(values['tier-use-before']),
  });
  process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
}

try {
  main();
} catch (error) {
  const expected =
    error instanceof UsageError ||
    error instanceof ReadingError ||
    error instanceof InvariantError ||
    error instanceof RangeError ||
    error instanceof SyntaxError ||
    (error instanceof Error && 'code' in error);
  process.stderr.write(`${error instanceof Error ? (expected ? error.message : error.stack) : String(error)}\n`);
  process.exitCode = 1;
}
