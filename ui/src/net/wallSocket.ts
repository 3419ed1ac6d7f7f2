/** Runs the connection's state machine on a real WebSocket and hands decoded messages on. */
import { WALL_PATH, WALL_PROTOCOL, type ClientMessage, type ServerMessage } from '../../../protocol/wall.ts';
import { decodeServerMessage } from '../../../protocol/wallFrame.ts';
import {
  firstStep,
  SILENT_MS,
  step,
  type Connection,
  type ConnectionEffect,
  type ConnectionEvent,
  type Step,
} from './connection.ts';

export type WallListener = {
  readonly changed: (connection: Connection) => void;
  readonly message: (message: ServerMessage) => void;
  readonly alarmSeq: () => number | null;
  readonly askSession: () => void;
  readonly sessionEnded: () => void;
};

export class WallSocket {
  readonly #listener: WallListener;
  #connection: Connection = firstStep.next;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  readonly #hurry = (): void => {
    if (document.visibilityState === 'visible') this.#take({ type: 'hurry' });
  };

  constructor(listener: WallListener) {
    this.#listener = listener;
  }

  open(): void {
    addEventListener('online', this.#hurry);
    document.addEventListener('visibilitychange', this.#hurry);
    this.#enter(firstStep);
  }

  close(): void {
    removeEventListener('online', this.#hurry);
    document.removeEventListener('visibilitychange', this.#hurry);
    clearTimeout(this.#timer);
    this.#drop();
  }

  send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  /** For now, not in some seconds. */
  retry(): void {
    this.#take({ type: 'hurry' });
  }

  #take(event: ConnectionEvent): void {
    this.#enter(step(this.#connection, event, performance.now(), Math.random()));
  }

  #enter({ next, effects }: Step): void {
    this.#connection = next;
    for (const effect of effects) this.#run(effect);
    this.#listener.changed(next);
  }

  #run(effect: ConnectionEffect): void {
    switch (effect.do) {
      case 'connect':
        clearTimeout(this.#timer);
        return this.#connect();
      case 'hello':
        return this.send({ type: 'hello', protocol: WALL_PROTOCOL, alarmSeq: this.#listener.alarmSeq() });
      case 'close':
        return this.#drop();
      case 'wait':
        this.#timer = setTimeout(() => this.#take({ type: 'due' }), effect.ms);
        return;
      case 'askSession':
        return this.#listener.askSession();
      case 'sessionEnded':
        return this.#listener.sessionEnded();
      default: {
        const never: never = effect;
        throw new Error(`unknown effect ${JSON.stringify(never)}`);
      }
    }
  }

  #connect(): void {
    const url = new URL(WALL_PATH, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#heard();
    // A socket that was given up may still speak: only the current one counts.
    const current = (run: () => void) => (): void => {
      if (this.#socket === socket) run();
    };
    socket.onopen = current(() => this.#take({ type: 'opened' }));
    socket.onclose = current(() => {
      this.#drop();
      this.#take({ type: 'closed' });
    });
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.#socket === socket) this.#received(event.data);
    };
  }

  #received(data: unknown): void {
    const message = this.#decode(data);
    this.#heard();
    if (message.type === 'hello') this.#take({ type: 'greeted' });
    else if (message.type === 'bye') this.#take({ type: 'bye', reason: message.reason });
    this.#listener.message(message);
  }

  /** What is no message ends the connection for good and is thrown: this page and the server are of two minds. */
  #decode(data: unknown): ServerMessage {
    try {
      if (typeof data === 'string') return decodeServerMessage(data);
      if (data instanceof ArrayBuffer) return decodeServerMessage(new Uint8Array(data));
      throw new Error('the wall speaks text and array buffers');
    } catch (error) {
      this.#drop();
      this.#take({ type: 'bye', reason: 'protocol' });
      throw error;
    }
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#take({ type: 'silent' }), SILENT_MS);
  }

  #drop(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}
