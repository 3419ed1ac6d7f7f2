import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { afterEach, describe, expect, it } from 'vitest';
import { profileOptions } from '../../protocol/profileOptions.ts';
import { createProfiles } from '../../server/lines/profiles/index.ts';
import { config, meter, rig } from './support/rig.ts';
import { answer, ddsyUnit } from './support/slave.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

/** Two joined pseudo-terminals; ready when socat has said so for both ends. */
async function terminals(folder: string): Promise<ChildProcess> {
  const pty = (name: string): string => `pty,raw,echo=0,link=${join(folder, name)}`;
  const socat = spawn('socat', ['-d', '-d', pty('master'), pty('slave')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  for await (const text of socat.stderr) {
    said += String(text);
    if (said.includes('starting data transfer')) break;
  }
  return socat;
}

async function slaveAt(path: string): Promise<SerialPort> {
  const units = new Map([[7, ddsyUnit('17', 4_200)]]);
  const port = new SerialPort({ path, baudRate: 19_200, parity: 'even', autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error === null ? resolve() : reject(error))));
  let received: number[] = [];
  port.on('data', (bytes: Buffer) => {
    received.push(...bytes);
    const reply = answer(units, received);
    if (reply === null) return;
    received = [];
    port.write(Buffer.from(reply));
  });
  return port;
}

const closed = (port: SerialPort): Promise<void> => new Promise((resolve) => port.close(() => resolve()));
const stopped = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, 'exit');
  child.kill();
  await ended;
};

describe('a line at a serial port', () => {
  it('is read and switched, is reported when the port goes away, and comes back with it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wattroom-serial-'));
    undo.push(() => rm(folder, { recursive: true }));
    const socat = await terminals(folder);
    const slave = await slaveAt(join(folder, 'slave'));
    const profiles = createProfiles(
      profileOptions({ 'acrel-ddsy1352': { settleMs: 20 }, 'acrel-dtsy1352': { settleMs: 20 } }),
    );
    const settings = { baud: 19_200, parity: 'even', timeoutMs: 200 } as const;
    const link = { pauseMs: 50, pauseMsMax: 100, connectMs: 2_000 };
    const made = rig(
      config({ kind: 'serial', path: join(folder, 'master') }, settings),
      [meter('M', 7, { number: '000017' })],
      { profiles, link },
    );
    undo.push(() => made.line.stop());
    made.line.start();
    expect(await made.seen((each) => each.type === 'reading')).toMatchObject({
      reading: { index: 42_000, number: '17' },
    });
    made.wanted.set('M', { state: 'open', mayWrite: true });
    made.line.differs('M');
    await made.seen((each) => each.type === 'switched' && each.outcome === 'confirmed' && each.wanted === 'open');

    await closed(slave);
    await stopped(socat);
    await made.seen((each) => each.type === 'line' && !each.up);
    const before = made.reports.length;
    const again = await terminals(folder);
    undo.push(() => stopped(again));
    const back = await slaveAt(join(folder, 'slave'));
    undo.push(() => closed(back));
    await made.seen((each) => each.type === 'reading' && made.reports.indexOf(each) >= before);
    expect(made.line.figures()).toMatchObject({ up: true, reconnects: 1 });
  });
});
