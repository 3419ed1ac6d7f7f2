/** Many browsers that look at a wall: they count what they get and how old it is, and do nothing with it. */
import { WebSocket } from 'ws';
import { WALL_PATH, WALL_PROTOCOL, type Tile } from '../protocol/wall.ts';

/** A tile whose tenant says when it was sent: monotonic ms of this process. */
export function stampedTile(building: string, room: string, sentMs: number): Tile {
  return {
    ...{ room, building, tenant: `t${sentMs.toFixed(3)}`, water: null, alarm: 0 },
    electricity: {
      ...{ meter: `m-${room}`, look: 'breaker', wanted: 'closed', actual: 'closed', cause: 'normal', hold: null },
      ...{ mismatchSinceMs: null, link: 'online', lastReadingMs: 1_780_000_000_000, rate: 920 },
      ...{ today: 4_210, todayMicro: 2_391_280, quarantined: false },
    },
    money: {
      ...{ wallet: `w-${room}`, balanceMicro: 48_230_000, level: 0, levels: 3, hoursLeft: 211.5, exhausted: false },
    },
  };
}

const STAMP = Buffer.from('"tenant":"t');
/** The newest stamp in a message is in its last tile. */
function ageMs(message: Buffer, nowMs: number): number | null {
  const at = message.lastIndexOf(STAMP);
  if (at < 0) return null;
  const from = at + STAMP.length;
  return nowMs - Number(message.toString('latin1', from, message.indexOf(0x22, from)));
}

export class Viewers {
  readonly #sockets: WebSocket[] = [];
  readonly ages: number[] = [];
  /** Tile values that reached viewers; all see the same, so the first one counts for each. */
  tiles = 0;
  messages = 0;

  /** Resolves when `count` viewers are connected; `cookie` null: a server without a login and without hello. */
  async open(port: number, cookie: string | null, count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const origin = `http://127.0.0.1:${port}`;
      const options = { perMessageDeflate: false, ...(cookie === null ? {} : { origin, headers: { cookie } }) };
      const socket = new WebSocket(`ws://127.0.0.1:${port}${WALL_PATH}`, options);
      await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
      if (cookie !== null) {
        const live = new Promise((resolve) => socket.once('message', resolve));
        socket.send(JSON.stringify({ type: 'hello', protocol: WALL_PROTOCOL, alarmSeq: null }));
        await live;
      }
      const counts = this.#sockets.length === 0;
      socket.on('message', (message: Buffer) => this.#take(message, counts));
      this.#sockets.push(socket);
    }
  }

  /** The last `count` of them stop reading. */
  stall(count: number): void {
    for (const socket of this.#sockets.slice(-count)) socket.pause();
  }

  clear(): void {
    this.ages.length = 0;
    this.tiles = 0;
    this.messages = 0;
  }

  close(): void {
    for (const socket of this.#sockets.splice(0)) socket.terminate();
  }

  #take(message: Buffer, counts: boolean): void {
    const age = ageMs(message, performance.now());
    if (age === null) return;
    this.ages.push(age);
    this.messages += 1;
    if (counts) for (let at = message.indexOf(STAMP); at >= 0; at = message.indexOf(STAMP, at + 1)) this.tiles += 1;
  }
}
