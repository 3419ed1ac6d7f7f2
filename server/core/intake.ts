/** Operations from the gateway: may they, have they been done already, who decides, and the answer after the commit. */
import { createHash } from 'node:crypto';
import { nanoid } from 'nanoid';
import { z } from 'zod';
import type { Who } from '../../protocol/ipc.ts';
import { ops, orderSchema, type OpName, type OpOutcome, type OpParams, type Refusal } from '../../protocol/ops.ts';
import { assertNever } from '../domain/assert.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Request, Send } from '../domain/messages.ts';
import { parseYuan } from '../domain/money.ts';
import { mayDo } from '../domain/roles.ts';
import { StoreError } from '../store/store.ts';
import type { Core } from './core.ts';
import { answerQuery, type LinesView, type SystemExtras } from './queries.ts';

const refusal = (reason: Refusal, detail: string): OpOutcome => ({ ok: false, refusal: reason, detail });
const doneSchema = z.object({ bodyHash: z.string(), result: z.unknown() });
type CommandName = { [N in OpName]: (typeof ops)[N]['kind'] extends 'command' ? N : never }[OpName];

/** Commands under way at once; more are refused, so a flood cannot fill the core. */
const UNDER_WAY_MAX = 2_000;

/** The same JSON whatever the order of its keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}

export class Intake {
  readonly #core: Core;
  readonly #lines: LinesView & { readonly extras: () => SystemExtras };
  readonly #waiting = new Map<number, { readonly target: string; readonly resolve: (outcome: OpOutcome) => void }>();
  /** Under way, by idempotency key: the same id twice at once is one command. */
  readonly #underWay = new Map<string, { bodyHash: string; outcome: Promise<OpOutcome> }>();
  #next = 1;

  constructor(core: Core, lines: LinesView & { readonly extras: () => SystemExtras }) {
    this.#core = core;
    this.#lines = lines;
    core.onReply = (request, outcome) => {
      this.#waiting.get(request)?.resolve(outcome);
      this.#waiting.delete(request);
    };
    core.onParked = (key) => {
      for (const [request, { target, resolve }] of this.#waiting) {
        if (target !== key) continue;
        this.#waiting.delete(request);
        resolve(refusal('parked', `${key} has stopped after an error`));
      }
    };
  }

  async do(who: Who, op: OpName, rawParams: unknown, idempotencyKey: string | null): Promise<OpOutcome> {
    const definition = ops[op];
    if (!mayDo(who.role, op)) return refusal('forbidden', `the role ${who.role} may not do this`);
    const parsed = definition.params.safeParse(rawParams);
    if (!parsed.success)
      return refusal(
        'invalid',
        parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
      );
    try {
      if (definition.kind === 'query') return await answerQuery(this.#core, this.#lines, op, parsed.data);
      if (!idempotencyKey) return refusal('invalid', 'a change needs an idempotency id');
      const outcome = await this.#once(who, op as CommandName, parsed.data, `${who.operator}:${idempotencyKey}`);
      this.#core.metrics.commands.inc({ result: outcome.ok ? 'done' : outcome.refusal });
      return outcome;
    } catch (error) {
      if (error instanceof StoreError) return refusal('storeAway', 'the store does not answer; nothing was done');
      throw error;
    }
  }

  /** The same id: the recorded answer, the one under way, or a conflict when the body differs. */
  async #once(who: Who, op: CommandName, params: unknown, key: string): Promise<OpOutcome> {
    const bodyHash = createHash('sha256').update(canonical({ op, params })).digest('base64url');
    const other = refusal('conflict', 'this idempotency id was used with another body');
    const running = this.#underWay.get(key);
    if (running) return running.bodyHash === bodyHash ? running.outcome : other;
    if (this.#underWay.size >= UNDER_WAY_MAX) return refusal('tooMany', 'too many commands at once');
    const outcome = this.#decide(who, op, params, key, bodyHash, other);
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
  ): Promise<OpOutcome> {
    if (!this.#core.committer.keeping) return refusal('storeAway', 'money is on hold: the store does not keep');
    const recorded = await this.#core.options.store.get('request', key);
    if (recorded) {
      const done = doneSchema.parse(recorded);
      return done.bodyHash === bodyHash ? { ok: true, result: done.result } : other;
    }
    const request: Request = { id: this.#next++, operator: who.operator, role: who.role, key, bodyHash };
    const send = await this.#route(op, params, request);
    if ('ok' in send) return send;
    const target = 'id' in send ? `${send.to}:${send.id}` : `${send.to}:site`;
    if (this.#core.actors.isParked(target))
      return refusal('parked', `${target} has stopped after an error; nothing was done`);
    return new Promise((resolve) => {
      this.#waiting.set(request.id, { target, resolve });
      this.#core.send(send);
    });
  }

  /** Which actor decides, or why none can. */
  async #route(op: CommandName, raw: unknown, request: Request): Promise<Send | OpOutcome> {
    switch (op) {
      case 'recharge':
      case 'refund': {
        const params = raw as OpParams<'recharge'>;
        if (!this.#core.wallets.has(params.wallet)) return refusal('notFound', 'there is no such wallet');
        const order = `${op === 'recharge' ? 'R' : 'F'}-${nanoid(12)}`;
        const amountMicro = parseYuan(params.amount);
        return {
          to: 'wallet',
          id: params.wallet,
          message: {
            type: op === 'recharge' ? 'Recharge' : 'Refund',
            order,
            amountMicro,
            channel: params.channel,
            note: params.note,
            request,
          },
        };
      }
      case 'reverse':
        return this.#reverse(raw as OpParams<'reverse'>, request);
      case 'switchMeter': {
        const { meter, action, reason, untilMs } = raw as OpParams<'switchMeter'>;
        return this.#forMeter(meter, {
          to: 'meter',
          id: meter,
          message: { type: 'Switch', action, reason, untilMs: untilMs ?? null, request },
        });
      }
      case 'readMeter': {
        const { meter } = raw as OpParams<'readMeter'>;
        return this.#forMeter(meter, { to: 'meter', id: meter, message: { type: 'ReadNow', request } });
      }
      case 'resolveQuarantine': {
        const { meter, action, reason } = raw as OpParams<'resolveQuarantine'>;
        return this.#forMeter(meter, {
          to: 'meter',
          id: meter,
          message: { type: 'ResolveQuarantine', action, reason, request },
        });
      }
      case 'releaseInterlock':
        return {
          to: 'interlock',
          message: { type: 'Release', reason: (raw as OpParams<'releaseInterlock'>).reason, request },
        };
      case 'acknowledgeAlarms':
        return {
          to: 'alarms',
          message: { type: 'Acknowledge', ids: (raw as OpParams<'acknowledgeAlarms'>).ids, request },
        };
      case 'shelveAlarm': {
        const { alarm, reason, minutes } = raw as OpParams<'shelveAlarm'>;
        return { to: 'alarms', message: { type: 'Shelve', id: alarm, reason, minutes, request } };
      }
      case 'unshelveAlarm':
        return { to: 'alarms', message: { type: 'Unshelve', id: (raw as OpParams<'unshelveAlarm'>).alarm, request } };
      case 'addOperator':
        return this.#addOperator(raw as OpParams<'addOperator'>, request);
      default:
        return assertNever(op);
    }
  }

  #forMeter(meter: string, send: Send): Send | OpOutcome {
    return this.#core.meters.has(meter) ? send : refusal('notFound', 'there is no such meter');
  }

  async #reverse({ order, note }: OpParams<'reverse'>, request: Request): Promise<Send | OpOutcome> {
    const value = await this.#core.options.store.get('order', order);
    if (!value) return refusal('notFound', 'there is no such order');
    const original = orderSchema.parse(value);
    if (original.reversedBy !== null) return refusal('alreadyReversed', 'this order has been taken back already');
    if (original.kind === 'reversal') return refusal('invalid', 'a reversal is not taken back; enter a new order');
    const { id, kind, amountMicro, channel } = original;
    return {
      to: 'wallet',
      id: original.wallet,
      message: {
        type: 'Reverse',
        order: `V-${nanoid(12)}`,
        original: { id, kind, amountMicro, channel, value },
        note,
        request,
      },
    };
  }

  #addOperator(params: OpParams<'addOperator'>, request: Request): Promise<OpOutcome> | OpOutcome {
    if (this.#core.directory.get('operator', params.name)) return refusal('invalid', 'name: taken already');
    const result: JsonObject = {
      name: params.name,
      displayName: params.displayName,
      role: params.role,
      disabled: false,
    };
    const { nowMs } = this.#core.context();
    const record = {
      kind: 'request',
      id: request.key,
      value: { bodyHash: request.bodyHash, result, atMs: nowMs },
      index: { all: nowMs },
    };
    this.#core.setConfig('operator', params.name, { ...params, disabled: false }, [record]);
    return new Promise((resolve) => this.#core.committer.whenDurable(() => resolve({ ok: true, result })));
  }
}
