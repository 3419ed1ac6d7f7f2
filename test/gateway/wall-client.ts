/** A wall as the protocol asks for one: applies snapshots and frames, sees gaps, asks again. Written from protocol/ alone. */
import { WebSocket } from 'ws';
import { decodeServerMessage, moved, placesOf } from '../../protocol/wallFrame.ts';
import { WALL_PATH, WALL_PROTOCOL, type Alarm, type Tile } from '../../protocol/wall.ts';
import type { ClientMessage, ServerMessage } from '../../protocol/wall.ts';

/** What a browser shows, from messages alone. */
export class WallModel {
  readonly buildings = new Map<string, { seq: number; tiles: Map<string, Tile> }>();
  readonly #places = new Map<string, readonly string[]>();
  readonly alarms = new Map<string, Alarm>();
  /** Numbers of all alarm changes seen one by one since the last `alarms`. */
  readonly alarmSteps: number[] = [];
  alarmSeq: number | null = null;
  gaps = 0;
  snapshots = 0;

  /** Returns what the client has to answer. */
  apply(message: ServerMessage): ClientMessage | null {
    switch (message.type) {
      case 'layout':
        this.buildings.clear();
        for (const building of message.layout.buildings) this.#places.set(building.id, placesOf(building));
        return null;
      case 'snapshot':
        this.snapshots += 1;
        this.buildings.set(message.building, {
          seq: message.seq,
          tiles: new Map(message.tiles.map((tile) => [tile.room, tile])),
        });
        return null;
      case 'frame': {
        const building = this.buildings.get(message.building);
        if (building === undefined || message.seq !== building.seq + 1) {
          this.gaps += 1;
          return { type: 'resync', building: message.building };
        }
        building.seq = message.seq;
        for (const tile of message.tiles) building.tiles.set(tile.room, tile);
        for (const move of message.moves) {
          const room = this.#places.get(message.building)?.[move.place] ?? '';
          const tile = building.tiles.get(room);
          if (tile === undefined) throw new Error(`no tile at place ${move.place} of ${message.building}`);
          building.tiles.set(room, moved(tile, move));
        }
        return null;
      }
      case 'alarms':
        this.alarms.clear();
        this.alarmSteps.length = 0;
        for (const alarm of message.alarms) this.alarms.set(alarm.id, alarm);
        this.alarmSeq = message.seq;
        return null;
      case 'alarm':
        if (message.alarm.active || message.alarm.acknowledged === null) {
          this.alarms.set(message.alarm.id, message.alarm);
        } else this.alarms.delete(message.alarm.id);
        this.alarmSteps.push(message.alarm.seq);
        this.alarmSeq = message.alarm.seq;
        return null;
      case 'hello':
      case 'status':
      case 'bye':
        return null;
    }
  }

  /** Tiles by room, for comparison. */
  get tiles(): Map<string, Tile> {
    return new Map([...this.buildings.values()].flatMap(({ tiles }) => [...tiles]));
  }
}

type Options = {
  readonly port: number;
  readonly cookie: string;
  readonly origin?: string;
  readonly alarmSeq?: number | null;
  readonly model?: WallModel;
  readonly hello?: boolean;
};

export class WallClient {
  readonly socket: WebSocket;
  readonly model: WallModel;
  readonly messages: ServerMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #checks: (() => void)[] = [];

  constructor({ port, cookie, origin, alarmSeq = null, model = new WallModel(), hello = true }: Options) {
    this.model = model;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${WALL_PATH}`, {
      origin: origin ?? `http://127.0.0.1:${port}`,
      headers: { cookie },
      perMessageDeflate: false,
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.socket.on('error', () => undefined);
    if (hello) this.socket.on('open', () => this.say({ type: 'hello', protocol: WALL_PROTOCOL, alarmSeq }));
    this.socket.on('message', (data: Buffer, isBinary: boolean) => {
      const message = decodeServerMessage(isBinary ? data : data.toString('utf8'));
      this.messages.push(message);
      const answer = this.model.apply(message);
      if (answer !== null) this.say(answer);
      for (const check of this.#checks) check();
    });
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Resolves as soon as the condition holds after some message; rejects when the socket closes before. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!holds()) return;
        this.#checks = this.#checks.filter((other) => other !== check);
        resolve();
      };
      this.#checks.push(check);
      check();
      void this.closed.then(({ code, reason }) => reject(new Error(`the wall closed: ${code} ${reason}`)));
    });
  }

  async untilType<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    const found = (): ServerMessage | undefined => this.messages.find((message) => message.type === type);
    await this.until(() => found() !== undefined);
    return found() as Extract<ServerMessage, { type: T }>;
  }

  /** The status of a refused handshake. */
  refused(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.socket.on('unexpected-response', (_, response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      this.socket.on('open', () => reject(new Error('the handshake was let through')));
    });
  }
}
