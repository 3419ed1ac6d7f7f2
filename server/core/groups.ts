/** Group orders in the core: their actor, and what is seen of each meter. */
import { decideGroups, type GroupMessage, type Seen } from '../domain/group/decide.ts';
import type { Candidate } from '../domain/group/select.ts';
import { byState, initialGroups, type GroupEvent, type GroupsState } from '../domain/group/state.ts';
import type { Request } from '../domain/messages.ts';
import type { Ref } from '../runtime/actor.ts';
import type { Core } from './core.ts';
import { seenOf } from './seen.ts';

const KEY = 'group:site';
const LOOK_EVERY_MS = 1_000;

export class Groups {
  state: GroupsState = initialGroups;
  readonly #core: Core;
  readonly #ref: Ref<GroupMessage>;
  #lookedMono = -Infinity;

  constructor(core: Core) {
    this.#core = core;
    this.#ref = core.actors.spawn(KEY, (message: GroupMessage) => this.#take(message));
  }

  tell(message: GroupMessage): void {
    this.#core.actors.tell(this.#ref, message);
  }

  /** Every quarter second. */
  tick(): void {
    const mono = this.#core.options.clock.mono();
    if (Object.keys(this.state.jobs).length === 0 || mono - this.#lookedMono < LOOK_EVERY_MS) return;
    if (!this.#core.committer.keeping || this.#core.actors.isParked(KEY)) return;
    this.#lookedMono = mono;
    this.tell({ type: 'Look' });
  }

  #take(message: GroupMessage): void {
    const before = this.state;
    const seen = (meter: string): Seen | null => this.#seen(meter);
    const decision = decideGroups(before, message, { ...this.#core.context(), seen });
    this.state = decision.state;
    if (message.type !== 'Look') this.#audit(message.request, before, decision.events);
    this.#core.take(KEY, decision, () => (this.state = before));
    for (const event of decision.events) if (event.type === 'GroupEnded') this.#noteResult(before, decision, event.id);
  }

  /** The command's own entry holds each breaker, as it was and as it is. */
  #audit({ key }: Request, before: GroupsState, events: readonly GroupEvent[]): void {
    for (const id of new Set(events.map((event) => event.id))) {
      const [was, now] = [before.jobs[id], this.state.jobs[id]];
      this.#core.audit.changed(key, `group:${id}`, was ? byState(was.items) : null, now ? byState(now.items) : null);
    }
  }

  /** What became of each breaker, once the order is over. */
  #noteResult(before: GroupsState, { events, records }: ReturnType<typeof decideGroups>, id: string): void {
    const by = before.jobs[id]?.by ?? events.find((event) => event.type === 'GroupStarted')?.by;
    const items = records.find((record) => record.kind === 'group' && record.id === id)?.value?.['items'];
    if (by === undefined || typeof items !== 'object') return;
    void this.#core.audit.note(
      { who: { operator: by, role: null }, op: 'groupEnded', params: { group: id, ...items } },
      'done',
      null,
    );
  }

  #seen(id: string): Seen | null {
    const state = this.#core.meters.get(id)?.state;
    const seen = seenOf(this.#core, id);
    if (!state || !seen) return null;
    return { ...seen, causes: state.causes, operatorHold: state.operatorHold, group: state.group ?? null };
  }

  /** `operator`: what others have in hand is none of theirs. */
  candidate(id: string, operator: string): Candidate | null {
    const { meters, tags, selections } = this.#core;
    const state = meters.get(id)?.state;
    const seen = seenOf(this.#core, id);
    if (!state?.config || !seen) return null;
    const { config, place, causes, operatorHold } = state;
    return {
      ...{ meter: id, room: place.room, hasBreaker: config.hasBreaker, role: config.role, causes },
      tagged: causes.workTag !== undefined || tags.on(place.room, config.line, id).length > 0,
      ...{ held: operatorHold !== null, wanted: seen.wanted, answers: seen.actual !== 'unknown' },
      inHand: selections.other(id, operator) !== null,
    };
  }

  /** Meters of these rooms, room by room in the order given. */
  metersIn(rooms: readonly string[], what: 'electricity' | 'water' | 'both'): string[] {
    const order = new Map(rooms.map((room, n) => [room, n]));
    const found: { readonly n: number; readonly id: string }[] = [];
    for (const [id, { state }] of this.#core.meters) {
      const n = state.place.room === null ? undefined : order.get(state.place.room);
      if (n !== undefined && (what === 'both' || state.config?.utility === what)) found.push({ n, id });
    }
    return found.sort((a, b) => a.n - b.n).map(({ id }) => id);
  }
}
