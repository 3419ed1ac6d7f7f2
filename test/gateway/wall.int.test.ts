import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WALL_PROTOCOL, type Tile } from '../../protocol/wall.ts';
import { FakeCore, layout, tile, type Gateway } from './fake-core.ts';
import { Browser } from './http-client.ts';
import { WallClient, WallModel } from './wall-client.ts';

const core = new FakeCore();
let gateway: Gateway;
let cookie: string;
const open: WallClient[] = [];

const client = (options: Partial<ConstructorParameters<typeof WallClient>[0]> = {}): WallClient => {
  const wall = new WallClient({ port: gateway.port, cookie, ...options });
  open.push(wall);
  return wall;
};
const same = (wall: WallClient): boolean =>
  JSON.stringify([...wall.model.tiles].sort()) === JSON.stringify([...core.tiles].sort());
const heavy = (n: number): Tile[] =>
  [...core.tiles.values()].map((old) => tile(old.building, old.room, `${n} ${'x'.repeat(100_000)}`));
/** Until the gateway holds more for the stalled socket than its frame limit: kernel buffers take some megabytes first. */
async function flood(rounds: number): Promise<void> {
  for (let n = 0; n < rounds; n += 1) {
    await core.batch(gateway, heavy(n));
    // A frame is out before the next round when another viewer has it.
    const seen = watcher.messages.length;
    await watcher.until(() => same(watcher) && watcher.messages.length >= seen);
  }
}
let watcher: WallClient;

beforeAll(async () => {
  await core.addOperators();
  for (const building of layout.buildings) {
    for (const { rooms } of building.floors)
      for (const { id } of rooms) core.tiles.set(id, tile(building.id, id, null));
  }
  gateway = await core.start();
  const browser = new Browser(gateway);
  await browser.login();
  cookie = browser.cookie;
});
afterAll(async () => {
  for (const { socket } of open) socket.terminate();
  await core.end();
});
beforeEach(() => {
  for (const { socket } of open.splice(0)) socket.terminate();
  watcher = client();
});

describe('a wall', () => {
  it('gets who it is, the layout, the alarms, the status and a snapshot of each building', async () => {
    await core.raise(gateway, 'm1');
    const wall = client();
    await wall.until(() => wall.model.buildings.size === 2 && wall.messages.some(({ type }) => type === 'status'));
    expect(wall.messages[0]).toEqual({
      type: 'hello',
      protocol: WALL_PROTOCOL,
      you: { name: 'olga', displayName: 'Olga', role: 'operator' },
    });
    expect((await wall.untilType('layout')).layout).toEqual(layout);
    expect(wall.model.tiles).toEqual(core.tiles);
    expect([...wall.model.alarms.values()]).toEqual([...core.alarms.values()]);
    expect((await wall.untilType('status')).status.core).toBe(true);
  });

  it('follows changes by frames without a gap', async () => {
    const wall = client();
    await wall.until(() => same(wall));
    for (let n = 0; n < 20; n += 1) await core.batch(gateway, [tile('b1', `b1-r${(n % 3) + 1}`, `t${n}`)]);
    await wall.until(() => same(wall));
    expect(wall.model.gaps).toBe(0);
    expect(wall.model.snapshots).toBe(2);
    expect(wall.messages.filter(({ type }) => type === 'frame').length).toBeLessThan(20);
  });

  it('that asks for a building again gets a fresh snapshot', async () => {
    const wall = client();
    await wall.until(() => same(wall));
    wall.model.buildings.get('b2')?.tiles.clear();
    wall.say({ type: 'resync', building: 'b2' });
    await wall.until(() => wall.model.snapshots === 3);
    expect(same(wall)).toBe(true);
  });

  it('that stalls is given nothing more to buffer, and is whole again once it reads on', async () => {
    const stalled = client();
    await stalled.until(() => same(stalled));
    await watcher.until(() => same(watcher));
    stalled.socket.pause();
    await flood(60);
    const before = stalled.model.snapshots;
    stalled.socket.resume();
    await stalled.until(() => stalled.model.snapshots >= before + 2 && same(stalled));
    const frames = (wall: WallClient): number => wall.messages.filter(({ type }) => type === 'frame').length;
    expect(frames(stalled)).toBeLessThan(frames(watcher));
    expect(stalled.model.gaps).toBe(0);
    await core.batch(gateway, [tile('b1', 'b1-r1', 'after')]);
    await stalled.until(() => same(stalled));
  });

  it('that cannot take an alarm is closed, and hears of each one it missed when it comes back', async () => {
    const stalled = client();
    await stalled.until(() => same(stalled));
    await watcher.until(() => same(watcher) && watcher.model.alarmSeq === core.alarmSeq);
    stalled.socket.pause();
    const wide = { detail: { note: 'x'.repeat(100_000) } };
    const clients = (count: number): Promise<unknown> =>
      gateway.until((message) => message.type === 'heartbeat' && message.wallClients === count);
    gateway.messages.length = 0;
    await clients(2);
    gateway.messages.length = 0;
    let left = false;
    void clients(1).then(() => (left = true));
    for (let n = 0; !left; n += 1) {
      const raised = await core.raise(gateway, `flood-${n % 5}`, wide);
      await watcher.until(() => watcher.model.alarmSeq === raised.seq);
    }
    expect(watcher.model.alarmSteps.every((seq, at, all) => at === 0 || seq === (all[at - 1] ?? 0) + 1)).toBe(true);
    stalled.socket.resume();
    expect(await stalled.closed).toEqual({ code: 1013, reason: 'slow' });
    expect(stalled.messages.at(-1)).toEqual({ type: 'bye', reason: 'slow' });
    const back = client({ alarmSeq: stalled.model.alarmSeq, model: stalled.model });
    await back.until(() => back.model.alarmSeq === core.alarmSeq);
    expect(back.model.alarms).toEqual(core.alarms);
  });

  it('resumes alarms from the last number it saw, their end included', async () => {
    const first = client();
    await first.until(() => first.model.alarmSeq === core.alarmSeq);
    first.socket.terminate();
    await core.raise(gateway, 'm7');
    await core.raise(gateway, 'm8');
    await core.raise(gateway, 'm7', { active: false, clearedMs: 2, acknowledged: { by: 'olga', atMs: 2 } });
    const back = client({ alarmSeq: first.model.alarmSeq, model: first.model });
    await back.until(() => back.model.alarmSeq === core.alarmSeq);
    expect(back.messages.some(({ type }) => type === 'alarms')).toBe(false);
    expect(back.model.alarms).toEqual(core.alarms);
  });

  it('is told when the core falls silent and when it is back', async () => {
    const wall = client();
    const last = (): boolean | undefined =>
      wall.messages.flatMap((message) => (message.type === 'status' ? [message.status.core] : [])).at(-1);
    await wall.until(() => last() === true);
    await wall.until(() => last() === false);
    await core.batch(gateway, []);
    await wall.until(() => last() === true);
  });
});

describe('a wall is closed', () => {
  const ends = async (wall: WallClient, reason: string, code: number): Promise<void> => {
    expect((await wall.closed).code).toBe(code);
    expect(wall.messages.at(-1)).toEqual({ type: 'bye', reason });
  };

  it('when it says what is no message', async () => {
    for (const word of ['{', '[]', '{"type":"hello"}', '{"type":"resync","building":7}', '{"type":"drop"}']) {
      const wall = client({ hello: false });
      wall.socket.on('open', () => wall.say(word));
      await ends(wall, 'protocol', 1008);
    }
  });

  it('when it speaks another version, asks before hello, says hello twice or asks for no building of ours', async () => {
    const hello = { type: 'hello', protocol: WALL_PROTOCOL, alarmSeq: null };
    const resync = { type: 'resync', building: 'b1' };
    for (const words of [
      [{ ...hello, protocol: WALL_PROTOCOL + 1 }],
      [resync],
      [hello, hello],
      [hello, { ...resync, building: 'b9' }],
    ]) {
      const wall = client({ hello: false });
      wall.socket.on('open', () => words.forEach((word) => wall.say(word)));
      await ends(wall, 'protocol', 1008);
    }
  });

  it('when it talks without end, or too much at once', async () => {
    const chatty = client();
    await chatty.until(() => same(chatty));
    for (let n = 0; n < 150; n += 1) chatty.say({ type: 'resync', building: 'b1' });
    await ends(chatty, 'protocol', 1008);
    const big = client();
    await big.until(() => same(big));
    big.say(`{"type":"hello"${' '.repeat(5_000)}}`);
    expect((await big.closed).code).toBe(1006);
  });

  it('when its session is logged out, at once; and when it is revoked behind our back', async () => {
    const browser = new Browser(gateway);
    await browser.login('vera');
    const wall = client({ cookie: browser.cookie });
    await wall.until(() => same(wall));
    expect((await browser.send('DELETE', '/api/session')).status).toBe(204);
    await ends(wall, 'session', 1008);
    await browser.login('vera');
    const revoked = client({ cookie: browser.cookie });
    await revoked.until(() => same(revoked));
    for (const [hash, { operator }] of core.sessions) if (operator === 'vera') core.sessions.delete(hash);
    await ends(revoked, 'session', 1008);
    expect(watcher.socket.readyState).toBe(watcher.socket.OPEN);
  });
});

describe('a wall is not opened', () => {
  it('from another origin, from none, or without a session', async () => {
    expect(await client({ origin: 'http://evil.example' }).refused()).toBe(403);
    expect(await client({ origin: '' }).refused()).toBe(403);
    expect(await client({ cookie: '' }).refused()).toBe(401);
    expect(await client({ cookie: `__Host-wattroom=${'a'.repeat(43)}` }).refused()).toBe(401);
  });
});

describe('a gateway that is killed', () => {
  it('is followed by one that shows the same wall to the same session, changes meanwhile included', async () => {
    const model = new WallModel();
    const wall = client({ model });
    await wall.until(() => same(wall) && wall.model.alarmSeq === core.alarmSeq);
    gateway.child.kill('SIGKILL');
    await gateway.exited;
    expect((await wall.closed).code).toBe(1006);
    core.tiles.set('b1-r2', tile('b1', 'b1-r2', 'moved in'));
    gateway = await core.start({ PORT: String(gateway.port) });
    await core.raise(gateway, 'm99');
    const back = client({ model, alarmSeq: model.alarmSeq });
    await back.until(() => same(back) && back.model.alarmSeq === core.alarmSeq);
    expect(back.model.alarms).toEqual(core.alarms);
    await core.batch(gateway, [tile('b2', 'b2-r1', 'frame')]);
    await back.until(() => same(back));
    expect(back.model.gaps).toBe(0);
  });

  it('by order says so to its walls first', async () => {
    const last = await core.start();
    const wall = client({ port: last.port });
    await wall.until(() => same(wall));
    await last.tell({ type: 'stop' });
    await ends(wall);
    expect(await last.exited).toBe(0);
  });

  const ends = async (wall: WallClient): Promise<void> => {
    expect((await wall.closed).code).toBe(1001);
    expect(wall.messages.at(-1)).toEqual({ type: 'bye', reason: 'shutdown' });
  };
});
