/** Work tags in the core: appended with their answer; the meters under one follow once it is durable. */
import type { OpOutcome } from '../../protocol/ops.ts';
import type { Tag } from '../../protocol/tags.ts';
import { accept, timeline, type RecordChange, type Request } from '../domain/messages.ts';
import { decideTag, evolveTags, initialTags, type TagMessage, type TagsState } from '../domain/tag/tags.ts';
import type { Core } from './core.ts';
import { EVENT_VERSION } from './kinds.ts';

type Under = ReadonlyMap<string, ReadonlySet<Tag>>;
const none: readonly Tag[] = [];

export class Tags {
  state: TagsState = initialTags;
  readonly #core: Core;
  /** By `room:id`, `line:id` and `meter:id`: asked for every message to a meter. */
  #now: Under = new Map();
  #durable: Under = new Map();

  constructor(core: Core) {
    this.#core = core;
  }

  load(state: TagsState): void {
    this.state = state;
    this.index();
  }

  /** Once all is loaded: what belongs to a riser stands in its own entity. */
  index(): void {
    this.#now = this.#durable = this.#indexed(this.state);
  }

  /** A riser has other members now: those under a tag on it follow once that is durable, as with a tag itself. */
  rearranged(riser: string): void {
    const tags = Object.values(this.state.tags).filter(({ on }) => on.kind === 'riser' && on.id === riser);
    const [tag] = tags;
    if (!tag) return;
    this.#now = this.#indexed(this.state);
    this.#follow(this.meters(tag.on), () => {});
  }

  /** The tags a meter of this room and line is under. */
  readonly on = (room: string | null, line: string, meter: string): readonly Tag[] =>
    under(this.#now, room, line, meter);
  /** Of these, only what no crash takes back. */
  readonly durablyOn = (room: string | null, line: string, meter: string): readonly Tag[] =>
    under(this.#durable, room, line, meter);

  meters({ kind, id }: Tag['on']): string[] {
    const riser = kind === 'riser' ? this.#core.directory.get('riser', id) : undefined;
    const [rooms, meters] = [new Set(riser?.rooms), new Set(riser?.meters)];
    return [...this.#core.meters].flatMap(([meter, { state }]) => {
      const { room } = state.place;
      if (kind === 'riser') return meters.has(meter) || (room !== null && rooms.has(room)) ? [meter] : [];
      return (kind === 'room' ? room : state.config?.line) === id ? [meter] : [];
    });
  }

  take(message: TagMessage, request: Request): Promise<OpOutcome> {
    const { committer, audit } = this.#core;
    const { nowMs } = this.#core.context();
    const decision = decideTag(this.state, message, nowMs);
    if ('refusal' in decision) return Promise.resolve({ ok: false, ...decision });
    const { event, tag } = decision;
    const meters = this.meters(tag.on);
    const hung = event.type === 'TagHung';
    const result = hung ? { tag: tag.id, meters: meters.length } : { ok: true };
    const after = evolveTags(this.state, event);
    audit.changed(request.key, `tag:${tag.id}`, hung ? null : tag, hung ? tag : null);
    const { record } = accept(request, result, nowMs);
    const { type, ...data } = event;
    committer.append(
      [{ key: 'tags:site', type, v: EVENT_VERSION, data }],
      [...this.#notes(event.type, tag, request), record],
    );
    // Not before it is written: what breaks there has hung nothing.
    this.state = after;
    this.#now = this.#indexed(after);
    return new Promise((resolve) => this.#follow(meters, () => resolve({ ok: true, result })));
  }

  #follow(meters: readonly string[], done: () => void): void {
    const reached = this.#now;
    this.#core.committer.whenDurable(() => {
      this.#durable = reached;
      for (const id of meters) this.#core.send({ to: 'meter', id, message: { type: 'Wake', name: 'tag' } });
      done();
    });
  }

  /** A line in the timeline of each room concerned, and of each meter that is in none. */
  #notes(kind: 'TagHung' | 'TagLifted', tag: Tag, { operator }: Request): RecordChange[] {
    const { nowMs } = this.#core.context();
    const places = this.meters(tag.on).map((meter) => {
      const room = this.#core.meters.get(meter)?.state.place.room ?? null;
      return room === null ? { room, meter, id: `meter-${meter}` } : { room, meter: null, id: room };
    });
    const detail = { on: tag.on.kind, holder: tag.holder, phone: tag.phone, reason: tag.reason };
    return [...new Map(places.map((place) => [place.id, place])).values()].flatMap(({ room, meter, id }) =>
      timeline(room, nowMs, { id: `${tag.id}-${kind}-${id}`, kind, by: operator, meter, detail }),
    );
  }

  #indexed({ tags }: TagsState): Under {
    const index = new Map<string, Set<Tag>>();
    for (const tag of Object.values(tags))
      for (const key of this.#keysOf(tag.on)) {
        const hung = index.get(key);
        if (hung) hung.add(tag);
        else index.set(key, new Set([tag]));
      }
    return index;
  }

  #keysOf({ kind, id }: Tag['on']): string[] {
    if (kind !== 'riser') return [`${kind}:${id}`];
    const riser = this.#core.directory.get('riser', id);
    return [
      ...(riser?.rooms ?? []).map((room) => `room:${room}`),
      ...(riser?.meters ?? []).map((one) => `meter:${one}`),
    ];
  }
}

function under(tags: Under, room: string | null, line: string, meter: string): readonly Tag[] {
  if (tags.size === 0) return none;
  const keys = [...(room === null ? [] : [`room:${room}`]), `line:${line}`, `meter:${meter}`];
  return [...new Set(keys.flatMap((key) => [...(tags.get(key) ?? none)]))];
}
