/** Emergency cuts in the core: their actor, what is seen of each meter, and who is told. */
import type { Emergency, EmergencyPlace } from '../../protocol/emergency.ts';
import { alarmOf, decideEmergency, leftBehind, type EmergencyMessage, type Seen } from '../domain/emergency/decide.ts';
import type { Candidate } from '../domain/emergency/select.ts';
import { byState, initialEmergency, type EmergencyEvent, type EmergencyState } from '../domain/emergency/state.ts';
import type { Request } from '../domain/messages.ts';
import type { Ref } from '../runtime/actor.ts';
import type { Core } from './core.ts';
import type { Extra } from './notices.ts';
import { seenOf } from './seen.ts';
import { tellStaff } from './staff.ts';

const KEY = 'emergency:site';
const LOOK_EVERY_MS = 1_000;

export class Emergencies {
  state: EmergencyState = initialEmergency;
  readonly #core: Core;
  readonly #ref: Ref<EmergencyMessage>;
  #lookedMono = -Infinity;

  constructor(core: Core) {
    this.#core = core;
    this.#ref = core.actors.spawn(KEY, (message: EmergencyMessage) => this.#take(message));
  }

  tell(message: EmergencyMessage): void {
    this.#core.actors.tell(this.#ref, message);
  }

  /** At recovery: a crash may have come between a job and its alarm, or what its meters were told. */
  resume(): void {
    this.#core.send(alarmOf(this.state));
    const holding = [...this.#core.meters].flatMap(([id, { state }]): [string, string][] => {
      const job = state.causes.emergencyCut?.job;
      return job === undefined ? [] : [[id, job]];
    });
    for (const send of leftBehind(this.state, new Map(holding))) this.#core.send(send);
  }

  /** Every quarter second. */
  tick(): void {
    const mono = this.#core.options.clock.mono();
    if (Object.keys(this.state.jobs).length === 0 || mono - this.#lookedMono < LOOK_EVERY_MS) return;
    if (!this.#core.committer.keeping || this.#core.actors.isParked(KEY)) return;
    this.#lookedMono = mono;
    this.tell({ type: 'Look' });
  }

  #take(message: EmergencyMessage): void {
    const before = this.state;
    const seen = (meter: string): Seen | null => this.#seen(meter);
    const decision = decideEmergency(before, message, { ...this.#core.context(), seen });
    this.state = decision.state;
    if (message.type !== 'Look') this.#audit(message.request, before, decision.events);
    this.#core.take(KEY, decision, () => (this.state = before));
    for (const event of decision.events) if (event.type === 'EmergencyEnded') this.#noteResult(before, event.id);
  }

  /** The command's own entry holds each meter, as it was and as it is. */
  #audit({ key }: Request, before: EmergencyState, events: readonly EmergencyEvent[]): void {
    for (const id of new Set(events.map((event) => event.id))) {
      const [was, now] = [before.jobs[id], this.state.jobs[id]];
      const content = now && { place: now.place, what: now.what, ...byState(now.items) };
      this.#core.audit.changed(key, `emergency:${id}`, was ? byState(was.items) : null, content ?? null);
    }
  }

  /** What became of each meter, once it is over. */
  #noteResult(before: EmergencyState, id: string): void {
    const job = before.jobs[id];
    if (!job) return;
    const who = { operator: job.restore?.by ?? job.by, role: null };
    void this.#core.audit.note(
      { who, op: 'emergencyEnded', params: { emergency: id, ...byState(job.items) } },
      'done',
      null,
    );
  }

  #seen(id: string): Seen | null {
    const causes = this.#core.meters.get(id)?.state.causes;
    const seen = seenOf(this.#core, id);
    if (!causes || !seen) return null;
    const { emergencyCut, keepPower } = causes;
    const { nowMs } = this.#core.context();
    return {
      ...seen,
      cutBy: emergencyCut?.job ?? null,
      keepPower: keepPower !== undefined && (keepPower.untilMs === null || keepPower.untilMs > nowMs),
    };
  }

  /** null: there is no such place. */
  place(kind: EmergencyPlace, id: string): Emergency['place'] | null {
    const { directory } = this.#core;
    if (kind === 'room') {
      const room = directory.rooms.get(id);
      return room ? { kind, id, name: room.name, building: room.building } : null;
    }
    const place = directory.get(kind, id);
    if (!place || place.removed) return null;
    const building = 'building' in place ? place.building : id;
    const above = kind === 'floor' ? `${directory.get('building', building)?.name ?? building} · ` : '';
    return { kind, id, name: `${above}${place.name}`, building };
  }

  /** Its meters in the order of the wall. */
  candidates({ kind, id }: Emergency['place']): Candidate[] {
    const { directory, meters } = this.#core;
    const floors = directory.layout.buildings
      .filter((building) => kind !== 'building' || building.id === id)
      .flatMap((building) => building.floors)
      .filter((floor) => kind !== 'floor' || floor.id === id);
    const rooms = floors.flatMap((floor) => floor.rooms).filter((room) => kind !== 'room' || room.id === id);
    const order = new Map(rooms.map((room, n) => [room.id, n]));
    const found: { readonly n: number; readonly candidate: Candidate }[] = [];
    for (const [meter, { state }] of meters) {
      const n = state.place.room === null ? undefined : order.get(state.place.room);
      const seen = n === undefined ? null : this.#seen(meter);
      if (n === undefined || !seen || !state.config) continue;
      const { utility, hasBreaker } = state.config;
      const { keepPower, wanted, actual } = seen;
      found.push({ n, candidate: { meter, utility, hasBreaker, keepPower, wanted, answers: actual !== 'unknown' } });
    }
    return found.sort((a, b) => a.n - b.n).map(({ candidate }) => candidate);
  }
}

/** Managers learn of it at once, in the commit that starts it. */
export function tellManagers(core: Core, events: readonly EmergencyEvent[], out: Extra): void {
  for (const event of events) {
    if (event.type !== 'EmergencyStarted') continue;
    const { id, place, by, reason, atMs, meters } = event;
    const managers = core.directory
      .all('operator')
      .filter(({ disabled, role }) => !disabled && (role === 'manager' || role === 'administrator'))
      .filter(({ buildings }) => buildings?.includes(place.building) ?? true);
    const values = { place: place.name, by, reason, since: atMs, count: meters.length };
    tellStaff(core, managers, { kind: 'emergencyCut', about: id, values }, out);
  }
}
