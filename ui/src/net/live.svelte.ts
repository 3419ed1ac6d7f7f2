/** Everything that is pushed: the connection, the status, the rooms, the alarms. */
import type { ServerMessage, Status } from '../../../protocol/wall.ts';
import { AlarmList } from '../alarms/alarmList.svelte.ts';
import { locale } from '../i18n/locale.svelte.ts';
import { WallModel } from '../wall/wallModel.svelte.ts';
import { clock } from './clock.svelte.ts';
import { firstStep, type Connection } from './connection.ts';
import { session } from './session.svelte.ts';
import { WallSocket } from './wallSocket.ts';

class Live {
  readonly wall = new WallModel();
  readonly alarms = new AlarmList();
  #connection = $state.raw<Connection>(firstStep.next);
  #status = $state.raw<Status | null>(null);
  /** When the last status came, and when the last one that the core itself was behind; monotonic ms. */
  #statusAtMs = $state<number | null>(null);
  #coreAtMs = $state<number | null>(null);
  #socket: WallSocket | null = null;

  get connection(): Connection {
    return this.#connection;
  }
  get status(): Status | null {
    return this.#status;
  }
  /** How old the picture is; null before the first one. */
  get ageMs(): number | null {
    return this.#coreAtMs === null ? null : Math.max(0, clock.nowMs - this.#coreAtMs);
  }
  /** What is on screen may be wrong. */
  get old(): boolean {
    return this.#connection.phase !== 'live' || this.#status?.core === false;
  }
  get onHold(): boolean {
    return this.#status?.money === 'onHold';
  }
  /** Site time now, carried on from the last status; null before the first one. */
  get siteNowMs(): number | null {
    if (this.#status === null || this.#statusAtMs === null) return null;
    const { siteTimeMs, speed } = this.#status;
    return this.old ? siteTimeMs : siteTimeMs + Math.max(0, clock.nowMs - this.#statusAtMs) * speed;
  }

  open(): void {
    this.#socket = new WallSocket({
      changed: (connection) => this.#changed(connection),
      message: (message) => this.#take(message),
      alarmSeq: () => this.alarms.seq,
      askSession: () => void session.ask(),
      sessionEnded: () => session.end(),
    });
    this.#socket.open();
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  retry(): void {
    this.#socket?.retry();
  }

  #changed(connection: Connection): void {
    if (connection.phase === 'greeting') this.wall.reconnected();
    this.#connection = connection;
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
      case 'bye':
        return;
      case 'layout':
        locale.timeZone = message.layout.site.timeZone;
        return this.wall.setLayout(message.layout);
      case 'snapshot':
      case 'frame': {
        const missing = this.wall.take(message);
        if (missing !== null) this.#socket?.send({ type: 'resync', building: missing });
        return;
      }
      case 'alarms':
      case 'alarm':
        return this.alarms.take(message);
      case 'status':
        return this.#takeStatus(message.status);
      default: {
        const never: never = message;
        throw new Error(`unknown message ${JSON.stringify(never)}`);
      }
    }
  }

  /** The gateway repeats the core's last status each second: site time is taken over only when it moved. */
  #takeStatus(status: Status): void {
    const nowMs = performance.now();
    if (this.#status?.siteTimeMs !== status.siteTimeMs || this.#statusAtMs === null) this.#statusAtMs = nowMs;
    if (status.core) this.#coreAtMs = nowMs;
    this.#status = status;
  }
}

export const live = new Live();
