/** Tile updates that reach viewers per CPU-second of the gateway process, and what stalled viewers cost the others. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Layout, Tile } from '../protocol/wall.ts';
import { FakeCore, type Gateway } from '../test/gateway/fake-core.ts';
import { Browser } from '../test/gateway/http-client.ts';
import { quantile, type Bench } from './bench.ts';
import { stampedTile, Viewers } from './wallViewers.ts';

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

type Measured = { readonly perCpuSecond: number; readonly p99Ms: number };

/** Gives `perSecond` tiles out in ticks for `ms`, each stamped with its time. */
async function feed(
  { rooms, perSecond, ms }: { rooms: number; perSecond: number; ms: number },
  send: (tiles: Tile[]) => Promise<void>,
): Promise<void> {
  const all = roomsOf(rooms);
  const startMs = performance.now();
  for (let sent = 0, nowMs = startMs; nowMs - startMs < ms; nowMs = performance.now()) {
    const due = Math.floor(((nowMs - startMs) * perSecond) / 1000) - sent;
    const tiles = Array.from({ length: due }, (_, n) => all[(sent + n) % rooms]).flatMap((place) =>
      place ? [stampedTile(place.building, place.room, performance.now())] : [],
    );
    sent += due;
    if (tiles.length > 0) await send(tiles);
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
  const before = cpuSeconds(pid);
  await run();
  await new Promise((resolve) => setTimeout(resolve, 200));
  // A clock tick at least: a short run may take less.
  const cpu = Math.max(1 / CLOCK_TICKS_PER_SECOND, cpuSeconds(pid) - before);
  return { perCpuSecond: (viewers.tiles * count) / cpu, p99Ms: quantile(viewers.ages, 0.99) };
}

async function baseline(viewers: number, load: { rooms: number; perSecond: number; ms: number }): Promise<Measured> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./wsServer.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const [raw] = await once(child, 'message');
  const looking = new Viewers();
  await looking.open(z.object({ port: z.int() }).parse(raw).port, null, viewers);
  const measured = await measure(child.pid, looking, viewers, () =>
    feed(load, (tiles) => new Promise((resolve) => child.send({ tiles }, () => resolve()))),
  );
  looking.close();
  child.kill();
  await once(child, 'exit');
  return measured;
}

async function wallOf(core: FakeCore, rooms: number): Promise<Gateway> {
  await core.addOperators();
  const gateway = await core.start();
  await gateway.tell({ type: 'begin', layout: layoutOf(rooms), alarmSeq: 0, alarms: [] });
  await core.batch(
    gateway,
    roomsOf(rooms).map(({ building, room }) => stampedTile(building, room, 0)),
    true,
  );
  return gateway;
}

export const bench: Bench = {
  name: 'fanout',
  summary: 'tile updates to viewers per CPU-second of the gateway',
  run: async ({ smoke }) => {
    const rooms = smoke ? 100 : 10_000;
    const viewers = smoke ? 10 : 200;
    const load = { rooms, perSecond: smoke ? 200 : 1_000, ms: smoke ? 150 : 8_000 };
    const plain = await baseline(viewers, { ...load, perSecond: smoke ? 200 : 100 });
    const core = new FakeCore();
    try {
      const gateway = await wallOf(core, rooms);
      const browser = new Browser(gateway);
      await browser.login();
      const looking = new Viewers();
      await looking.open(gateway.port, browser.cookie, viewers);
      const send = (tiles: Tile[]): Promise<void> => core.batch(gateway, tiles);
      if (!smoke) await feed({ ...load, ms: 2_000 }, send);
      const healthy = await measure(gateway.child.pid, looking, viewers, () => feed(load, send));
      looking.stall(viewers / 10);
      const stalled = await measure(gateway.child.pid, looking, viewers, () => feed(load, send));
      looking.close();
      const ratio = healthy.perCpuSecond / plain.perCpuSecond;
      const stalledCost = stalled.p99Ms / healthy.p99Ms;
      return {
        name: 'fanout',
        parameters: {
          ...{ rooms, buildings: BUILDINGS, viewers, updatesPerSecond: load.perSecond, seconds: load.ms / 1000 },
          ...{ p99Ms: healthy.p99Ms, p99StalledMs: stalled.p99Ms, stalledCost, stalled: viewers / 10 },
        },
        ...{ value: healthy.perCpuSecond, unit: 'tile updates per CPU-second' },
        baseline: { name: 'one JSON frame per update and viewer on ws', value: plain.perCpuSecond },
        ratio,
        goal: `ratio >= ${GOAL.ratio}, stalledCost <= ${GOAL.stalled}`,
        met: ratio >= GOAL.ratio && stalledCost <= GOAL.stalled,
      };
    } finally {
      await core.end();
    }
  },
};
