/** The second person in the core: proposals appended with their answer, and approved ones done, once. */
import type { ApprovalRule } from '../../protocol/approvals.ts';
import type { OpName, OpOutcome, OpParams, CommandName } from '../../protocol/ops.ts';
import { ops } from '../../protocol/ops.ts';
import { secondPersonFor, SWITCHED_WINDOW_MS, type Facts, type Need } from '../domain/approval/rules.ts';
import { decideApprovals, type ApprovalMessage } from '../domain/approval/decide.ts';
import {
  initialApprovals,
  outstandingOfApprovals,
  type ApprovalsState,
  type Proposal,
} from '../domain/approval/state.ts';
import { accept, type RecordChange, type Request } from '../domain/messages.ts';
import type { JsonObject } from '../domain/json.ts';
import { mayDo } from '../domain/roles.ts';
import { sha256 } from './auditLog.ts';
import { factsOf } from './approvalFacts.ts';
import { approversOf, tellApprovers } from './approvers.ts';
import type { Core } from './core.ts';
import { EVENT_VERSION } from './kinds.ts';
import { scopeRefusal } from './scope.ts';
import type { Operator } from './staff.ts';

export const APPROVAL_KEY = 'approval:site';
/** These say that nothing was done and that it can be tried again as it is. */
const TRY_AGAIN = new Set(['storeAway', 'tooMany', 'coreAway']);
const EXPIRE_EVERY_MS = 1_000;
/** How much it is, is not in what was frozen: the site decides it, between asking and doing. */
const GROWING: ReadonlySet<ApprovalRule> = new Set(['releaseInterlock', 'releaseQuarantine']);
const GROWING_OPS: ReadonlySet<string> = new Set(['closeAccount', 'handOver', 'settleAccount', 'saveControlPlan']);
const growing = (rule: ApprovalRule, op: string): boolean => GROWING.has(rule) || GROWING_OPS.has(op);

type Able = { readonly role: Request['role']; readonly buildings?: readonly string[] | undefined };
type Execute = (proposal: Proposal) => Promise<OpOutcome>;

export class Approvals {
  state: ApprovalsState = initialApprovals;
  readonly #core: Core;
  #execute: Execute | null = null;
  readonly #underWay = new Set<string>();
  #lookedMono = 0;
  /** Who has switched which meters lately; forgotten at a restart. */
  readonly #switched = new Map<string, Map<string, number>>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** The intake can do operations now: what was approved before a crash is done first. */
  attach(execute: Execute): void {
    this.#execute = execute;
    this.#doApproved();
  }

  /** null: one person does. */
  async needed<C extends CommandName>(op: C, params: OpParams<C>, by: string): Promise<Need | null> {
    const limits = this.#core.directory.site.rules.secondPerson;
    return limits ? secondPersonFor(op, params, limits, this.#facts(by)) : null;
  }

  /** More now than what was approved: it was another thing that the approver saw. */
  grown(op: CommandName, now: Need, { rule, amount }: Pick<Proposal, 'rule' | 'amount'>): OpOutcome | null {
    if (now.rule !== rule || !growing(rule, op) || (now.amount ?? 0) <= (amount ?? 0)) return null;
    return { ok: false, refusal: 'approvalOver', detail: `it is more than was approved: ${now.amount}, not ${amount}` };
  }

  /** Switchings count towards how many one person does alone; what it returns takes that back. */
  switched(by: string, now: readonly string[]): () => void {
    if (now.length === 0) return () => undefined;
    const meters = this.#recent(by);
    const fresh = now.filter((meter) => !meters.has(meter));
    for (const meter of now) meters.set(meter, this.#core.options.clock.site());
    this.#switched.set(by, meters);
    return () => fresh.forEach((meter) => this.#switched.get(by)?.delete(meter));
  }

  async propose(
    op: CommandName,
    params: unknown,
    need: Need,
    request: Request,
    address: string | null,
  ): Promise<OpOutcome> {
    const frozen = JSON.parse(JSON.stringify(params)) as JsonObject;
    const approvers = await approversOf(this.#core, { op, params: frozen, proposer: request.operator });
    const limits = this.#core.directory.site.rules.secondPerson;
    const { reason, note, settlement } = params as {
      reason?: unknown;
      note?: unknown;
      settlement?: { note?: unknown };
    };
    const given = reason ?? note ?? settlement?.note;
    const id = `A${this.state.taken + 1}`;
    const done = await this.#take(
      {
        ...{ type: 'Propose', op, params: frozen, ...need, by: request.operator, role: request.role, address },
        ...{ reason: typeof given === 'string' ? given : '', validMs: limits?.validMs ?? 0 },
      },
      [waiting(request, id, this.#core.context().nowMs)],
      {},
      approvers,
    );
    return done.ok ? waits(id) : done;
  }

  async decide(message: ApprovalMessage, request: Request): Promise<OpOutcome> {
    const result = { ok: true } as const;
    return this.#take(message, [accept(request, result, this.#core.context().nowMs).record], result);
  }

  /** Whether this person could have done the proposed operation. */
  async mayDo({ op, params }: Pick<Proposal, 'op' | 'params'>, { role, buildings }: Able): Promise<boolean> {
    const name = op as OpName;
    if (!Object.hasOwn(ops, op) || !mayDo(role, name)) return false;
    return buildings === undefined || (await scopeRefusal(this.#core, name, params, buildings)) === null;
  }

  /** Every quarter second. */
  tick(): void {
    const mono = this.#core.options.clock.mono();
    if (!this.#core.committer.keeping || mono - this.#lookedMono < EXPIRE_EVERY_MS) return;
    this.#lookedMono = mono;
    const { nowMs } = this.#core.context();
    const late = Object.values(this.state.open).some((one) => one.state === 'pending' && one.expiresMs <= nowMs);
    if (late) void this.#take({ type: 'Expire' }, []);
    this.#doApproved();
  }

  #take(
    message: ApprovalMessage,
    records: readonly RecordChange[],
    result: JsonObject = {},
    approvers: readonly Operator[] = [],
  ): Promise<OpOutcome> {
    const { committer } = this.#core;
    const decision = decideApprovals(this.state, message, { nowMs: this.#core.context().nowMs, digest: sha256 });
    if (decision.refused) return Promise.resolve({ ok: false, ...decision.refused });
    const told = tellApprovers(this.#core, decision.events, approvers);
    this.state = decision.state;
    const events = decision.events.map(({ type, ...data }) => ({ key: APPROVAL_KEY, type, v: EVENT_VERSION, data }));
    committer.append([...events, ...told.events], [...decision.records, ...told.records, ...records]);
    return new Promise((resolve) =>
      committer.whenDurable(() => {
        resolve({ ok: true, result });
        if (message.type === 'Approve') this.#doApproved();
      }),
    );
  }

  /** The request's id is the approval's: however often this runs, the operation is done once. */
  #doApproved(): void {
    if (!this.#execute) return;
    for (const proposal of outstandingOfApprovals(this.state)) {
      const { id } = proposal;
      if (this.#underWay.has(id)) continue;
      this.#underWay.add(id);
      this.#execute(proposal)
        .then((outcome) => {
          if (outcome.ok) return this.#take({ type: 'Finish', id, refusal: null }, []);
          if (TRY_AGAIN.has(outcome.refusal)) return null;
          return this.#take({ type: 'Finish', id, refusal: `${outcome.refusal}: ${outcome.detail}` }, []);
        })
        .finally(() => this.#underWay.delete(id))
        .catch((error: unknown) =>
          this.#core.options.log('error', `what was approved as ${id} broke`, {
            error: error instanceof Error ? (error.stack ?? error.message) : String(error),
          }),
        );
    }
  }

  #recent(by: string): Map<string, number> {
    const since = this.#core.options.clock.site() - SWITCHED_WINDOW_MS;
    return new Map([...(this.#switched.get(by) ?? [])].filter(([, atMs]) => atMs > since));
  }

  #facts(by: string): Facts {
    return factsOf(this.#core, (meters) => new Set([...this.#recent(by).keys(), ...meters]).size);
  }
}

const waits = (id: string): OpOutcome => ({
  ...{ ok: false, refusal: 'needsApproval', detail: 'a second person has to approve it', approval: id },
});
export const waitsAs = waits;

/** A repeat under the same id is told the same approval. */
const waiting = ({ key, bodyHash }: Request, id: string, nowMs: number): RecordChange => ({
  kind: 'request',
  id: key,
  value: { bodyHash, result: null, waits: id, atMs: nowMs },
  index: { all: nowMs },
});
