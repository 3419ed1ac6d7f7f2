/** Work tags in the core: appended with their answer; the meters under one follow once it is durable. */
import type { OpOutcome } from '../../protocol/ops.ts';
import type { Tag } from '../../protocol/tags.ts';
import { accept, timeline, type RecordChange, type Request } from '../domain/messages.ts';
import { decideTag, evolveTags, initialTags, type TagMessage, type TagsState } from '../domain/tag/tags.ts';
import type { Core } from './core.ts';
import { EVENT_VERSION } from './kinds.ts';

type Under = ReadonlyMap<string, readonly Tag[]>;
const none: readonly Tag[] = [];

export class Tags {
  state: TagsState = initialTags;
  readonly #core: Core;
  /** By `room:id` and `line:id`: asked for every message to a meter. */
  #now: Under = new Map();
  #durable: Under = new Map();

  constructor(core: Core) {
    this.#core = core;
  }

  load(state: TagsState): void {
    this.state = state;
    this.#now = this.#durable = indexed(state);
  }

  /** The tags a meter of this room and line is under. */
  readonly on = (room: string | null, line: string): readonly Tag[] => under(this.#now, room, line);
  /** Of these, only what no crash takes back. */
  readonly durablyOn = (room: string | null, line: string): readonly Tag[] => under(this.#durable, room, line);

  meters({ kind, id }: Tag['on']): string[] {
    return [...this.#core.meters].flatMap(([meter, { state }]) =>
      (kind === 'room' ? state.place.room : state.config?.line) === id ? [meter] : [],
    );
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
    const reached = (this.#now = indexed(after));
    return new Promise((resolve) =>
      committer.whenDurable(() => {
        this.#durable = reached;
        for (const id of meters) this.#core.send({ to: 'meter', id, message: { type: 'Wake', name: 'tag' } });
        resolve({ ok: true, result });
      }),
    );
  }

  /** A line in the timeline of each room concerned. */
  #notes(kind: 'TagHung' | 'TagLifted', tag: Tag, { operator }: Request): RecordChange[] {
    const { nowMs } = this.#core.context();
    const rooms = new Set(this.meters(tag.on).map((meter) => this.#core.meters.get(meter)?.state.place.room ?? null));
    const detail = { on: tag.on.kind, holder: tag.holder, phone: tag.phone, reason: tag.reason };
    return [...rooms].flatMap((room) =>
      timeline(room, nowMs, { id: `${tag.id}-${kind}-${room}`, kind, by: operator, meter: null, detail }),
    );
  }
}

function under(tags: Under, room: string | null, line: string): readonly Tag[] {
  if (tags.size === 0) return none;
  return [...((room !== null && tags.get(`room:${room}`)) || none), ...(tags.get(`line:${line}`) ?? none)];
}

function indexed({ tags }: TagsState): Under {
  const index = new Map<string, Tag[]>();
  for (const tag of Object.values(tags)) {
    const key = `${tag.on.kind}:${tag.on.id}`;
    index.set(key, [...(index.get(key) ?? []), tag]);
  }
  return index;
}
