/** The core: every entity with its actor, the one committer, and what leaves after a commit. Shells only; decisions are in domain/. */
import type { SiteRules } from '../../protocol/site.ts';
import type { Alarm, Tile } from '../../protocol/wall.ts';
import { decideAlarms, type AlarmsState } from '../domain/alarm/alarms.ts';
import { assert, assertNever } from '../domain/assert.ts';
import { setEvent, type ConfigKind, type ConfigValue, configKinds } from '../domain/config.ts';
import { decideInterlock, type InterlockState } from '../domain/interlock.ts';
import type {
  AlarmMessage,
  Context,
  Decision,
  Effect,
  InterlockMessage,
  RecordChange,
  Send,
} from '../domain/messages.ts';
import { storable } from '../domain/json.ts';
import type { MeterState } from '../domain/meter/state.ts';
import { newRoom } from '../domain/room.ts';
import { chargedUpTo } from '../domain/wallet/decide.ts';
import { evolveWallet } from '../domain/wallet/evolve.ts';
import { storedWallet, type WalletState } from '../domain/wallet/state.ts';
import { Actors, type Ref } from '../runtime/actor.ts';
import { Committer } from '../runtime/committer.ts';
import { Timers } from '../runtime/timers.ts';
import type { Head, Snapshot, StoredEvent } from '../store/store.ts';
import { Approvals } from './approvals.ts';
import { AuditLog } from './auditLog.ts';
import { Cashbook } from './cashbook.ts';
import { MeterCell, RoomCell, WalletCell } from './cells.ts';
import { Charging } from './charging.ts';
import { Directory } from './directory.ts';
import { Emergencies } from './emergencies.ts';
import { Groups } from './groups.ts';
import { Handovers } from './handover.ts';
import { keepersOf } from './keepers.ts';
import { EVENT_VERSION, idOf, kindOf, kinds, isKind, toStore } from './kinds.ts';
import { ExplanationLinks } from './links.ts';
import type { LedgerFold } from './ledgerFold.ts';
import { Metrics } from './metrics.ts';
import { Notices } from './notices.ts';
import { People } from './people.ts';
import { Pricing } from './pricing.ts';
import { Openings } from './openings.ts';
import type { Projections } from './projections.ts';
import { Receipts } from './receipts.ts';
import { Controls } from './controls.ts';
import type { CoreOptions, LinePort } from './options.ts';
import { Parameters } from './parameters.ts';
import { Scans } from './scans.ts';
import { Selections } from './selections.ts';
import { SiteImports } from './siteImports.ts';
import { Tags } from './tags.ts';
import { Takeovers } from './takeover/takeovers.ts';
import { Tenancies } from './tenancies.ts';
import { Trouble } from './trouble.ts';
import { WallFeed } from './wall.ts';

export type { CoreOptions, LinePort };

export class Core {
  readonly directory = new Directory();
  readonly meters = new Map<string, MeterCell>();
  readonly wallets = new Map<string, WalletCell>();
  readonly rooms = new Map<string, RoomCell>();
  readonly wall: WallFeed;
  readonly timers = new Timers();
  readonly metrics = new Metrics();
  readonly projections: Projections;
  readonly ledger: LedgerFold;
  readonly actors: Actors;
  readonly committer: Committer;
  readonly pricing: Pricing;
  readonly tenancies: Tenancies;
  readonly notices: Notices;
  readonly people = new People(this);
  readonly audit = new AuditLog(this);
  readonly approvals = new Approvals(this);
  readonly handovers = new Handovers(this);
  readonly emergencies: Emergencies;
  readonly groups: Groups;
  readonly tags = new Tags(this);
  readonly selections = new Selections(this);
  readonly openings = new Openings(this);
  readonly takeovers = new Takeovers(this);
  readonly siteImports = new SiteImports(this);
  readonly scans = new Scans(this);
  readonly parameters = new Parameters(this);
  readonly controls = new Controls(this);
  readonly cashbook = new Cashbook(this);
  readonly receipts = new Receipts(this);
  readonly charging = new Charging(this);
  readonly links = new ExplanationLinks(this);
  readonly #keepers = keepersOf(this);
  interlock: InterlockState = kinds.interlock.initial;
  alarms: AlarmsState = kinds.alarms.initial;
  lines: LinePort | null = null;
  /** Called with each reply and alarm after its commit. */
  onReply: (request: number, outcome: Extract<Effect, { type: 'reply' }>['outcome']) => void = () => {};
  /** Called at once when a request has been decided, before its answer may leave. */
  onDecided: (request: number) => void = () => {};
  onAlarm: (alarm: Alarm) => void = () => {};
  onParked: (key: string) => void = () => {};
  /** Buildings, floors or rooms are others now; called once for many changes, after their commit. */
  onLayout: () => void = () => {};
  #layoutTold = true;
  #durableRules: SiteRules | null = null;
  readonly options: CoreOptions;
  readonly startedMs: number;
  lastCommitMono: number | null = null;
  #epochMono: number;
  readonly #trouble = new Trouble(this);
  readonly #interlockRef: Ref<InterlockMessage>;
  readonly #alarmsRef: Ref<AlarmMessage>;

  constructor(options: CoreOptions) {
    const { recovered, clock } = options;
    this.options = options;
    this.projections = recovered.projections;
    this.ledger = this.projections.ledger;
    this.wall = new WallFeed(options.after);
    this.startedMs = clock.site();
    this.#epochMono = clock.mono();
    this.actors = new Actors({ onParked: (key, error) => this.#trouble.parked(key, error) });
    this.committer = new Committer(options.store, recovered.head, recovered.plan, {
      siteNow: () => clock.site(),
      mono: () => clock.mono(),
      after: options.after,
      onSealed: (number, events, atMs) => this.#sealed(number, events, atMs),
      onDurable: (_head: Head, tookMs) => {
        this.lastCommitMono = clock.mono();
        this.metrics.commitSeconds.observe(tookMs / 1000);
      },
      onTrouble: (trouble) => this.#trouble.store(trouble),
      onFatal: options.onFatal,
      busy: () => this.busy,
      capture: (key) => this.#capture(key),
      accompany: (records) => this.audit.accompany(records),
    });
    this.tenancies = new Tenancies(this);
    this.pricing = new Pricing(this.directory, this.tenancies);
    this.emergencies = new Emergencies(this);
    this.groups = new Groups(this);
    this.notices = new Notices(this);
    this.#interlockRef = this.actors.spawn('interlock:site', (message) => this.#interlocked(message));
    this.#alarmsRef = this.actors.spawn('alarms:site', (message) => this.#alarmed(message));
    for (const [key, state] of recovered.states) this.#load(key, state);
    this.tags.index();
  }

  #load(key: string, state: unknown): void {
    const [kind, id] = [kindOf(key), idOf(key)];
    if ((configKinds as readonly string[]).includes(kind))
      this.directory.set(kind as ConfigKind, id, state as ConfigValue<ConfigKind>);
    else if (kind === 'meter') this.addMeter(id, state as MeterState);
    else if (kind === 'wallet') this.addWallet(id, state as WalletState);
    else this.#keepers.get(kind)?.load(key, state);
  }

  /** Sets a configuration entity; the caller awaits durability by `committer.whenDurable`. */
  setConfig<K extends ConfigKind>(
    kind: K,
    id: string,
    value: ConfigValue<K>,
    records: readonly RecordChange[] = [],
  ): void {
    const told = this.notices.configChanged(kind, id, value);
    if (kind === 'site') this.#rulesSet((value as ConfigValue<'site'>).rules);
    this.directory.set(kind, id, value);
    if (kind === 'tariff') this.pricing.forget(id);
    if (kind === 'building' || kind === 'floor') this.#layoutChanged();
    this.committer.append(
      [
        {
          key: `${kind}:${id}`,
          type: setEvent(kind),
          v: EVENT_VERSION,
          data: { value: JSON.parse(JSON.stringify(value)) },
        },
        ...told,
      ],
      records,
    );
    if (kind === 'riser') this.tags.rearranged(id);
  }

  #rulesSet(rules: SiteRules): void {
    this.#durableRules ??= this.directory.get('site', 'site')?.rules ?? rules;
    this.committer.whenDurable(() => (this.#durableRules = rules));
  }

  /** Of the site's rules those that no crash takes back. */
  get durableRules(): SiteRules {
    return this.#durableRules ?? this.directory.site.rules;
  }

  #layoutChanged(): void {
    this.wall.hold();
    if (!this.#layoutTold) return;
    this.#layoutTold = false;
    setImmediate(() =>
      this.committer.whenDurable(() => {
        this.#layoutTold = true;
        this.onLayout();
      }),
    );
  }

  send(send: Send): void {
    switch (send.to) {
      case 'meter':
        return this.actors.tell(this.#meter(send.id), send.message);
      case 'wallet':
        return this.actors.tell(this.#wallet(send.id), send.message);
      case 'room':
        return this.actors.tell(this.room(send.id), send.message);
      case 'tenancy':
        return this.tenancies.tell(send.id, send.message);
      case 'emergency':
        return this.emergencies.tell(send.message);
      case 'group':
        return this.groups.tell(send.message);
      case 'interlock':
        return this.actors.tell(this.#interlockRef, send.message);
      case 'alarms':
        return this.actors.tell(this.#alarmsRef, send.message);
      default:
        return assertNever(send);
    }
  }

  chargedSequence(meter: string): number {
    const wallet = this.meters.get(meter)?.state.place.wallet;
    return wallet == null ? 0 : chargedUpTo(this.wallets.get(wallet)?.state, meter);
  }

  context(): Context {
    const { clock } = this.options;
    const { site, time } = this.directory;
    return {
      nowMs: clock.site(),
      rules: site.rules,
      moneyOnHold: !this.committer.keeping,
      epochAgeMs: clock.mono() - this.#epochMono,
      localMinute: time.minute,
      localDay: time.day,
      cutsForMoney: this.directory.cutsForMoney,
      tagsOn: this.tags.on,
      nextReceipt: this.cashbook.nextReceipt,
      notInSuspense: this.cashbook.notInSuspense,
    };
  }

  epochConfirmed(atMono = this.options.clock.mono()): void {
    this.#epochMono = Math.max(this.#epochMono, atMono);
  }

  /** Every quarter second: what is due in site time. */
  tick(): void {
    const ticking = [
      this.notices,
      this.approvals,
      this.emergencies,
      this.groups,
      this.selections,
      this.openings,
      this.charging.checks,
    ];
    for (const each of ticking) each.tick();
    for (const { key, name } of this.timers.take(this.options.clock.site())) {
      const kind = kindOf(key);
      if (kind === 'meter' || kind === 'wallet')
        this.send({ to: kind, id: idOf(key), message: { type: 'Wake', name } });
      else if (kind === 'alarms') this.send({ to: 'alarms', message: { type: 'Wake', name } });
      else if (kind === 'tenancy') this.tenancies.tell(idOf(key), { type: 'Wake', name });
    }
  }

  /** Messages are still being handled. */
  get busy(): boolean {
    return this.actors.waiting > 0;
  }

  schedulersRun: () => boolean = () => true;
  silentLines: () => string[] = () => [];
  beforeScrape: () => void = () => {};
  /** Set by the lines' owner. */
  linesUp: () => number = () => 0;

  #meter(id: string): MeterCell {
    const cell = this.meters.get(id);
    assert(cell !== undefined, `there is no meter ${id}`);
    return cell;
  }

  #wallet(id: string): WalletCell {
    const cell = this.wallets.get(id);
    assert(cell !== undefined, `there is no wallet ${id}`);
    return cell;
  }

  room(id: string): RoomCell {
    let room = this.rooms.get(id);
    if (!room) {
      const place = this.directory.rooms.get(id);
      assert(place !== undefined, `there is no room ${id}`);
      room = this.actors.add(new RoomCell(this, newRoom(id, place.building, this.directory.tenantOf(id))));
      this.rooms.set(id, room);
    }
    return room;
  }

  /** Creates the actor of a meter; without a state one that is being imported. */
  addMeter(id: string, state: MeterState = kinds.meter.initial): void {
    this.meters.set(id, this.actors.add(new MeterCell(this, id, state)));
  }

  addWallet(id: string, state: WalletState = kinds.wallet.initial): void {
    this.wallets.set(id, this.actors.add(new WalletCell(this, id, state)));
  }

  #interlocked(message: InterlockMessage): void {
    const decision = decideInterlock(this.interlock, message, this.context());
    const before = this.interlock;
    for (const event of decision.events) this.interlock = kinds.interlock.evolve(this.interlock, event);
    this.audit.watch(decision.records, 'interlock:site', before, this.interlock);
    this.take('interlock:site', decision, () => (this.interlock = before));
  }

  #alarmed(message: AlarmMessage): void {
    const lineOfMeter = (meter: string): string | null => this.meters.get(meter)?.state.config?.line ?? null;
    const before = this.alarms;
    const decision = decideAlarms(before, message, { ...this.context(), lineOfMeter });
    for (const event of decision.events) this.alarms = kinds.alarms.evolve(this.alarms, event);
    this.take('alarms:site', decision, () => (this.alarms = before));
  }

  /** Events into the open commit; messages at once; effects after the commit (law 5). `undo`: it broke before the commit. */
  take(key: string, decision: Decision<{ readonly type: string }>, undo = (): unknown => undefined): void {
    if (decision.events.length > 0 || decision.records.length > 0) {
      const cashbook = this.cashbook.state;
      const { across } = decision;
      const other = across && this.#wallet(across.wallet);
      const otherBefore = other?.state;
      try {
        const stored = decision.events.map((event) => toStore(key, event));
        if (other) {
          other.state = evolveWallet(other.state, across.event);
          stored.push(toStore(other.key, across.event));
          const { charging } = other.state;
          this.committer.whenDurable(() => (other.durableCharging = charging));
        }
        if (decision.besides) stored.push(...this.cashbook.take(decision.besides));
        const told = this.notices.follow(key, decision.events);
        stored.push(...told.events);
        const { records } = decision;
        this.committer.append(stored, told.records.length === 0 ? records : [...records, ...told.records]);
      } catch (error) {
        this.cashbook.state = cashbook;
        if (other && otherBefore) other.state = otherBefore;
        undo();
        throw error;
      }
    }
    for (const send of decision.sends) this.send(send);
    for (const effect of decision.effects) if (effect.type === 'reply') this.onDecided(effect.request);
    if (decision.effects.length > 0) this.committer.whenDurable(() => this.perform(key, decision.effects));
  }

  perform(key: string, effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'reply':
          this.onReply(effect.request, effect.outcome);
          break;
        case 'differs':
          this.lines?.differs(effect.meter);
          break;
        case 'runMeter':
          this.charging.run(effect.wallet);
          break;
        case 'readNow':
          this.lines?.readNow(effect.meter);
          break;
        case 'lineChanged':
          this.lines?.changed(effect.line);
          break;
        case 'tile':
          this.#tile(effect.tile, effect.monoMs);
          break;
        case 'alarm':
          this.onAlarm(effect.alarm);
          break;
        case 'wake':
          this.timers.set(key, effect.name, effect.atMs);
          break;
        default:
          assertNever(effect);
      }
    }
  }

  /** A room's handler keeps no journal: its tile waits for the commit that holds what it shows. */
  #tile(tile: Tile, monoMs: number | null): void {
    this.committer.whenDurable(() => this.wall.put(tile, monoMs));
  }

  #sealed(number: number, events: readonly StoredEvent[], atMs: number): void {
    const touched = new Set<string>();
    for (const event of events) {
      for (const key of this.projections.fold(number, event, atMs)) touched.add(key);
      if (event.key.startsWith('wallet:')) this.#unchecked.add(event.key);
    }
    for (const key of touched) this.committer.snapshots.touch(key, number);
    if (this.committer.hasLater) return; // the wallets are ahead of this commit: compared with the next
    for (const key of this.#unchecked) {
      const { balanceMicro, charging } = this.#wallet(idOf(key)).state;
      this.ledger.compare(idOf(key), balanceMicro);
      // Of an ended one the meter may keep another wallet's money by now.
      if (charging && charging.phase !== 'ended')
        this.ledger.compareMeter(charging.meter, charging.last?.remainingMicro ?? 0);
    }
    this.#unchecked.clear();
    if (this.ledger.imbalanceMicro !== 0) this.#trouble.ledger(this.ledger.imbalanceMicro);
  }
  /** Wallets not compared since their last event. */
  readonly #unchecked = new Set<string>();

  #capture(key: string): Omit<Snapshot, 'commit' | 'commitHash' | 'key'> {
    const [kind, id] = [kindOf(key), idOf(key)];
    const projected = this.projections.capture(key);
    if (projected) return projected;
    assert(isKind(kind), `unknown kind ${key}`);
    const { schema } = kinds[kind];
    if (kind === 'meter') return { schema, state: storable(this.#meter(id).state) };
    if (kind === 'wallet') return { schema, state: storable(storedWallet(this.#wallet(id).state)) };
    const keeper = this.#keepers.get(kind);
    if (keeper) return { schema, state: keeper.capture(key) };
    return { schema, state: { value: JSON.parse(JSON.stringify(this.directory.get(kind as ConfigKind, id))) } };
  }
}
