/** Operations from the gateway: may they, have they been done already, who decides, and the answer after the commit. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../protocol/audit.ts';
import { mayOpenItself } from '../../protocol/parameters.ts';
import type { Who } from '../../protocol/ipc.ts';
import {
  ops,
  type CommandName,
  type OpName,
  type OpOutcome,
  type OpParams,
  type QueryName,
  type Refusal,
} from '../../protocol/ops.ts';
import type { Request } from '../domain/messages.ts';
import { mayDo, needsProof } from '../domain/roles.ts';
import { StoreError } from '../store/store.ts';
import type { Proposal } from '../domain/approval/state.ts';
import { breakersIn, metersOfPlan } from './approvalFacts.ts';
import { waitsAs } from './approvals.ts';
import type { Core } from './core.ts';
import { accountRoutes } from './commands/accounts.ts';
import { allowanceRoutes } from './commands/allowances.ts';
import { approvalRoutes } from './commands/approvals.ts';
import { alarmRoutes } from './commands/alarms.ts';
import { chargingRoutes } from './commands/charging.ts';
import { controlRoutes } from './commands/control.ts';
import { emergencyRoutes } from './commands/emergencies.ts';
import { explanationRoutes } from './commands/explanations.ts';
import { fieldRoutes } from './commands/field.ts';
import { groupRoutes } from './commands/groups.ts';
import { handOverRoutes } from './commands/nextTenant.ts';
import { handoverRoutes } from './commands/handover.ts';
import { meterRoutes } from './commands/meters.ts';
import { moneyRoutes } from './commands/money.ts';
import { noticeRoutes } from './commands/notices.ts';
import { openingRoutes } from './commands/openings.ts';
import { parameterRoutes } from './commands/parameters.ts';
import { peopleRoutes } from './commands/people.ts';
import { riserRoutes } from './commands/risers.ts';
import { roomRoutes } from './commands/rooms.ts';
import { importRoutes } from './commands/importRows.ts';
import { setupRoutes } from './commands/setup.ts';
import { ruleRoutes } from './commands/rules.ts';
import { tagRoutes } from './commands/tags.ts';
import { takeoverRoutes } from './commands/takeovers.ts';
import { tariffRoutes } from './commands/tariffs.ts';
import { walletRoutes } from './commands/wallets.ts';
import { refusal, type Routed, type Routes } from './commands/route.ts';
import { answerQuery } from './queries.ts';
import type { Asked } from './queries/answer.ts';
import { onlyWithin } from './queries/scoped.ts';
import { scopeRefusal } from './scope.ts';

const routes: Routes<CommandName> = {
  ...roomRoutes,
  ...accountRoutes,
  ...tariffRoutes,
  ...setupRoutes,
  ...importRoutes,
  ...meterRoutes,
  ...moneyRoutes,
  ...chargingRoutes,
  ...alarmRoutes,
  ...noticeRoutes,
  ...peopleRoutes,
  ...approvalRoutes,
  ...handOverRoutes,
  ...handoverRoutes,
  ...emergencyRoutes,
  ...groupRoutes,
  ...ruleRoutes,
  ...tagRoutes,
  ...walletRoutes,
  ...allowanceRoutes,
  ...takeoverRoutes,
  ...openingRoutes,
  ...explanationRoutes,
  ...riserRoutes,
  ...fieldRoutes,
  ...parameterRoutes,
  ...controlRoutes,
};
/** `waits`: it became a proposal for a second person. */
const doneSchema = z.object({ bodyHash: z.string(), result: z.unknown(), waits: z.string().optional() });

/** Which actor decides, or why none can. */
function routed<C extends CommandName>(
  op: C,
  core: Core,
  params: OpParams<C>,
  request: Request,
): Routed | Promise<Routed> {
  return routes[op](core, params, request);
}

/** Commands under way at once; more are refused, so a flood cannot fill the core. */
const UNDER_WAY_MAX = 2_000;

/** What waits for a second person has been noted with it. Of questions only those that were none of the asker's business. */
const isAudited = (op: OpName, refused: Refusal): boolean =>
  (ops[op].kind === 'command' && refused !== 'needsApproval') || refused === 'forbidden' || refused === 'outOfScope';

/** These look at the site and change it over several turns: one after the other, so that no two find the same thing free. */
const oneByOne: ReadonlySet<CommandName> = new Set([
  ...(['openAccount', 'addMeters', 'closeAccount', 'handOver', 'addWallet', 'moveMeters'] as const),
  ...(['saveMeter', 'importRows', 'swapMeter', 'changeMultiplier', 'removePlace'] as const),
  ...(['keepRoomPower', 'signTakeover', 'assignControlPlan', 'removeControlPlan'] as const),
  ...(['changeOperator', 'disableOperator', 'resetOperator'] as const),
]);

/** What could let the rooms, take the ids or move the meters of a takeover that is being posted. */
const afterTakeover: ReadonlySet<CommandName> = new Set([
  ...(['saveAccount', 'openAccount', 'addMeters', 'closeAccount', 'handOver', 'signTakeover'] as const),
  ...(['saveMeter', 'importRows', 'swapMeter', 'changeMultiplier', 'removePlace'] as const),
]);

/** These pay out: one after the other, so that each counts what the one before has paid. */
const paying: ReadonlySet<CommandName> = new Set([
  ...(['refund', 'reverse', 'returnDeposit', 'closeAccount', 'handOver', 'settleAccount', 'returnSuspense'] as const),
]);

/** What rows of an import were checked against. */
const changesPlaces: ReadonlySet<CommandName> = new Set([
  ...(['saveBuilding', 'saveFloor', 'saveRoom', 'removePlace', 'saveMeter'] as const),
  ...(['swapMeter', 'changeMultiplier', 'importRows', 'signTakeover'] as const),
]);
/** Meters whose breakers it switches. */
function switchedBy(core: Core, op: CommandName, params: unknown): readonly string[] {
  switch (op) {
    case 'switchMeter':
      return [(params as OpParams<'switchMeter'>).meter];
    case 'startGroup':
    case 'assignControlPlan':
      return (params as OpParams<'startGroup' | 'assignControlPlan'>).meters;
    case 'saveControlPlan':
      return metersOfPlan(core, (params as OpParams<'saveControlPlan'>).plan);
    case 'writeParameters': {
      const { meter, values } = params as OpParams<'writeParameters'>;
      return mayOpenItself(values) ? [meter] : [];
    }
    case 'keepRoomPower':
      return breakersIn(core, (params as OpParams<'keepRoomPower'>).room);
    default:
      return [];
  }
}

type Approved = Pick<Proposal, 'id' | 'rule' | 'amount'> & { readonly by: string };

export class Intake {
  readonly #core: Core;
  readonly #asked: Omit<Asked, 'who'>;
  readonly #waiting = new Map<
    number,
    { readonly target: string; readonly resolve: (outcome: OpOutcome) => void; readonly decided: () => void }
  >();
  /** Under way, by idempotency key: the same id twice at once is one command. */
  readonly #underWay = new Map<string, { bodyHash: string; outcome: Promise<OpOutcome> }>();
  #next = 1;
  #last: Promise<unknown> = Promise.resolve();
  #lastPaid: Promise<unknown> = Promise.resolve();

  constructor(core: Core, lines: Asked['lines']) {
    this.#core = core;
    this.#asked = { core, lines };
    core.onReply = (request, outcome) => {
      this.#waiting.get(request)?.resolve(outcome);
      this.#waiting.delete(request);
    };
    core.onDecided = (request) => this.#waiting.get(request)?.decided();
    core.openings.attach(({ id, by, role }, account, typed) => {
      const params = { account, typed };
      // No operator's name holds a slash: its id is no one's idempotency id.
      return this.#once({ operator: by, role }, 'openAccount', params, `opened/${id}/${account}`);
    });
    core.approvals.attach((proposal) => this.#approved(proposal));
    core.onParked = (key) => {
      for (const [request, { target, resolve }] of this.#waiting) {
        if (target !== key) continue;
        this.#waiting.delete(request);
        resolve(refusal('parked', `${key} has stopped after an error`));
      }
    };
  }

  async do(who: Who, op: OpName, rawParams: unknown, idempotencyKey: string | null): Promise<OpOutcome> {
    const outcome = await this.#judge(who, op, rawParams, idempotencyKey);
    if (!outcome.ok && isAudited(op, outcome.refusal))
      await this.#core.audit.note({ who, op, params: rawParams }, outcome.refusal, outcome.detail);
    return outcome;
  }

  async #judge(who: Who, op: OpName, rawParams: unknown, idempotencyKey: string | null): Promise<OpOutcome> {
    const definition = ops[op];
    if (!mayDo(who.role, op)) return refusal('forbidden', `the role ${who.role} may not do this`);
    const parsed = definition.params.safeParse(rawParams);
    if (!parsed.success)
      return refusal(
        'invalid',
        parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      );
    try {
      const outside = who.buildings && (await scopeRefusal(this.#core, op, parsed.data, who.buildings));
      if (outside) return outside;
      if (definition.kind === 'query') return await this.#ask(who, op as QueryName, parsed.data as OpParams<QueryName>);
      if (!idempotencyKey) return refusal('invalid', 'a change needs an idempotency id');
      if (needsProof(op, who.provedAgoMs)) return refusal('proofNeeded', 'the password has to be given again');
      const outcome = await this.#once(who, op as CommandName, parsed.data, `${who.operator}:${idempotencyKey}`);
      this.#core.metrics.commands.inc({ result: outcome.ok ? 'done' : outcome.refusal });
      return outcome;
    } catch (error) {
      if (error instanceof StoreError) return refusal('storeAway', 'the store does not answer; nothing was done');
      throw error;
    }
  }

  /** What a second person has approved, in the name of who proposed it. Its id is no one's idempotency id. */
  async #approved(proposal: Proposal): Promise<OpOutcome> {
    const { id, op, params, proposer, role, address, rule, amount, decidedBy } = proposal;
    const name = op as CommandName;
    const parsed = Object.hasOwn(ops, op) ? ops[name].params.safeParse(params) : null;
    if (!parsed?.success) return refusal('invalid', 'this program knows the operation no more in this form');
    const who: Who = { operator: proposer, role, ...(address === null ? {} : { address }) };
    const approval = { id, by: decidedBy ?? '' };
    try {
      const outcome = await this.#once(who, name, parsed.data, `approved/${id}`, { ...approval, rule, amount });
      if (!outcome.ok && outcome.refusal !== 'storeAway')
        await this.#core.audit.note({ who, op, params, approval }, outcome.refusal, outcome.detail);
      return outcome;
    } catch (error) {
      if (error instanceof StoreError) return refusal('storeAway', 'the store does not answer; nothing was done');
      throw error;
    }
  }

  async #ask<Q extends QueryName>(who: Who, op: Q, params: OpParams<Q>): Promise<OpOutcome> {
    const outcome = await answerQuery({ ...this.#asked, who }, op, params);
    return who.buildings ? onlyWithin(this.#core, op, who.buildings, outcome) : outcome;
  }

  /** The same id: the recorded answer, the one under way, or a conflict when the body differs. */
  async #once(who: Who, op: CommandName, params: unknown, key: string, approval?: Approved): Promise<OpOutcome> {
    const bodyHash = createHash('sha256').update(canonicalJson({ op, params })).digest('base64url');
    const other = refusal('conflict', 'this idempotency id was used with another body');
    const running = this.#underWay.get(key);
    if (running) return running.bodyHash === bodyHash ? running.outcome : other;
    if (this.#underWay.size >= UNDER_WAY_MAX) return refusal('tooMany', 'too many commands at once');
    const outcome = this.#decide(who, op, params, key, bodyHash, other, approval);
    this.#underWay.set(key, { bodyHash, outcome });
    try {
      return await outcome;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #decide(
    who: Who,
    op: CommandName,
    params: unknown,
    key: string,
    bodyHash: string,
    other: OpOutcome,
    approval: Approved | undefined,
  ): Promise<OpOutcome> {
    if (!this.#core.committer.keeping) return refusal('storeAway', 'money is on hold: the store does not keep');
    const recorded = await this.#core.options.store.get('request', key);
    if (recorded) {
      const done = doneSchema.parse(recorded);
      if (done.bodyHash === bodyHash && done.waits !== undefined) return waitsAs(done.waits);
      return done.bodyHash === bodyHash ? { ok: true, result: done.result } : other;
    }
    const request: Request = {
      id: this.#next++,
      operator: who.operator,
      role: who.role,
      key,
      bodyHash,
      ...(who.session && { session: who.session }),
      ...(who.buildings && { buildings: who.buildings }),
      ...(approval?.rule === 'refund' && approval.amount !== null && { approvedMicro: approval.amount }),
    };
    const { approvals, audit } = this.#core;
    audit.begin(key, { who, op, params, ...(approval && { approval: { id: approval.id, by: approval.by } }) });
    let outcome: OpOutcome | null = null;
    // Counted before it is judged: many at once are many.
    const uncount = approvals.switched(who.operator, switchedBy(this.#core, op, params));
    try {
      const doIt = (): Promise<OpOutcome> => this.#doOrPropose(who, op, params, request, approval);
      outcome = await (paying.has(op) ? this.#payQueue(doIt) : doIt());
      if (!outcome.ok) uncount();
      return outcome;
    } finally {
      this.#core.audit.end(key, outcome);
    }
  }

  async #doOrPropose(
    who: Who,
    op: CommandName,
    params: unknown,
    request: Request,
    approval: Approved | undefined,
  ): Promise<OpOutcome> {
    const { approvals } = this.#core;
    const need = await approvals.needed(op, params as OpParams<typeof op>, who.operator);
    if (need && !approval) return approvals.propose(op, params, need, request, who.address ?? null);
    const grown = need && approval ? approvals.grown(op, need, approval) : null;
    if (grown) return grown;
    return oneByOne.has(op) ? this.#queue(op, params, request) : this.#perform(op, params, request);
  }

  #payQueue(pay: () => Promise<OpOutcome>): Promise<OpOutcome> {
    const outcome = this.#lastPaid.then(pay);
    this.#lastPaid = outcome.catch(() => undefined);
    return outcome;
  }

  /** The next one looks at what this one has decided; its commit they may share. */
  #queue(op: CommandName, params: unknown, request: Request): Promise<OpOutcome> {
    let outcome: Promise<OpOutcome> | null = null;
    const turn = this.#last.then(
      () =>
        new Promise<void>((decided) => {
          outcome = this.#perform(op, params, request, decided);
          outcome.then(
            () => decided(),
            () => decided(),
          );
        }),
    );
    this.#last = turn;
    return turn.then(() => outcome ?? refusal('invalid', 'nothing was asked'));
  }

  /** `decided`: called once the actor it goes to has decided. */
  async #perform(
    op: CommandName,
    params: unknown,
    request: Request,
    decided: () => void = () => undefined,
  ): Promise<OpOutcome> {
    if (this.#core.siteImports.under && changesPlaces.has(op))
      return refusal('importUnderWay', 'rooms and meters are being imported; when that is done');
    if (this.#core.takeovers.under && afterTakeover.has(op))
      return refusal('takeoverUnderWay', 'accounts are being taken over; when that is done');
    const send = await routed(op, this.#core, params as OpParams<typeof op>, request);
    if ('ok' in send) return send;
    const target = 'id' in send ? `${send.to}:${send.id}` : `${send.to}:site`;
    if (this.#core.actors.isParked(target))
      return refusal('parked', `${target} has stopped after an error; nothing was done`);
    return new Promise((resolve) => {
      this.#waiting.set(request.id, { target, resolve, decided });
      this.#core.send(send);
    });
  }
}
