/**
 * Tile updates that reach viewers per CPU-second of the gateway process, and what stalled viewers cost the others.
 *
 * 10 000 rooms with a meter each, 32 of them on a line of 9 600 baud: 109 bytes for a poll block and its answer, gaps
 * and the meter's turn take some 150 ms, so 313 busy lines bring 2 000 pulses a second. The baseline is given less to do
 * than that, which it could not; its cost is one write for each update and viewer at any rate. Both sides get the same
 * tiles, and the first viewer's picture must equal the core's at the end.
 */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Layout, Tile } from '../protocol/wall.ts';
import { WallFeed } from '../server/core/wall.ts';
import { FakeCore, type Gateway } from '../test/gateway/fake-core.ts';
import { Browser } from '../test/gateway/http-client.ts';
import { quantile, type Bench } from './bench.ts';
import { pulsedTile, Viewers } from './wallViewers.ts';

const GOAL = { ratio: 100, stalled: 1.2 };
const BUILDINGS = 10;
const TICK_MS = 20;
/** Of /proc/<pid>/stat; the same on every Linux that Node runs on. */
const CLOCK_TICKS_PER_SECOND = 100;

/** Seconds of processor time a process has taken; user and system are the 14th and 15th field of its stat (proc(5)). */
function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

const roomsOf = (rooms: number): { building: string; room: string }[] =>
  Array.from({ length: rooms }, (_, n) => ({ building: `b${n % BUILDINGS}`, room: `r${n}` }));

function layoutOf(rooms: number): Layout {
  const all = roomsOf(rooms);
  return {
    site: { id: 'bench', name: 'Bench', timeZone: 'Asia/Shanghai' },
    buildings: [...new Set(all.map(({ building }) => building))].map((id) => ({
      ...{ id, name: id },
      floors: [
        {
          id: `${id}-1`,
          name: '1',
          rooms: all.filter((one) => one.building === id).map(({ room }) => ({ id: room, name: room })),
        },
      ],
    })),
  };
}

type Load = { readonly rooms: number; readonly perSecond: number; readonly ms: number };
type Measured = { readonly tiles: number; readonly cpuSeconds: number; readonly p99Ms: number };

/** Puts `perSecond` tiles out in ticks for `ms`, each stamped with its time. */
async function feed({ rooms, perSecond, ms }: Load, put: (tiles: Tile[]) => Promise<void>): Promise<void> {
  const all = roomsOf(rooms);
  const startMs = performance.now();
  for (let sent = 0, nowMs = startMs; nowMs - startMs < ms; nowMs = performance.now()) {
    const due = Math.floor(((nowMs - startMs) * perSecond) / 1000) - sent;
    const tiles = Array.from({ length: due }, (_, n) => all[(sent + n) % rooms]).flatMap((place) =>
      place ? [pulsedTile(place.building, place.room, sent + 1, performance.now())] : [],
    );
    sent += due;
    if (tiles.length > 0) await put(tiles);
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
}

async function measure(
  pid: number | undefined,
  viewers: Viewers,
  count: number,
  run: () => Promise<void>,
): Promise<Measured> {
  viewers.clear();
  // What is left of the time before leaves the gateway first: snapshots for those who had stalled.
  for (let before = -1; before !== viewers.snapshots;) {
    before = viewers.snapshots;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  viewers.clear();
  const before = cpuSeconds(pid);
  await run();
  await new Promise((resolve) => setTimeout(resolve, 300));
  // A clock tick at least: a short run may take less.
  const cpu = Math.max(1 / CLOCK_TICKS_PER_SECOND, cpuSeconds(pid) - before);
  return { tiles: viewers.tiles * count, cpuSeconds: cpu, p99Ms: quantile(viewers.ages, 0.99) };
}

async function baseline(viewers: number, load: Load): Promise<Measured> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./wsServer.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const [raw] = await once(child, 'message');
  const looking = new Viewers();
  await looking.open(z.object({ port: z.int() }).parse(raw).port, null, viewers, 0);
  const measured = await measure(child.pid, looking, viewers, () =>
    feed(load, (tiles) => new Promise((resolve) => child.send({ tiles }, () => resolve()))),
  );
  looking.close();
  child.kill();
  await once(child, 'exit');
  return measured;
}

/** A gateway behind the core's own feed, with a tile of each room. */
async function wallOf(core: FakeCore, rooms: number): Promise<{ gateway: Gateway; wall: WallFeed }> {
  await core.addOperators();
  const gateway = await core.start();
  const wall = new WallFeed((ms, call) => void setTimeout(call, ms));
  gateway.onMessage((message) => {
    if (message.type === 'wallAck') wall.acknowledged(message.batch, message.restMs);
  });
  const layout = layoutOf(rooms);
  for (const { building, room } of roomsOf(rooms)) wall.put(pulsedTile(building, room, 0, 0), null);
  await gateway.tell({ type: 'begin', layout, alarmSeq: 0, alarms: [] });
  wall.attach(layout, (batch) => void gateway.tell(batch));
  return { gateway, wall };
}

const perCpuSecond = (rounds: readonly Measured[]): number =>
  rounds.reduce((sum, { tiles }) => sum + tiles, 0) / rounds.reduce((sum, one) => sum + one.cpuSeconds, 0);
/** Of some rounds, so that another process' second of work does not decide. */
const p99Of = (rounds: readonly Measured[]): number =>
  quantile(
    rounds.map(({ p99Ms }) => p99Ms),
    0.5,
  );

/** Rounds with everybody reading and rounds with a tenth stalled, by turns. */
async function rounds(core: FakeCore, count: number, viewers: number, load: Load) {
  const { gateway, wall } = await wallOf(core, load.rooms);
  const browser = new Browser(gateway);
  await browser.login();
  const looking = new Viewers();
  await looking.open(gateway.port, browser.cookie, viewers, BUILDINGS);
  const run = (): Promise<void> =>
    feed(load, async (tiles) => {
      for (const tile of tiles) wall.put(tile, Number(process.hrtime.bigint()) / 1e6);
    });
  await run();
  const healthy: Measured[] = [];
  const stalled: Measured[] = [];
  const buildings = Array.from({ length: BUILDINGS }, (_, n) => `b${n}`);
  for (let n = 0; n < count; n++) {
    healthy.push(await measure(gateway.child.pid, looking, viewers, run));
    const resume = looking.stall(viewers / 10, buildings);
    stalled.push(await measure(gateway.child.pid, looking, viewers, run));
    await resume();
  }
  assert.deepEqual(looking.model.tiles, wall.tiles, 'a viewer’s picture is not the core’s');
  looking.close();
  return { healthy, stalled };
}

export const bench: Bench = {
  name: 'fanout',
  summary: 'tile updates to viewers per CPU-second of the gateway',
  run: async ({ smoke }) => {
    const viewers = smoke ? 10 : 200;
    const count = smoke ? 1 : 3;
    const load = { rooms: smoke ? 100 : 10_000, perSecond: smoke ? 400 : 2_000, ms: smoke ? 300 : 4_000 };
    const plain = [await baseline(viewers, { ...load, perSecond: smoke ? 200 : 100 })];
    const core = new FakeCore();
    try {
      const { healthy, stalled } = await rounds(core, count, viewers, load);
      const ratio = perCpuSecond(healthy) / perCpuSecond(plain);
      const stalledCost = p99Of(stalled) / p99Of(healthy);
      return {
        name: 'fanout',
        parameters: {
          ...{ rooms: load.rooms, buildings: BUILDINGS, viewers, updatesPerSecond: load.perSecond, rounds: count },
          ...{ seconds: load.ms / 1000, p99Ms: p99Of(healthy), p99StalledMs: p99Of(stalled), stalledCost },
          ...{ stalled: viewers / 10, perCpuSecondStalled: perCpuSecond(stalled) },
        },
        ...{ value: perCpuSecond(healthy), unit: 'tile updates per CPU-second' },
        baseline: { name: 'one JSON frame per update and viewer on ws', value: perCpuSecond(plain) },
        ratio,
        goal: `ratio >= ${GOAL.ratio}, stalledCost <= ${GOAL.stalled}`,
        met: ratio >= GOAL.ratio && stalledCost <= GOAL.stalled,
      };
    } finally {
      await core.end();
    }
  },
};
