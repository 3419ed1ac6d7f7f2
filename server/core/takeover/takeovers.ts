/**
 * Takeovers in the core. Rows wait in memory until they are signed. What is signed is written part by part and takes
 * effect with the one commit that holds the signature: without it nothing has happened, with it all of it is posted,
 * by this process or the next.
 */
import { canonicalJson } from '../../../protocol/audit.ts';
import type { OpOutcome, OpParams, OpResult } from '../../../protocol/ops.ts';
import { TAKEOVER_ERRORS_MAX } from '../../../protocol/ops/takeovers.ts';
import type { TakenAccount, Takeover, TakeoverRow } from '../../../protocol/takeover.ts';
import { assert } from '../../domain/assert.ts';
import { accept, type RecordChange, type Request } from '../../domain/messages.ts';
import { parseYuan } from '../../domain/money.ts';
import { checkTakeover, type CheckedTakeover } from '../../domain/takeover/check.ts';
import {
  evolveTakeover,
  initialTakeover,
  viewOf,
  type TakeoverEvent,
  type TakeoverState,
} from '../../domain/takeover/state.ts';
import { mismatch, totalsOf } from '../../domain/takeover/totals.ts';
import { openingPlanSchema } from '../../../protocol/accounts.ts';
import { sha256 } from '../auditLog.ts';
import { refusal, whenDone } from '../commands/route.ts';
import type { Core } from '../core.ts';
import { Drafts } from '../drafts.ts';
import { EVENT_VERSION } from '../kinds.ts';
import { takeoverPartSchema } from './parts.ts';
import { takeoverSite } from './site.ts';

const KEY = 'takeover:site';
/** Accounts of one part: far below what a commit holds. */
const PART = 100;

/** A wallet that is taken over has the usual levels; its account's page changes them. */
const usual = openingPlanSchema.shape.wallets.parse([{ id: 'usual' }])[0];

export class Takeovers {
  state: TakeoverState = initialTakeover;
  readonly #core: Core;
  readonly #drafts = new Drafts<TakeoverRow>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** One is being posted: what could let its rooms or take its ids meanwhile is refused. */
  get under(): boolean {
    return this.state.under !== null;
  }

  stage({ draft, part, rows }: OpParams<'stageTakeover'>): OpOutcome {
    const count = this.#drafts.put(draft, part, rows);
    return count === null ? refusal('invalid', 'rows: too many at once') : { ok: true, result: { rows: count } };
  }

  check({ draft, asOfMs }: OpParams<'checkTakeover'>): OpOutcome {
    const found = this.#checked(draft, asOfMs);
    if ('refusal' in found) return found;
    const { rows, checked, hash } = found;
    const { errors, accounts, same } = checked;
    const result: OpResult<'checkTakeover'> = {
      ...{ rows, accounts: accounts.length, meters: metersOf(accounts), same, hash },
      ...{ errorCount: errors.length, errors: errors.slice(0, TAKEOVER_ERRORS_MAX) },
      totals: totalsOf(accounts, (building) => this.#core.directory.get('building', building)?.name ?? building),
    };
    return { ok: true, result };
  }

  sign(params: OpParams<'signTakeover'>, request: Request): OpOutcome | Promise<OpOutcome> {
    const { draft, asOfMs, hash, source, totals: attested } = params;
    if (this.under) return refusal('takeoverUnderWay', 'one is being posted already');
    const found = this.#checked(draft, asOfMs);
    if ('refusal' in found) return found;
    const { errors, accounts } = found.checked;
    const [first] = errors;
    if (first) return refusal('invalid', `rows.${first.row}.${first.column}: ${first.mistake}`);
    if (accounts.length === 0) return refusal('invalid', 'rows: all of it has been taken over already');
    if (found.hash !== hash) return refusal('invalid', 'hash: the rows are not what was shown');
    const totals = totalsOf(accounts, (building) => this.#core.directory.get('building', building)?.name ?? building);
    const wrong = mismatch(totals, attested);
    if (wrong !== null) return refusal('invalid', wrong);
    const { nowMs } = this.#core.context();
    const parts = Array.from({ length: Math.ceil(accounts.length / PART) }, (_, i) =>
      accounts.slice(i * PART, (i + 1) * PART),
    );
    const takeover: Takeover = {
      ...{ id: `T${this.state.taken + 1}`, asOfMs, source, by: request.operator, atMs: nowMs, hash, totals },
      ...{ accounts: accounts.length, meters: metersOf(accounts), parts: parts.length },
    };
    const { committer, audit } = this.#core;
    // Below the signature: without it nobody ever reads them, and the next takeover writes over them.
    for (const [i, part] of parts.entries())
      committer.append([], [{ kind: 'takeoverPart', id: `${takeover.id}/${i}`, value: { accounts: part } }]);
    audit.changed(request.key, KEY, null, takeover);
    const result = { takeover: takeover.id };
    this.#emit({ type: 'TakeoverSigned', takeover }, [accept(request, result, nowMs).record]);
    this.#drafts.drop(draft);
    return new Promise((resolve) =>
      committer.whenDurable(() => {
        resolve({ ok: true, result });
        this.resume();
      }),
    );
  }

  /** After the signature, and at recovery. */
  resume(): void {
    if (this.under) void this.#post().catch((error: unknown) => this.#core.options.onFatal(error));
  }

  async #post(): Promise<void> {
    const { committer, options } = this.#core;
    for (let at = this.state.under; at !== null; at = this.state.under) {
      const { takeover, parts } = at;
      if (parts === takeover.parts) {
        this.#emit({ type: 'TakeoverFinished', atMs: this.#core.context().nowMs }, [], at);
        return;
      }
      const { accounts } = takeoverPartSchema.parse(await options.store.get('takeoverPart', `${takeover.id}/${parts}`));
      for (const account of accounts) this.#begin(takeover, account);
      const begun = (): boolean => accounts.every(({ id }) => this.#core.tenancies.state(id).status !== 'none');
      // A parked account stops here, and the takeover goes on when the core starts again.
      const stuck = await whenDone(this.#core, begun);
      if (stuck) return options.log('error', 'a takeover has stopped', { takeover: takeover.id, why: stuck });
      this.#emit({ type: 'TakeoverPosted', parts: parts + 1, accounts: at.accounts + accounts.length });
      await committer.drained();
    }
  }

  /** Each account has its own life from here on; one that has begun is left to it. */
  #begin({ id: takeover, asOfMs, by, atMs }: Takeover, what: TakenAccount): void {
    const { directory, tenancies, pricing } = this.#core;
    const { id, name, phone, sinceMs, rooms, depositMicro } = what;
    const before = directory.get('account', id);
    assert(before === undefined || before.takenOver?.takeover === takeover, `account ${id} is free`);
    if (tenancies.state(id).status !== 'none') return;
    if (!before)
      this.#core.setConfig('account', id, {
        ...{ id, name, phone, rooms: [], wallets: [], contractFromMs: sinceMs },
        takenOver: { takeover, atMs, what },
      });
    const tierUses = (wallet: string): { key: string; period: string; used: number }[] => {
      const uses = new Map<string, { key: string; period: string; used: number }>();
      for (const { meter, room, wallet: own, tierUsed } of what.meters) {
        const tariff = this.#core.meters.get(meter)?.state.config?.tariff;
        if (own !== wallet || tierUsed === null || tariff === undefined) continue;
        const counter = pricing.counter(tariff, { meter, room, account: id }, asOfMs);
        if (counter) uses.set(counter.key, { ...counter, used: tierUsed });
      }
      return [...uses.values()];
    };
    tenancies.tell(id, {
      ...{ type: 'TakeOver', takeover, holder: name, sinceMs, rooms, depositMicro, by },
      wallets: what.wallets.map((wallet) => ({
        ...{ id: wallet.id, overdraftMicro: parseYuan(usual?.overdraft ?? '0'), firstRecharge: null },
        thresholdsMicro: (usual?.thresholds ?? []).map(parseYuan),
        takenOver: { balanceMicro: wallet.balanceMicro, tierUses: tierUses(wallet.id) },
      })),
      meters: what.meters.map(({ meter, room, wallet, index }) => ({
        ...{ meter, room, wallet, tariff: this.#core.meters.get(meter)?.state.config?.tariff ?? '' },
        baseline: { kind: 'taken', index, atMs: asOfMs },
      })),
    });
  }

  #emit(event: TakeoverEvent, records: readonly RecordChange[] = [], done: TakeoverState['under'] = null): void {
    this.state = evolveTakeover(this.state, event);
    const shown = this.state.under ?? done;
    assert(shown !== null, 'an event of a takeover is of one');
    const doneMs = event.type === 'TakeoverFinished' ? event.atMs : null;
    const { type, ...data } = event;
    const { id, atMs } = shown.takeover;
    this.#core.committer.append(
      [{ key: KEY, type, v: EVENT_VERSION, data }],
      [...records, { kind: 'takeover', id, value: viewOf(shown, doneMs), index: { all: atMs } }],
    );
  }

  #checked(draft: string, asOfMs: number): Checked | Extract<OpOutcome, { ok: false }> {
    const rows = this.#drafts.rows(draft);
    if (!rows) return { ok: false, refusal: 'notFound', detail: 'the rows are here no more; choose the file again' };
    if (asOfMs > this.#core.context().nowMs)
      return { ok: false, refusal: 'invalid', detail: 'asOfMs: not later than now' };
    const checked = checkTakeover(rows, takeoverSite(this.#core, asOfMs));
    const hash = sha256(canonicalJson({ asOfMs, accounts: checked.accounts }));
    return { rows: rows.length, checked, hash };
  }
}

type Checked = { readonly rows: number; readonly checked: CheckedTakeover; readonly hash: string };

const metersOf = (accounts: readonly TakenAccount[]): number =>
  accounts.reduce((sum, { meters }) => sum + meters.length, 0);
