/** The second process: forked, fed, watched. It may die at any time; nothing here waits for it. */
import { fork, type ChildProcess } from 'node:child_process';
import type { CoreToGateway, GatewayToCore, Internal } from '../../protocol/ipc.ts';
import { assertNever } from '../domain/assert.ts';
import { StoreError } from '../store/store.ts';
import type { Core } from './core.ts';
import type { Intake } from './intake.ts';
import { answerInternal } from './internal.ts';
import { statusOf } from './status.ts';

/** Heartbeats come every second; this many missed and it is killed. */
const HEARTBEAT_MS_MAX = 5_000;
/** Before it listens it has to be loaded, which takes its time on a busy machine. */
const START_MS_MAX = 30_000;
const RESTART_MS = { first: 200, max: 5_000 };

export type GatewayOptions = {
  readonly script: URL;
  readonly env: NodeJS.ProcessEnv;
  readonly onReady: (port: number) => void;
  /** The first one gave up before it listened, and has said why: it would again. */
  readonly onNeverOpened: () => void;
};

export class GatewayProcess {
  readonly #core: Core;
  readonly #intake: Intake;
  readonly #options: GatewayOptions;
  #child: ChildProcess | null = null;
  #lastBeatMono = 0;
  /** It has been told all alarms; before that, single ones would be repeated or too early. */
  #begun = false;
  #listening = false;
  /** One has listened: whatever its successor lacks was there before and may come back. */
  #opened = false;
  #stopping = false;
  #failures = 0;
  restarts = 0;
  wallClients = 0;

  constructor(core: Core, intake: Intake, options: GatewayOptions) {
    this.#core = core;
    this.#intake = intake;
    this.#options = options;
    core.onAlarm = (alarm) => {
      if (this.#begun) this.#post({ type: 'alarm', alarm });
    };
    core.people.onEnded = (tokenHashes) => this.#post({ type: 'sessionsEnded', tokenHashes });
    core.onLayout = () => {
      if (this.#begun && this.#child) this.#begin(this.#child);
    };
  }

  start(): void {
    const child = fork(this.#options.script, [], {
      env: this.#options.env,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.#begun = false;
    this.#listening = false;
    this.#lastBeatMono = this.#core.options.clock.mono();
    child.on('message', (message) => this.#receive(child, message as GatewayToCore));
    child.on('error', (error) =>
      this.#core.options.log('error', 'the gateway process failed', { error: error.message }),
    );
    child.on('exit', (code, signal) => this.#exited(child, code, signal));
  }

  /** Every second: its heartbeat, and the status it passes on. */
  watch(): void {
    if (!this.#child || this.#stopping) return;
    // A core that was busy itself has heartbeats waiting: they are heard before they count as missed.
    if (this.#overdue) setImmediate(() => setImmediate(() => this.#killOverdue()));
    this.#post({ type: 'status', status: statusOf(this.#core) });
  }

  get #overdue(): boolean {
    const silentMs = this.#core.options.clock.mono() - this.#lastBeatMono;
    return silentMs > (this.#listening ? HEARTBEAT_MS_MAX : START_MS_MAX);
  }

  #killOverdue(): void {
    if (!this.#child || this.#stopping || !this.#overdue) return;
    this.#core.options.log('error', 'the gateway misses its heartbeats and is killed');
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#post({ type: 'stop' });
    const kill = setTimeout(() => child.kill('SIGKILL'), 3_000);
    await gone;
    clearTimeout(kill);
  }

  #receive(child: ChildProcess, message: GatewayToCore): void {
    switch (message.type) {
      case 'ready': {
        this.#failures = 0;
        this.#listening = true;
        this.#opened = true;
        this.#lastBeatMono = this.#core.options.clock.mono();
        this.#options.onReady(message.port);
        this.#begin(child);
        return;
      }
      case 'wallAck':
        return this.#core.wall.acknowledged(message.batch, message.restMs);
      case 'heartbeat':
        this.#lastBeatMono = this.#core.options.clock.mono();
        this.wallClients = message.wallClients;
        return;
      case 'op': {
        const { id, who, op, params, idempotencyKey } = message;
        this.#intake.do(who, op, params, idempotencyKey).then(
          (outcome) => this.#post({ type: 'outcome', id, outcome }),
          (error: unknown) => this.#failed(error),
        );
        return;
      }
      case 'internal':
        this.#answer(message.id, message.question);
        return;
      case 'delivered':
        return this.#core.notices.delivered(message.delivered);
      default:
        assertNever(message);
    }
  }

  /** Everything from the start; also when buildings or rooms have changed. */
  #begin(child: ChildProcess): void {
    // Alarms as they are now, with their number; later ones follow one by one, each after its own commit.
    const { seq: alarmSeq } = this.#core.alarms;
    const alarms = Object.values(this.#core.alarms.alarms);
    const { layout } = this.#core.directory;
    this.#core.committer.whenDurable(() => {
      if (child !== this.#child) return;
      this.#begun = true;
      this.#post({ type: 'begin', layout, alarmSeq, alarms });
      this.#post({ type: 'status', status: statusOf(this.#core) });
      this.#core.wall.attach(layout, (wall) => this.#post(wall));
      this.#core.notices.attach((notice) => this.#post({ type: 'deliver', notice }));
    });
  }

  #answer(id: number, question: Internal): void {
    answerInternal(this.#core, question).then(
      (answer) => this.#post({ type: 'answer', id, answer }),
      (error: unknown) => {
        if (!(error instanceof StoreError)) return this.#failed(error);
        const detail = 'the store does not answer; nothing was done';
        this.#post({ type: 'outcome', id, outcome: { ok: false, refusal: 'storeAway', detail } });
      },
    );
  }

  /** Unanswered, the gateway says 503 after its time limit. */
  #failed(error: unknown): void {
    this.#core.options.log('error', 'a request failed', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }

  #post(message: CoreToGateway): void {
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  #exited(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    if (child !== this.#child) return;
    this.#child = null;
    this.wallClients = 0;
    this.#core.wall.detach();
    this.#core.notices.detach();
    if (this.#stopping) return;
    if (!this.#opened && code !== null && code !== 0) return this.#options.onNeverOpened();
    this.restarts += 1;
    this.#failures += 1;
    const pause = Math.min(RESTART_MS.max, RESTART_MS.first * 2 ** (this.#failures - 1));
    this.#core.options.log('warn', 'the gateway has ended and is started again', { code, signal, pauseMs: pause });
    this.#core.options.after(pause, () => {
      if (!this.#stopping) this.start();
    });
  }
}
