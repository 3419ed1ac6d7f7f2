/** A site whose water meter counts its registers otherwise: seen on the wire, at the first start and at the next. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tcpSlave, type TcpSlave } from '../lines/support/tcp-slave.ts';
import { CoreProcess } from './core.ts';
import { siteInput } from './site.ts';
import { until, within } from './until.ts';

const WATER_UNIT = 11;
let folder: string;
let slave: TcpSlave;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wattroom-options-'));
  slave = await tcpSlave(new Map(), 'tcp');
});
afterAll(async () => {
  await slave.close();
  rmSync(folder, { recursive: true, force: true });
});

/** First registers asked of the water meter, as on the wire. */
const asked = (): Set<number> =>
  new Set(slave.requests.filter(([unit]) => unit === WATER_UNIT).map(([, , high = 0, low = 0]) => high * 256 + low));

async function run(args: readonly string[]): Promise<Set<number>> {
  slave.requests.length = 0;
  const core = new CoreProcess({ DATA_DIR: join(folder, 'data') }, args);
  await until('a request to the water meter', () => asked().size > 0, 30_000);
  expect(await within('the end', core.stop())).toEqual({ code: 0, signal: null });
  return asked();
}

it('is asked one register lower where the site says so, also after a restart', async () => {
  const site = siteInput(new Map([['L2', slave.port]]));
  const path = join(folder, 'site.json');
  writeFileSync(path, JSON.stringify({ ...site, profileOptions: { 'xintai-valve-water': { addressShift: -1 } } }));
  // The number comes first: 0x0012 in the document.
  expect([...(await run(['--init', '--site', path]))]).toEqual([0x0011]);
  expect([...(await run([]))]).toEqual([0x0011]);
});
