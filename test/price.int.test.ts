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

  const { tariff } = bill('flat');
  it.each([
    [
      'a step back',
      'time,meter,index\n2026-03-01T00:00:00+08:00,m,5\n2026-03-01T01:00:00+08:00,m,4',
      /row 2, index: "4"/,
    ],
    ['a time without offset', 'time,meter,index\n2026-03-01T00:00:00,m,5', /row 1, time: "2026-03-01T00:00:00"/],
    ['too many decimals', 'time,meter,index\n2026-03-01T00:00:00Z,m,5.1234', /row 1, index: "5.1234"/],
    ['a missing column', 'time,index\n2026-03-01T00:00:00Z,5', /no column "meter"/],
    [
      'use before the first version',
      'time,meter,index\n2020-03-01T00:00:00Z,m,5\n2020-03-02T00:00:00Z,m,6',
      /no version at 2020-03-01/,
    ],
  ])('says what is wrong: %s', (_what, csv, message) => {
    const { status, stdout, stderr } = price(tariff, csv);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  it('says what is wrong in a tariff, with its path', () => {
    const wrong = {
      ...tariff,
      versions: [{ ...tariff.versions[0], components: [{ name: 'energy', price: '0.12345678' }] }],
    };
    expect(price(wrong, 'time,meter,index').stderr).toMatch(/versions\.0\.components\.0\.price/);
  });
});
