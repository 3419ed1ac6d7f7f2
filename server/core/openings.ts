/**
 * Lists of accounts that are opened together. Each is opened by the command it would be opened by alone, under an id that
 * belongs to the list: told again after a crash, it gives the answer it has given.
 */
import type { OpOutcome, OpParams, Refusal } from '../../protocol/ops.ts';
import type { OpeningItem } from '../../protocol/openings.ts';
import { assert } from '../domain/assert.ts';
import { accept, type RecordChange, type Request } from '../domain/messages.ts';
import {
  evolveOpenings,
  initialOpenings,
  type OpeningList,
  type OpeningsEvent,
  type OpeningsState,
} from '../domain/openings/state.ts';
import { refusal } from './commands/route.ts';
import type { Core } from './core.ts';
import { EVENT_VERSION } from './kinds.ts';
import { accountStatus } from './queries/accounts.ts';

const KEY = 'openings:site';
/** Under way at once: their commits are one, and what a cancel comes too late for is little. */
const PORTION = 200;

/** Not the account's fault: it is asked for again. */
const passing: readonly Refusal[] = ['storeAway', 'tooMany', 'takeoverUnderWay'];

type Typed = OpParams<'openAccounts'>['typed'];
type Open = (list: OpeningList, account: string, typed: Typed) => Promise<OpOutcome>;

export class Openings {
  state: OpeningsState = initialOpenings;
  readonly #core: Core;
  #open: Open | null = null;
  #running = false;

  constructor(core: Core) {
    this.#core = core;
  }

  attach(open: Open): void {
    this.#open = open;
  }

  /** Those that are open already are left out. */
  start({ accounts, typed }: OpParams<'openAccounts'>, request: Request): OpOutcome | Promise<OpOutcome> {
    if (this.state.list) return refusal('openingsUnderWay', 'another list is being opened');
    const unique = [...new Set(accounts)];
    const unknown = unique.find((id) => !this.#core.directory.get('account', id));
    if (unknown !== undefined) return refusal('notFound', `there is no account ${unknown}`);
    const openable = unique.filter((id) => ['draft', 'closed'].includes(accountStatus(this.#core, id)));
    if (openable.length === 0) return refusal('accountState', 'all of them are open, or being opened, already');
    const owned = typed.map((reading) => ({ account: this.#plannedBy(openable, reading.meter) ?? '', ...reading }));
    const stray = owned.findIndex(({ account }) => account === '');
    if (stray !== -1) return refusal('invalid', `typed.${stray}.meter: a meter of one of the accounts`);
    const { nowMs } = this.#core.context();
    const list: OpeningList = {
      ...{ id: `L${this.state.taken + 1}`, by: request.operator, role: request.role, atMs: nowMs, typed: owned },
      items: openable.map((account) => ({ account, state: 'waiting', why: null })),
    };
    return this.#answered({ type: 'OpeningsStarted', list }, request, { openings: list.id });
  }

  cancel(id: string, request: Request): OpOutcome | Promise<OpOutcome> {
    const { list } = this.state;
    const left = list?.id === id ? list.items.filter(({ state }) => state === 'waiting').length : 0;
    if (left === 0) return refusal('nothingToCancel', 'nothing of it waits any more');
    return this.#answered({ type: 'OpeningsCancelled', by: request.operator }, request, { cancelled: left });
  }

  /** Every quarter second: goes on with what is left. */
  tick(): void {
    if (!this.state.list || this.#running || !this.#open || !this.#core.committer.keeping) return;
    this.#running = true;
    void this.#portion(this.state.list, this.#open)
      .catch((error: unknown) => this.#core.options.onFatal(error))
      .finally(() => (this.#running = false));
  }

  /** Portions follow each other until one brings nothing; a passing trouble is tried again at a later tick. */
  async #portion(begun: OpeningList, open: Open): Promise<void> {
    for (let list = this.state.list; list?.id === begun.id; list = this.state.list) {
      const next = list.items.filter(({ state }) => state === 'waiting').slice(0, PORTION);
      if (next.length === 0) return this.#end(list);
      const typedOf = (account: string): Typed =>
        begun.typed.flatMap(({ account: of, ...reading }) => (of === account ? [reading] : []));
      const results = await Promise.all(
        next.map(async ({ account }): Promise<OpeningItem | null> => {
          const outcome = await open(begun, account, typedOf(account));
          if (outcome.ok) return { account, state: 'started', why: null };
          const { refusal: why, detail } = outcome;
          return passing.includes(why) ? null : { account, state: 'refused', why: { refusal: why, detail } };
        }),
      );
      const answered = results.filter((result) => result !== null);
      if (answered.length === 0) return;
      this.#emit({ type: 'OpeningsAnswered', results: answered });
    }
  }

  #plannedBy(accounts: readonly string[], meter: string): string | undefined {
    const room = this.#core.meters.get(meter)?.state.place.room;
    return accounts.find((id) => {
      const plan = this.#core.directory.get('account', id)?.plan;
      return plan?.meters.some((one) => one.meter === meter) || (room != null && plan?.rooms.includes(room));
    });
  }

  #end(list: OpeningList): void {
    const { nowMs } = this.#core.context();
    this.#emit({ type: 'OpeningsEnded', atMs: nowMs }, [recordOf(list, nowMs)]);
  }

  #answered(
    event: OpeningsEvent,
    request: Request,
    result: { readonly [key: string]: string | number },
  ): Promise<OpOutcome> {
    const { record } = accept(request, result, this.#core.context().nowMs);
    this.#emit(event, [record]);
    return new Promise((resolve) => this.#core.committer.whenDurable(() => resolve({ ok: true, result })));
  }

  #emit(event: OpeningsEvent, records: readonly RecordChange[] = []): void {
    this.state = evolveOpenings(this.state, event);
    const { list } = this.state;
    assert(list !== null || event.type === 'OpeningsEnded', 'an event of a list is of one');
    const { type, ...data } = event;
    const started = event.type === 'OpeningsStarted' && list ? [recordOf(list, null)] : [];
    this.#core.committer.append([{ key: KEY, type, v: EVENT_VERSION, data }], [...records, ...started]);
  }
}

/** While it is under way its state is the better answer. */
function recordOf({ id, by, atMs, items }: OpeningList, endedMs: number | null): RecordChange {
  return { kind: 'openings', id, value: { id, by, atMs, endedMs, items }, index: { all: atMs } };
}
