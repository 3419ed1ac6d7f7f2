/** A scripted core behind the real gateway: answers the control room from memory and keeps the wall moving on demand. */
import type { GatewayToCore, Internal, InternalAnswer } from '../../protocol/ipc.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import type { Alarm, Layout, Status, Tile } from '../../protocol/wall.ts';
import { hashToken } from '../../server/gateway/tokens.ts';
import { cheapHash, Gateway, PASSWORD } from '../gateway/fake-core.ts';
import {
  chargesOf,
  chart,
  homeOf,
  linesView,
  numberOf,
  ordersOf,
  roomOf,
  statusOf,
  systemOf,
  timelineOf,
} from './samples.ts';
import { NOW_MS, yuan } from './site.ts';

export { PASSWORD };
type OpMessage = Extract<GatewayToCore, { readonly type: 'op' }>;
type Operator = NonNullable<InternalAnswer['operatorForLogin']['operator']>;
type SessionRecord = NonNullable<InternalAnswer['sessionGet']>;
type Raw = Readonly<Record<string, unknown>>;

const done = (result: unknown): OpOutcome => ({ ok: true, result });

export class ScriptedCore {
  readonly layout: Layout;
  readonly tiles = new Map<string, Tile>();
  readonly alarms = new Map<string, Alarm>();
  readonly history: Alarm[] = [];
  readonly ops: OpMessage[] = [];
  status: Status;
  setupHash: string | null = null;
  /** Answers an operation instead of the script; undefined leaves it to the script, null keeps it unanswered. */
  override: (message: OpMessage) => OpOutcome | null | undefined = () => undefined;
  alarmSeq = 0;
  gateway: Gateway | null = null;
  readonly #operators = new Map<string, Operator>();
  readonly #sessions = new Map<string, SessionRecord>();
  #batch = 0;
  #env: Readonly<Record<string, string>> = {};
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(layout: Layout, tiles: readonly Tile[], alarms: readonly Alarm[]) {
    this.layout = layout;
    for (const tile of tiles) this.tiles.set(tile.room, tile);
    for (const alarm of alarms) this.alarms.set(alarm.id, alarm);
    this.alarmSeq = Math.max(0, ...alarms.map(({ seq }) => seq));
    this.status = statusOf(layout);
  }

  async start(env: Readonly<Record<string, string>> = {}): Promise<string> {
    const passwordHash = await cheapHash(PASSWORD);
    for (const [name, displayName, role] of [
      ['olga', 'Olga', 'operator'],
      ['mia', 'Mia', 'manager'],
      ['vera', 'Vera', 'viewer'],
      ['adam', 'Adam', 'administrator'],
    ] as const) {
      this.#operators.set(name, { name, displayName, role, buildings: null, passwordHash });
    }
    this.#env = env;
    await this.#startGateway();
    this.#ticker = setInterval(() => void this.say({ siteTimeMs: this.status.siteTimeMs + 1000 }), 1000);
    return this.url;
  }

  get url(): string {
    return this.#gateway.url;
  }

  /** The one-time link of the first administrator. */
  setupOnce(token: string): void {
    this.setupHash = hashToken(token);
  }

  async dropGateway(): Promise<void> {
    const { child, exited, port } = this.#gateway;
    this.#env = { ...this.#env, PORT: String(port) };
    child.kill('SIGKILL');
    await exited;
  }

  /** At the same address, as the core would. */
  async restartGateway(): Promise<void> {
    await this.#startGateway();
  }

  async #startGateway(): Promise<void> {
    const gateway = new Gateway(this.#env);
    this.gateway = gateway;
    gateway.onMessage((message) => this.#receive(message));
    await gateway.until((message) => message.type === 'ready');
    await gateway.tell({
      type: 'begin',
      layout: this.layout,
      alarmSeq: this.alarmSeq,
      alarms: [...this.alarms.values()],
    });
    await this.say({});
    await this.put([...this.tiles.values()], true);
  }

  async end(): Promise<void> {
    clearInterval(this.#ticker);
    this.#gateway.child.kill('SIGKILL');
    await this.#gateway.exited;
  }

  async say(change: Partial<Status>): Promise<void> {
    this.status = { ...this.status, ...change };
    if (this.#gateway.child.connected) await this.#gateway.tell({ type: 'status', status: this.status });
  }

  async put(tiles: readonly Tile[], whole = false): Promise<void> {
    for (const tile of tiles) this.tiles.set(tile.room, tile);
    this.#batch += 1;
    const batch = this.#batch;
    await this.#gateway.tell({ type: 'wall', batch, tiles, moves: [], pulsesMonoMs: [], whole });
    await this.#gateway.until((message) => message.type === 'wallAck' && message.batch === batch);
  }

  tile(room: string): Tile {
    const tile = this.tiles.get(room);
    if (tile === undefined) throw new Error(`no tile ${room}`);
    return tile;
  }

  async raise(alarm: Alarm): Promise<void> {
    this.alarmSeq += 1;
    const numbered = { ...alarm, seq: this.alarmSeq };
    if (numbered.active || numbered.acknowledged === null) this.alarms.set(numbered.id, numbered);
    else this.alarms.delete(numbered.id);
    await this.#gateway.tell({ type: 'alarm', alarm: numbered });
  }

  /** Commands of this name that were asked for. */
  asked(op: OpName): OpMessage[] {
    return this.ops.filter((message) => message.op === op);
  }

  get #gateway(): Gateway {
    if (this.gateway === null) throw new Error('not started');
    return this.gateway;
  }

  #receive(message: GatewayToCore): void {
    if (message.type === 'op') {
      this.ops.push(message);
      const overridden = this.override(message);
      const outcome = overridden === undefined ? this.#answerOp(message.op, message.params as Raw) : overridden;
      if (outcome !== null) void this.#gateway.tell({ type: 'outcome', id: message.id, outcome });
    } else if (message.type === 'internal') {
      void this.#gateway.tell({ type: 'answer', id: message.id, answer: this.#answer(message.question) });
    }
  }

  #answerOp(op: OpName, params: Raw): OpOutcome {
    const text = (name: string): string => String(params[name]);
    switch (op) {
      case 'getRoom': {
        const tile = this.tiles.get(text('room'));
        return tile === undefined
          ? { ok: false, refusal: 'notFound', detail: 'no room' }
          : done(roomOf(this.layout, tile));
      }
      case 'getTimeline':
        return done({ items: timelineOf(text('room')), cursor: null });
      case 'getCharges':
        return done({ items: chargesOf(text('wallet')), cursor: null });
      case 'getOrders':
        return done({ items: ordersOf(text('wallet')), cursor: null });
      case 'findMeters': {
        const rooms = [...this.tiles.keys()].filter((room) => numberOf(room).includes(text('number')));
        return done({ items: rooms.map((room) => ({ meter: `e-${room}`, number: numberOf(room), room })) });
      }
      case 'getDayChart':
        return done(chart());
      case 'getLowMoney': {
        const low = [...this.tiles.values()].filter(({ money }) => money !== null && money.level > 0);
        const items = low.map((tile) => ({
          wallet: roomOf(this.layout, tile).wallets[0],
          room: tile.room,
          roomName: tile.room,
        }));
        return done({ items });
      }
      case 'getAlarms':
        return done({ seq: this.alarmSeq, alarms: [...this.alarms.values()] });
      case 'getAlarmHistory':
        return done({ items: this.history, cursor: null });
      case 'getScan':
        return done({ scan: null });
      case 'getLines':
        return done({ items: linesView() });
      case 'getHome':
        return done(homeOf(NOW_MS));
      case 'getSystem':
        return done(systemOf(this.status));
      case 'getLayout':
        return done(this.layout);
      case 'recharge':
      case 'refund':
        return this.#moveMoney(op, params);
      case 'switchMeter':
        return this.#switch(params);
      case 'acknowledgeAlarms':
        return this.#acknowledge(params['ids'] as readonly string[]);
      case 'shelveAlarm': {
        const alarm = this.alarms.get(text('alarm'));
        const untilMs = NOW_MS + Number(params['minutes']) * 60_000;
        if (alarm !== undefined)
          void this.raise({ ...alarm, shelved: { by: 'olga', reason: text('reason'), untilMs } });
        return done({ ok: true });
      }
      case 'unshelveAlarm': {
        const alarm = this.alarms.get(text('alarm'));
        if (alarm !== undefined) void this.raise({ ...alarm, shelved: null });
        return done({ ok: true });
      }
      case 'releaseInterlock':
        void this.say({ interlockHeld: 0 });
        return done({ released: 14 });
      case 'reverse':
        return done({ ...ordersOf('w-A-0101')[0], id: 'V-1', kind: 'reversal', reverses: text('order') });
      case 'selectMeter':
        return done({ by: 'olga', mine: true });
      case 'getGroups':
      case 'getGroupHistory':
        return done({ items: [], ...(op === 'getGroups' ? {} : { cursor: null }) });
      case 'getInterlock':
        return done({ limit: 10, items: [] });
      case 'previewTag':
        return done({ opens: 2, open: 0, silent: 0, protected: [] });
      case 'getTags':
        return done({ items: [] });
      case 'readMeter':
      case 'resolveQuarantine':
        return done({ ok: true });
      case 'getOpenings':
        return done({ items: [], cursor: null });
      default:
        return { ok: false, refusal: 'forbidden', detail: 'not in this script' };
    }
  }

  #moveMoney(kind: 'recharge' | 'refund', params: Raw): OpOutcome {
    const wallet = String(params['wallet']);
    const tile = [...this.tiles.values()].find(({ money }) => money?.wallet === wallet);
    if (tile?.money === undefined || tile.money === null)
      return { ok: false, refusal: 'notFound', detail: 'no wallet' };
    const change = yuan(Number(params['amount'])) * (kind === 'recharge' ? 1 : -1);
    const balanceMicro = tile.money.balanceMicro + change;
    const money = { ...tile.money, balanceMicro, exhausted: balanceMicro <= 0, level: balanceMicro > yuan(50) ? 0 : 1 };
    const closed =
      tile.electricity === null
        ? null
        : { ...tile.electricity, wanted: 'closed' as const, cause: 'normal' as const, actual: 'closed' as const };
    void this.put([{ ...tile, money, electricity: closed }]);
    const order = {
      id: 'R-90001',
      kind,
      wallet,
      account: 'acc',
      room: tile.room,
      amountMicro: Math.abs(change),
      channel: params['channel'],
      balanceAfterMicro: balanceMicro,
      atMs: NOW_MS,
      by: 'olga',
      note: String(params['note']),
      ...{ holder: '', debtMicro: 0, receipt: null, reverses: null, reversedBy: null, refused: null },
      ...{ settles: null, settledBy: null },
    };
    return done(order);
  }

  /** Wanted at once, confirmed when a test (or the dev server) says so. */
  #switch(params: Raw): OpOutcome {
    const meter = String(params['meter']);
    const tile = [...this.tiles.values()].find(({ electricity }) => electricity?.meter === meter);
    if (tile === undefined || tile.electricity === null)
      return { ok: false, refusal: 'noBreaker', detail: 'no breaker' };
    const wanted = params['action'] === 'forceTrip' || params['action'] === 'workTag' ? 'open' : 'closed';
    const cause =
      params['action'] === 'forceTrip'
        ? 'forcedTrip'
        : params['action'] === 'keepPower'
          ? 'keepPower'
          : params['action'] === 'workTag'
            ? 'workTag'
            : 'normal';
    const mismatchSinceMs = tile.electricity.actual === wanted ? null : this.status.siteTimeMs;
    void this.put([{ ...tile, electricity: { ...tile.electricity, wanted, cause, mismatchSinceMs } }]);
    return done({ wanted, cause });
  }

  /** The breaker did as it was told. */
  async confirm(room: string): Promise<void> {
    const tile = this.tile(room);
    if (tile.electricity === null) throw new Error(`${room} has no breaker`);
    const { wanted } = tile.electricity;
    await this.put([
      {
        ...tile,
        electricity: { ...tile.electricity, actual: wanted, mismatchSinceMs: null, rate: wanted === 'open' ? 0 : 640 },
      },
    ]);
  }

  #acknowledge(ids: readonly string[]): OpOutcome {
    for (const id of ids) {
      const alarm = this.alarms.get(id);
      if (alarm !== undefined) void this.raise({ ...alarm, acknowledged: { by: 'olga', atMs: NOW_MS } });
    }
    return done({ acknowledged: ids.length });
  }

  #answer(question: Internal): unknown {
    switch (question.ask) {
      case 'operatorForLogin':
        return { waitMs: 0, operator: this.#operators.get(question.name) ?? null };
      case 'passwordWrong':
      case 'passwordRight':
      case 'passwordSet':
        return true;
      case 'invitation':
        return null;
      case 'invitationUse':
        return false;
      case 'sessionPut': {
        const operator = this.#operators.get(question.operator);
        if (operator === undefined) throw new Error(`no operator ${question.operator}`);
        const { displayName, role, buildings } = operator;
        const { ask: _ask, tokenHash, ...record } = question;
        this.#sessions.set(tokenHash, { ...record, displayName, role, buildings });
        return true;
      }
      case 'sessionGet':
        return this.#sessions.get(question.tokenHash) ?? null;
      case 'sessionDelete':
        this.#sessions.delete(question.tokenHash);
        return true;
      case 'setupOpen':
        return question.tokenHash === this.setupHash;
      case 'setupUse': {
        if (question.tokenHash !== this.setupHash) return false;
        this.setupHash = null;
        const { name, displayName, passwordHash } = question;
        this.#operators.set(name, { name, displayName, role: 'administrator', buildings: null, passwordHash });
        return true;
      }
      case 'health':
        return {
          healthy: true,
          schedulers: true,
          store: true,
          ledgerZero: true,
          parked: [],
          silentLines: [],
          silentMeters: [],
        };
      case 'metrics':
        return '';
    }
  }
}
