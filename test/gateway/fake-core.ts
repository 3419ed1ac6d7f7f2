/** A scripted core: forks the real gateway, answers its questions from memory and feeds it a wall. */
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { CoreToGateway, GatewayToCore, Internal, InternalAnswer, WallBatch } from '../../protocol/ipc.ts';
import type { Shared } from '../../protocol/explanations.ts';
import type { OpOutcome } from '../../protocol/ops.ts';
import type { Alarm, Layout, Status, Tile } from '../../protocol/wall.ts';
import { waitAfter } from '../../server/domain/lockout.ts';
import { hashPassword } from '../../server/gateway/password.ts';

const main = fileURLToPath(new URL('../../server/gateway/main.ts', import.meta.url));
export const PASSWORD = 'correct horse battery';
/** Cheap on purpose: the cost of production is measured in password.unit.test.ts. */
export const cheapHash = (password: string): Promise<string> => hashPassword(password, { N: 1024, r: 8, p: 1 });

const gatewayMessage = z.custom<GatewayToCore>((value) => z.object({ type: z.string() }).safeParse(value).success);

type OpMessage = Extract<GatewayToCore, { readonly type: 'op' }>;
type SessionRecord = NonNullable<InternalAnswer['sessionGet']>;

export class Gateway {
  readonly child: ChildProcess;
  readonly stderr: string[] = [];
  readonly messages: GatewayToCore[] = [];
  readonly #events = new EventEmitter().setMaxListeners(100);
  exited: Promise<number | null>;
  port = 0;

  constructor(env: Readonly<Record<string, string>>) {
    this.child = fork(main, {
      env: { PATH: process.env['PATH'], PORT: '0', ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => this.stderr.push(chunk.toString()));
    this.exited = once(this.child, 'exit').then(([code]) => z.number().nullable().parse(code));
    this.child.on('message', (raw) => {
      const message = gatewayMessage.parse(raw);
      this.messages.push(message);
      if (message.type === 'ready') this.port = message.port;
      this.#events.emit('message', message);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  onMessage(listener: (message: GatewayToCore) => void): void {
    this.#events.on('message', listener);
  }

  /** The first message, past or to come, that fits. */
  async until(fits: (message: GatewayToCore) => boolean): Promise<GatewayToCore> {
    const past = this.messages.find(fits);
    if (past !== undefined) return past;
    return new Promise((resolve, reject) => {
      const listener = (message: GatewayToCore): void => {
        if (!fits(message)) return;
        this.#events.off('message', listener);
        resolve(message);
      };
      this.#events.on('message', listener);
      void this.exited.then((code) => reject(new Error(`gateway ended with ${code}: ${this.stderr.join('')}`)));
    });
  }

  /** Resolves when the message has left this process. */
  tell(message: CoreToGateway): Promise<void> {
    return new Promise((resolve, reject) => {
      this.child.send(message, (error) => (error === null ? resolve() : reject(error)));
    });
  }
}

export const layout: Layout = {
  site: { id: 'site', name: 'Site', timeZone: 'Asia/Shanghai' },
  buildings: ['b1', 'b2'].map((id) => ({
    id,
    name: id,
    floors: [{ id: `${id}-f1`, name: '1', rooms: [1, 2, 3].map((n) => ({ id: `${id}-r${n}`, name: `${n}` })) }],
  })),
};

export const tile = (building: string, room: string, tenant: string | null): Tile => ({
  room,
  building,
  tenant,
  operating: null,
  electricity: null,
  water: null,
  money: null,
  waterMoney: null,
  alarm: 0,
});

/** A batch of whole tiles, of an image that is whole already. */
export const batchOf = (tiles: readonly Tile[], change: Partial<WallBatch> = {}): WallBatch => ({
  ...{ type: 'wall', batch: 0, tiles, moves: [], pulsesMonoMs: [], whole: false },
  ...change,
});

export const status: Status = {
  siteTimeMs: 1_700_000_000_000,
  speed: 1,
  core: true,
  money: 'ok',
  ledgerImbalanceMicro: 0,
  commitMs: 1,
  store: 'sqlite',
  flood: false,
  interlockHeld: 0,
  counts: { rooms: 6, meters: 6, lines: 1, metersOnline: 6, linesUp: 1 },
};

export const alarm = (seq: number, subject: string, change: Partial<Alarm> = {}): Alarm => ({
  id: `meterSilent:${subject}`,
  seq,
  kind: 'meterSilent',
  priority: 2,
  room: null,
  meter: subject,
  line: null,
  detail: {},
  active: true,
  sinceMs: 1,
  clearedMs: null,
  acknowledged: null,
  shelved: null,
  suppressedBy: null,
  carries: 0,
  ...change,
});

export class FakeCore {
  readonly operators = new Map<string, NonNullable<InternalAnswer['operatorForLogin']['operator']>>();
  readonly sessions = new Map<string, SessionRecord>();
  readonly ops: OpMessage[] = [];
  readonly tiles = new Map<string, Tile>();
  readonly alarms = new Map<string, Alarm>();
  readonly gateways: Gateway[] = [];
  /** What links open, by token. */
  readonly shared = new Map<string, Shared>();
  setupHash: string | null = null;
  invitationHash: string | null = null;
  readonly passwordsSet: Extract<Internal, { readonly ask: 'passwordSet' }>[] = [];
  readonly #attempts = new Map<string, { failures: number; lastMs: number }>();
  alarmSeq = 0;
  /** Does not answer anything while true. */
  silent = false;
  health: InternalAnswer['health'] = {
    healthy: true,
    schedulers: true,
    store: true,
    ledgerZero: true,
    parked: [],
    silentLines: ['l1'],
    silentMeters: ['m1', 'm2'],
  };
  answerOp: (message: OpMessage) => OpOutcome | null = () => ({ ok: true, result: { ok: true } });
  #batch = 0;

  async addOperators(): Promise<void> {
    const passwordHash = await cheapHash(PASSWORD);
    this.operators.set('olga', { name: 'olga', displayName: 'Olga', role: 'operator', buildings: null, passwordHash });
    this.operators.set('ivan', { name: 'ivan', displayName: 'Ivan', role: 'operator', buildings: null, passwordHash });
    this.operators.set('vera', { name: 'vera', displayName: 'Vera', role: 'viewer', buildings: null, passwordHash });
  }

  /** A gateway that listens and has the whole image. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<Gateway> {
    // Each gateway of a test begins without anyone's wrong passwords.
    this.#attempts.clear();
    const gateway = new Gateway(env);
    this.gateways.push(gateway);
    gateway.onMessage((message) => this.#receive(gateway, message));
    await gateway.until((message) => message.type === 'ready');
    await gateway.tell({ type: 'begin', layout, alarmSeq: this.alarmSeq, alarms: [...this.alarms.values()] });
    await gateway.tell({ type: 'status', status });
    await this.batch(gateway, [...this.tiles.values()], true);
    return gateway;
  }

  /** Remembers the tiles, sends them as one batch and waits until the gateway has taken it over. */
  async batch(gateway: Gateway, tiles: readonly Tile[], whole = false, pulsesMonoMs: readonly number[] = []) {
    for (const each of tiles) this.tiles.set(each.room, each);
    this.#batch += 1;
    const batch = this.#batch;
    await gateway.tell(batchOf(tiles, { batch, pulsesMonoMs, whole }));
    await gateway.until((message) => message.type === 'wallAck' && message.batch === batch);
  }

  async raise(gateway: Gateway, subject: string, change: Partial<Alarm> = {}): Promise<Alarm> {
    this.alarmSeq += 1;
    const raised = alarm(this.alarmSeq, subject, change);
    if (raised.active || raised.acknowledged === null) this.alarms.set(raised.id, raised);
    else this.alarms.delete(raised.id);
    await gateway.tell({ type: 'alarm', alarm: raised });
    return raised;
  }

  async end(): Promise<void> {
    for (const { child, exited } of this.gateways) {
      child.kill('SIGKILL');
      await exited;
    }
  }

  #receive(gateway: Gateway, message: GatewayToCore): void {
    if (this.silent) return;
    if (message.type === 'op') {
      this.ops.push(message);
      const outcome = this.answerOp(message);
      if (outcome !== null) void gateway.tell({ type: 'outcome', id: message.id, outcome });
    } else if (message.type === 'internal') {
      void gateway.tell({ type: 'answer', id: message.id, answer: this.#answer(message.question) });
    }
  }

  #login(key: string, name: string): InternalAnswer['operatorForLogin'] {
    const { waitMs, failures } = waitAfter(this.#attempts.get(key) ?? null, Date.now());
    if (waitMs > 0) return { waitMs, operator: null };
    this.#attempts.set(key, { failures: failures + 1, lastMs: Date.now() });
    return { waitMs: 0, operator: this.operators.get(name) ?? null };
  }

  #answer(question: Internal): unknown {
    switch (question.ask) {
      case 'operatorForLogin':
        return this.#login(`${question.why}:${question.name}`, question.name);
      case 'passwordWrong':
        return true;
      case 'passwordRight':
        this.#attempts.delete(`${question.why}:${question.name}`);
        return true;
      case 'passwordSet': {
        const operator = this.operators.get(question.operator);
        if (operator === undefined) throw new Error(`no operator ${question.operator}`);
        this.operators.set(question.operator, { ...operator, passwordHash: question.passwordHash });
        this.passwordsSet.push(question);
        return true;
      }
      case 'invitation':
        return question.tokenHash === this.invitationHash
          ? { name: 'ines', displayName: 'Ines', role: 'cashier' as const }
          : null;
      case 'invitationUse': {
        if (question.tokenHash !== this.invitationHash) return false;
        this.invitationHash = null;
        const { passwordHash } = question;
        const person = { name: 'ines', displayName: 'Ines', role: 'cashier', buildings: null } as const;
        this.operators.set('ines', { ...person, passwordHash });
        return true;
      }
      case 'sessionPut': {
        const operator = this.operators.get(question.operator);
        if (operator === undefined) throw new Error(`no operator ${question.operator}`);
        const { displayName, role, buildings } = operator;
        const { ask: _ask, tokenHash, ...record } = question;
        this.sessions.set(tokenHash, { ...record, displayName, role, buildings });
        return true;
      }
      case 'sessionGet':
        return this.sessions.get(question.tokenHash) ?? null;
      case 'sessionDelete':
        this.sessions.delete(question.tokenHash);
        return true;
      case 'setupOpen':
        return question.tokenHash === this.setupHash;
      case 'setupUse': {
        if (question.tokenHash !== this.setupHash) return false;
        this.setupHash = null;
        const { name, displayName, passwordHash } = question;
        this.operators.set(name, { name, displayName, role: 'administrator', buildings: null, passwordHash });
        return true;
      }
      case 'sharedExplanation':
        return this.shared.get(question.token) ?? null;
      case 'health':
        return this.health;
      case 'metrics':
        return '# TYPE wattroom_pulses_total counter\nwattroom_pulses_total{outcome="charged"} 3\n';
    }
  }
}
