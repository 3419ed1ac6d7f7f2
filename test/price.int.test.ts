import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { workedBills } from './domain/workedBills.ts';

const dir = mkdtempSync(join(tmpdir(), 'wattroom-price-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function price(
  tariff: unknown,
  csv: string,
  ...more: string[]
): { status: number | null; stdout: string; stderr: string } {
  writeFileSync(join(dir, 'T.json'), JSON.stringify(tariff));
  writeFileSync(join(dir, 'R.csv'), csv);
  const args = [
    '--disable-warning=ExperimentalWarning',
    'server/price.ts',
    '--tariff',
    join(dir, 'T.json'),
    '--readings',
    join(dir, 'R.csv'),
    ...more,
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stdout, stderr };
}
const csvOf = (readings: readonly { time: string; meter: string; index: string }[], end = '\n'): string =>
  ['time,meter,index', ...readings.map(({ time, meter, index }) => `${time},${meter},${index}`)].join(end);
const bill = (id: string): ReturnType<typeof workedBills>[number] => workedBills().find((one) => one.id === id)!;

describe('npm run price', () => {
  it.each(['zhejiang-over-an-edge', 'beijing-water', 'current-transformer', 'clock-goes-back'])(
    'prints the worked bill %s',
    (id) => {
      const { tariff, readings, timeZone, multiplier = '1', tierUseBefore = '0', expect: expected } = bill(id);
      const { status, stdout } = price(
        tariff,
        csvOf(readings),
        '--time-zone',
        timeZone,
        '--multiplier',
        multiplier,
        '--tier-use-before',
        tierUseBefore,
      );
      expect(status).toBe(0);
      const printed = JSON.parse(stdout);
      expect(Number(printed.total)).toBe(Number(expected.total));
      expect(
        printed.lines
          .map((line: { band: string; tier: number; quantity: string }) => [
            line.band,
            line.tier,
            Number(line.quantity),
          ])
          .sort(),
      ).toEqual(expected.lines.map((line) => [line.band, line.tier, Number(line.quantity)]).sort());
    },
  );

  it('takes a byte order mark, CRLF and columns in any order', () => {
    const { tariff, readings } = bill('flat');
    const rows = readings.map(({ time, meter, index }) => `${index},${meter},${time}`);
    const { status, stdout } = price(tariff, `\uFEFF${['index,meter,time', ...rows].join('\r\n')}\r\n`);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).total).toBe('2.617200');
  });

  it('takes quoted cells with commas and quotes, blank lines, other columns, and times of other offsets', () => {
    const rows = [
      '"time","meter","index","remark"',
      '',
      '"2026-03-01T22:00:00+08:00","room 1, left","100.00","a ""new"" one"',
      '   ',
      '2026-03-01T18:00:00.000Z,"room 1, left",104,',
      ',,,',
    ];
    const { status, stdout } = price(bill('flat').tariff, `\uFEFF${rows.join('\r\n')}\r\n`);
    expect(status).toBe(0);
    const { lines, total } = JSON.parse(stdout);
    expect(total).toBe('2.617200');
    expect(lines[0].meter).toBe('room 1, left');
  });

  it('a header alone is a bill of nothing', () => {
    const { status, stdout } = price(bill('flat').tariff, 'time,meter,index');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ lines: [], total: '0.000000' });
  });

  it('takes band registers for proportions, and marks as estimated only what was spread by time', () => {
    const { tariff: banded } = bill('zhejiang-first-tier');
    const use = (csv: string): unknown =>
      JSON.parse(price(banded, csv).stdout).lines.map(
        (line: { band: string; quantity: string; estimated: boolean }) => [line.band, line.quantity, line.estimated],
      );
    const [from, to] = ['2026-01-10T07:00:00+08:00', '2026-01-10T09:00:00+08:00'];
    expect(use(`time,meter,index\n${from},m,0\n${to},m,1`)).toEqual([
      ['valley', '0.5', true],
      ['peak', '0.5', true],
    ]);
    const registers = 'time,meter,index,sharp,peak,flat,valley,deep';
    expect(use(`${registers}\n${from},m,0,0,0,0,0,0\n${to},m,1,0,0.9,0,0.1,0`)).toEqual([
      ['valley', '0.1', false],
      ['peak', '0.9', false],
    ]);
  });

  const { tariff } = bill('flat');
  it.each([
    [
      'a step back',
      'time,meter,index\n2026-03-01T00:00:00+08:00,m,5\n2026-03-01T01:00:00+08:00,m,4',
      /row 2, index: "4"/,
    ],
    ['a time without offset', 'time,meter,index\n2026-03-01T00:00:00,m,5', /row 1, time: "2026-03-01T00:00:00"/],
    ['too many decimals', 'time,meter,index\n2026-03-01T00:00:00Z,m,5.1234', /row 1, index: "5.1234"/],
    ['30 February', 'time,meter,index\n2026-02-30T00:00:00Z,m,5', /row 1, time: "2026-02-30T00:00:00Z"/],
    [
      'a time before the last one',
      'time,meter,index\n2026-03-02T00:00:00Z,m,5\n2026-03-01T00:00:00Z,m,6',
      /row 2, time: "2026-03-01T00:00:00Z": expected not earlier than the one before of the same meter/,
    ],
    ['no meter', 'time,meter,index\n2026-03-01T00:00:00Z,,5', /row 1, meter: ""/],
    ['a row too short', 'time,meter,index\n2026-03-01T00:00:00Z,m', /row 1: 2 cells: expected 3/],
    ['a quote left open', 'time,meter,index\n2026-03-01T00:00:00Z,"m,5', /Quote Not Closed/],
    ['an empty file', '', /R\.csv: empty: expected a first line/],
    ['a column twice', 'time,meter,index,time', /column "time" twice/],
    ['some band registers of five', 'time,meter,index,peak', /no column "sharp"/],
    ['a missing column', 'time,index\n2026-03-01T00:00:00Z,5', /no column "meter"/],
    [
      'use before the first version',
      'time,meter,index\n2020-03-01T00:00:00Z,m,5\n2020-03-02T00:00:00Z,m,6',
      /row 1, time: "2020-03-01T00:00:00Z": expected not before 2026-01-01T00:00/,
    ],
  ])('says what is wrong: %s', (_what, csv, message) => {
    const { status, stdout, stderr } = price(tariff, csv);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  it.each([
    ['an option that is none', ['--bogus'], /--bogus/],
    ['a zone that is none', ['--time-zone', 'Mars/Phobos'], /--time-zone: "Mars\/Phobos": expected an IANA zone/],
    ['a multiplier of halves', ['--multiplier', '1.5'], /--multiplier: "1.5": expected a whole number/],
    ['a file that is not there', ['--readings', '/nowhere/R.csv'], /^\/nowhere\/R\.csv: ENOENT/],
  ])('says what is wrong: %s', (_what, options, message) => {
    const { status, stderr } = price(tariff, 'time,meter,index', ...options);
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  it('says what is wrong in a tariff, with its path', () => {
    const wrong = {
      ...tariff,
      versions: [{ ...tariff.versions[0], components: [{ name: 'energy', price: '0.12345678' }] }],
    };
    expect(price(wrong, 'time,meter,index').stderr).toMatch(
      /T\.json: versions\[0\]\.components\[0\]\.price: "0\.12345678": expected decimal yuan per kWh or m³/,
    );
  });
});
