/** Many browsers that look at a wall. One keeps the whole picture; the others only see how old each message is. */
import { WebSocket } from 'ws';
import { WALL_PATH, WALL_PROTOCOL, type Tile } from '../protocol/wall.ts';
import { decodeServerMessage } from '../protocol/wallFrame.ts';
import { WallModel } from '../test/gateway/wall-client.ts';

/** A tile after pulse `n`, read at `sentMs` of this process' monotonic clock (kept in µs): a pulse moves these six numbers. */
export function pulsedTile(building: string, room: string, n: number, sentMs: number): Tile {
  return {
    ...{ room, building, tenant: `Tenant of ${room}`, water: null, waterMoney: null, alarm: 0, operating: null },
    electricity: {
      ...{ meter: `m-${room}`, look: 'breaker', wanted: 'closed', actual: 'closed', cause: 'normal', hold: null },
      ...{ mismatchSinceMs: null, link: 'online', lastReadingMs: Math.round(sentMs * 1000), rate: 900 + (n % 80) },
      ...{ today: 4_210 + n, todayMicro: 2_391_280 + 568_000 * n, quarantined: false },
    },
    money: {
      ...{ wallet: `w-${room}`, balanceMicro: 48_230_000 - 568_000 * n, level: 0, levels: 3, exhausted: false },
      hoursLeft: 211.53 - n / 7,
      temporary: false,
    },
  };
}

const TILE = '{"type":"tile"';
const SNAPSHOT = '{"type":"snapshot"';
const STAMP = Buffer.from('"lastReadingMs":');

function stampInText(message: Buffer): number {
  const from = message.indexOf(STAMP) + STAMP.length;
  return Number(message.toString('latin1', from, message.indexOf(0x2c, from)));
}

/** Of the first move of a frame, the oldest: place, mask, then lastReadingMs as 2 + zigzag (protocol/wallFrame.ts). */
function stampInFrame(frame: Buffer): number {
  let at = 4 + frame.readUInt32LE(0);
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = frame.readUInt8(at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  varint();
  varint();
  return (varint() - 2) / 2;
}

type Looking = { readonly socket: WebSocket; snapshots: number };

export class Viewers {
  readonly #all: Looking[] = [];
  /** What the first viewer of a wall sees, decoded. */
  readonly model = new WallModel();
  /** Of the oldest tile in each message to any viewer, ms. */
  readonly ages: number[] = [];
  /** Tile values that reached viewers; all see the same, so the first one counts for each. */
  tiles = 0;
  /** That have come, to all of them together. */
  snapshots = 0;
  #looked: () => void = () => undefined;

  /** Resolves when `count` viewers have the snapshots of `buildings`; `cookie` null: a server that sends none and takes no hello. */
  async open(port: number, cookie: string | null, count: number, buildings: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const origin = `http://127.0.0.1:${port}`;
      const options = { perMessageDeflate: false, ...(cookie === null ? {} : { origin, headers: { cookie } }) };
      const looking: Looking = { socket: new WebSocket(`ws://127.0.0.1:${port}${WALL_PATH}`, options), snapshots: 0 };
      const first = this.#all.length === 0;
      this.#all.push(looking);
      looking.socket.on('message', (message: Buffer, isBinary: boolean) => {
        this.#take(looking, message, isBinary, first);
        if (first && cookie !== null) this.model.apply(decodeServerMessage(isBinary ? message : message.toString()));
      });
      await new Promise<void>((resolve, reject) => looking.socket.once('open', resolve).once('error', reject));
      if (cookie === null) continue;
      looking.socket.send(JSON.stringify({ type: 'hello', protocol: WALL_PROTOCOL, alarmSeq: null }));
      await this.#until(() => looking.snapshots === buildings);
    }
  }

  /**
   * The last `count` of them ask for everything anew and stop reading: more than the kernel's buffers hold, so that it
   * is the server who has to wait for them, and frames pile up behind. Resolves with the way back.
   */
  stall(count: number, buildings: readonly string[]): () => Promise<void> {
    const stalled = this.#all.slice(-count);
    for (const looking of stalled) {
      looking.snapshots = 0;
      looking.socket.pause();
      for (const building of buildings) looking.socket.send(JSON.stringify({ type: 'resync', building }));
    }
    return async () => {
      for (const { socket } of stalled) socket.resume();
      await this.#until(() => stalled.every(({ snapshots }) => snapshots >= buildings.length));
    };
  }

  clear(): void {
    this.ages.length = 0;
    this.tiles = 0;
  }

  close(): void {
    for (const { socket } of this.#all.splice(0)) socket.terminate();
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#looked = () => {
        if (holds()) resolve();
      };
      this.#looked();
    });
  }

  #take(looking: Looking, message: Buffer, isBinary: boolean, counts: boolean): void {
    const nowMs = performance.now();
    if (isBinary) {
      this.ages.push(nowMs - stampInFrame(message) / 1000);
      if (counts) this.#count(message);
      return;
    }
    const start = message.toString('latin1', 0, SNAPSHOT.length);
    if (start === SNAPSHOT) {
      looking.snapshots += 1;
      this.snapshots += 1;
      this.#looked();
    } else if (start.startsWith(TILE)) {
      this.ages.push(nowMs - stampInText(message) / 1000);
      if (counts) this.tiles += 1;
    }
  }

  #count(frame: Buffer): void {
    const message = decodeServerMessage(frame);
    if (message.type === 'frame') this.tiles += message.tiles.length + message.moves.length;
  }
}
