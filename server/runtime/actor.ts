/**
 * The only importer of nact. Handlers are synchronous; a throw parks the actor (its mailbox is kept and counted, the
 * others go on); messages to nobody and over the bound are counted, never lost silently.
 */
import { dispatch, spawn, start, stop, type ActorSystemRef, type Ref as NactRef } from 'nact';

declare const messageType: unique symbol;
type Letter = { readonly message: never; next: Letter | null };

/** Its own fields are its state. Branded by its message: nact's own Ref of one type is assignable to any other. */
export abstract class Actor<M> {
  declare readonly [messageType]: (message: M) => void;
  readonly key: string;
  /** The runtime's: whose turns it takes, its mailbox, and how many messages are in it. */
  host: NactRef<Actor<never>> | null = null;
  first: Letter | null = null;
  last: Letter | null = null;
  depth = 0;
  parked = false;
  constructor(key: string) {
    this.key = key;
  }
  abstract handle(message: M): void;
}
export type Ref<M> = Actor<M>;

class Handler<M> extends Actor<M> {
  readonly #handle: (message: M) => void;
  constructor(key: string, handle: (message: M) => void) {
    super(key);
    this.#handle = handle;
  }
  handle(message: M): void {
    this.#handle(message);
  }
}

export type ActorHooks = { readonly onParked: (key: string, error: unknown) => void };

/** A parked actor holds at most this many messages; what it cannot hold is still owed by its sender's journal. */
export const MAILBOX_MAX = 100_000;

/**
 * An actor of nact's takes 1.3 KiB, and thirty thousand of ours are megabytes: beyond so many of a kind they share
 * them, in turns. What nact is sent is the actor whose turn it is, one message a turn, so that a full mailbox
 * holds up nobody else's.
 */
const HOSTS_MAX = 500;

export class Actors {
  readonly #system: ActorSystemRef = start();
  readonly #kinds = new Map<string, { readonly hosts: NactRef<Actor<never>>[]; count: number }>();
  readonly #hooks: ActorHooks;
  readonly parked: string[] = [];
  count = 0;
  deadLetters = 0;
  mailboxMax = 0;
  /** Messages sent and not yet handled. */
  waiting = 0;

  constructor(hooks: ActorHooks) {
    this.#hooks = hooks;
  }

  spawn<M>(key: string, handle: (message: M) => void): Ref<M> {
    return this.add(new Handler(key, handle));
  }

  add<A extends Actor<never>>(actor: A): A {
    actor.host = this.#host(actor.key.slice(0, actor.key.indexOf(':')));
    this.count += 1;
    return actor;
  }

  tell<M>(actor: Ref<M>, message: M): void {
    const { host, depth } = actor;
    if (host === null || depth >= MAILBOX_MAX) {
      this.deadLetters += 1;
      return;
    }
    // What an actor is sent is of its own type: `tell` has seen to it.
    const letter: Letter = { message: message as never, next: null };
    if (actor.last) actor.last.next = letter;
    else actor.first = letter;
    actor.last = letter;
    actor.depth = depth + 1;
    this.waiting += 1;
    if (depth >= this.mailboxMax) this.mailboxMax = depth + 1;
    if (depth === 0 && !actor.parked) dispatch(host, actor);
  }

  isParked(key: string): boolean {
    return this.parked.includes(key);
  }

  /** Deepest mailbox since the last call. */
  takeMailboxMax(): number {
    const max = this.mailboxMax;
    this.mailboxMax = 0;
    return max;
  }

  stop(): void {
    stop(this.#system);
  }

  readonly #turn = (_state: unknown, actor: Actor<never>): void => {
    const letter = actor.first;
    if (letter === null) return;
    try {
      actor.handle(letter.message);
    } catch (error) {
      this.#park(actor, error);
    }
    actor.first = letter.next;
    if (letter.next === null) actor.last = null;
    actor.depth -= 1;
    this.waiting -= 1;
    if (actor.depth > 0 && !actor.parked && actor.host) dispatch(actor.host, actor);
  };

  #park(actor: Actor<never>, error: unknown): void {
    actor.parked = true;
    this.parked.push(actor.key);
    this.#hooks.onParked(actor.key, error);
  }

  /** The hosts have no parent but the system: nact copies a parent's children for each message it handles. */
  #host(kind: string): NactRef<Actor<never>> {
    let of = this.#kinds.get(kind);
    if (!of) this.#kinds.set(kind, (of = { hosts: [], count: 0 }));
    const at = of.count % HOSTS_MAX;
    of.count += 1;
    return (of.hosts[at] ??= spawn(this.#system, this.#turn, `${kind}-${at}`));
  }
}
