/**
 * The only importer of nact. Handlers are synchronous; a throw parks the actor (its mailbox is kept and counted, the
 * others go on); messages to nobody and over the bound are counted, never lost silently.
 */
import { dispatch, spawn, start, stop, type ActorSystemRef, type Ref as NactRef } from 'nact';

declare const messageType: unique symbol;
/** Branded by its message: nact's own Ref of one type is assignable to any other. */
export type Ref<M> = { readonly key: string; readonly [messageType]: (message: M) => void };

type Cell = {
  readonly key: string;
  readonly handle: (message: never) => void;
  actor: NactRef<unknown> | null;
  depth: number;
  parked: boolean;
};

export type ActorHooks = { readonly onParked: (key: string, error: unknown) => void };

/** A parked actor holds at most this many messages; what it cannot hold is still owed by its sender's journal. */
export const MAILBOX_MAX = 100_000;

/** Of nact's alphabet, and another one for every key: `_` begins an escape and is escaped itself. */
export const nameOf = (key: string): string =>
  key.replaceAll(/[^A-Za-z0-9-]/g, (unit) => `_${unit.charCodeAt(0).toString(16)}_`);

export class Actors {
  readonly #system: ActorSystemRef = start();
  readonly #cells = new Map<string, Cell>();
  /** Idle parents, one per kind, hold the many: nact copies a parent's children for each message it handles. */
  readonly #parents = new Map<string, NactRef<unknown>>();
  readonly #hooks: ActorHooks;
  readonly parked: string[] = [];
  deadLetters = 0;
  mailboxMax = 0;
  /** Messages sent and not yet handled. */
  waiting = 0;

  constructor(hooks: ActorHooks) {
    this.#hooks = hooks;
  }

  get count(): number {
    return this.#cells.size;
  }

  spawn<M>(key: string, handle: (message: M) => void): Ref<M> {
    const kind = key.slice(0, key.indexOf(':'));
    const cell: Cell = { key, handle, actor: null, depth: 0, parked: false };
    const properties = { initialState: cell };
    cell.actor = spawn(this.#parent(kind), this.#turn, nameOf(key), properties) as NactRef<unknown>;
    this.#cells.set(key, cell);
    // The brand exists for the type checker alone; what is behind it is the cell.
    return cell as unknown as Ref<M>;
  }

  tell<M>(ref: Ref<M>, message: M): void {
    const cell = ref as unknown as Cell;
    if (cell.actor === null || cell.depth >= MAILBOX_MAX) {
      this.deadLetters += 1;
      return;
    }
    cell.depth += 1;
    this.waiting += 1;
    if (cell.depth > this.mailboxMax) this.mailboxMax = cell.depth;
    dispatch(cell.actor, message);
  }

  isParked(key: string): boolean {
    return this.#cells.get(key)?.parked ?? false;
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

  /** One function for all, whose state is the cell: three closures for each of thirty thousand actors are megabytes. */
  readonly #turn = (cell: Cell, message: unknown): Cell | Promise<Cell> => {
    cell.depth -= 1;
    this.waiting -= 1;
    try {
      cell.handle(message as never);
      return cell;
    } catch (error) {
      return this.#park(cell, error);
    }
  };

  /** A state that never comes leaves the actor busy for ever: nact keeps its mailbox and calls nobody else. */
  #park(cell: Cell, error: unknown): Promise<Cell> {
    cell.parked = true;
    this.parked.push(cell.key);
    this.#hooks.onParked(cell.key, error);
    return new Promise(() => {});
  }

  #parent(kind: string): NactRef<unknown> {
    let parent = this.#parents.get(kind);
    if (!parent) {
      parent = spawn(this.#system, () => undefined, kind) as NactRef<unknown>;
      this.#parents.set(kind, parent);
    }
    return parent;
  }
}
