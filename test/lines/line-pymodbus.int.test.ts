import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { profileOptions } from '../../protocol/profileOptions.ts';
import { createProfiles } from '../../server/lines/profiles/index.ts';
import type { Line } from '../../server/lines/types.ts';
import { config, meter, rig } from './support/rig.ts';

const script = new URL('support/pymodbus_slave.py', import.meta.url).pathname;
const children: ChildProcess[] = [];
const lines: Line[] = [];
afterEach(async () => {
  await Promise.all(lines.splice(0).map((line) => line.stop()));
  for (const child of children.splice(0)) {
    const ended = child.exitCode === null ? once(child, 'exit') : null;
    child.kill('SIGKILL');
    await ended;
  }
});

/** Debian's own Python has the package, whatever else is installed. */
async function pymodbus(framer: 'rtu' | 'socket'): Promise<number> {
  const child = spawn('/usr/bin/python3', [script, framer], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [port] = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit')]);
  // A port comes as text; what ends instead has a number, and has said on stderr why.
  if (typeof port !== 'string') throw new Error(`the pymodbus slave ended with ${String(port)}`);
  return Number(port);
}

const acrel = { settleMs: 20 };
const quick = createProfiles(
  profileOptions({ 'acrel-ddsy1352': acrel, 'acrel-dtsy1352': acrel, 'xintai-valve-water': { settleMs: 20 } }),
);

describe.each([
  ['rtuTcp', 'rtu'],
  ['tcp', 'socket'],
] as const)('a pymodbus slave over %s', (kind, framer) => {
  it('is read and switched', async () => {
    const port = await pymodbus(framer);
    const meters = [
      meter('E', 1, { number: '220301000017' }),
      meter('S', 2, { profile: 'eastron-sdm120', hasBreaker: false }),
      meter('W', 3, { profile: 'xintai-valve-water', number: '123456' }),
    ];
    const { line, seen, wanted } = rig(config({ kind, host: '127.0.0.1', port }, { baud: 115_200 }), meters, {
      profiles: quick,
    });
    lines.push(line);
    line.start();
    const reading = async (meterId: string) => {
      const report = await seen((each) => each.type === 'reading' && each.reading.meterId === meterId);
      return report.type === 'reading' ? report.reading : null;
    };
    expect(await reading('E')).toMatchObject({
      index: 76_543_210,
      number: '220301000017',
      status: { switchState: 'closed', forced: true },
    });
    expect(await reading('S')).toMatchObject({ index: 1_234_500, reverse: 250, live: { volts: [230.5] } });
    expect(await reading('W')).toMatchObject({ index: 12_500, number: '123456', status: { switchState: 'closed' } });
    for (const state of ['open', 'closed'] as const) {
      for (const meterId of ['E', 'W']) {
        wanted.set(meterId, { state, mayWrite: true });
        line.differs(meterId);
      }
      for (const meterId of ['E', 'W']) {
        const fits = await seen(
          (each) => each.type === 'switched' && each.meterId === meterId && each.wanted === state,
        );
        expect(fits).toMatchObject({ outcome: 'confirmed', attempts: 0 });
      }
    }
  });
});
