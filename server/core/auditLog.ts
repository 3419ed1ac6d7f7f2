/**
 * Who did what. The record that answers a command for ever (`accept`) takes its audit entry with it into the same commit,
 * whoever appends it; what was refused, and what the gateway does, is noted when it happens.
 */
import { hash as digestOf } from 'node:crypto';
import type { AuditEntry, AuditHead } from '../../protocol/audit.ts';
import { ops, type OpName, type OpOutcome } from '../../protocol/ops.ts';
import type { Role } from '../../protocol/site.ts';
import { auditRecord, chained, initialAudit, type Digest } from '../domain/audit/chain.ts';
import { auditedParts, type AuditedKind, type AuditedState } from '../domain/audit/parts.ts';
import { difference, redactedObject } from '../domain/audit/redact.ts';
import type { JsonObject } from '../domain/json.ts';
import type { RecordChange } from '../domain/messages.ts';
import { targetsOf } from '../domain/scope.ts';
import type { StoredEvent } from '../store/store.ts';
import type { Core } from './core.ts';
import { EVENT_VERSION } from './kinds.ts';
import type { Extra } from './notices.ts';

export const AUDIT_KEY = 'audit:site';
export const sha256: Digest = (text) => digestOf('sha256', text);

/** Something that was tried, and by whom. */
export type Attempt = {
  readonly who: { readonly operator: string; readonly role: Role | null; readonly address?: string | undefined };
  /** An operation, or one of `auditedBesides`. */
  readonly op: string;
  readonly params: unknown;
  readonly approval?: { readonly id: string; readonly by: string };
};
type Changed = { readonly before: JsonObject; readonly after: JsonObject };
type Under = { readonly attempt: Attempt; before: JsonObject; after: JsonObject };

const TARGETS_MAX = 50;
/** While the store is away entries wait in memory: so many, the others are counted and said later. */
const WAITING_MAX = 1_000;

export class AuditLog {
  state: AuditHead = initialAudit;
  readonly #core: Core;
  /** Commands under way, by the key of their request. */
  readonly #under = new Map<string, Under>();
  /** Whoever waits for an entry; released without it when the store is away. */
  readonly #waiting = new Set<() => void>();
  #unkept = 0;
  #missed = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  begin(key: string, attempt: Attempt): void {
    this.#under.set(key, { attempt, before: {}, after: {} });
  }

  /** The end of a command: an answer that took no entry with it gets one now. null: it broke, and was not answered. */
  end(key: string, outcome: OpOutcome | null): void {
    const under = this.#under.get(key);
    if (!under) return;
    this.#under.delete(key);
    if (outcome === null) this.#append(this.#entry(under.attempt, 'failed', null, under));
    else if (outcome.ok) this.#append(this.#entry(under.attempt, 'done', null, under));
  }

  /** What an actor's decision changed, for the entry of the request it answers. */
  watch<K extends AuditedKind>(
    records: readonly RecordChange[],
    key: `${K}:${string}`,
    before: AuditedState<K>,
    after: AuditedState<K>,
  ): void {
    for (const { kind, id } of records) {
      if (kind !== 'request' || !this.#under.has(id)) continue;
      // Kind and state belong together by the key; the table's union cannot say so.
      const part = auditedParts[key.slice(0, key.indexOf(':')) as K] as (state: AuditedState<K>) => object;
      this.changed(id, key, part(before), part(after));
    }
  }

  changed(request: string, what: string, before: object | null, after: object | null): void {
    const under = this.#under.get(request);
    const changes = under && difference(before, after);
    if (!changes) return;
    under.before = { ...under.before, [what]: changes.before };
    under.after = { ...under.after, [what]: changes.after };
  }

  /** Asked by the committer of everything that is appended. */
  accompany(records: readonly RecordChange[]): Extra | null {
    for (const { kind, id, value } of records) {
      const under = kind === 'request' && value !== null ? this.#under.get(id) : undefined;
      if (!under) continue;
      this.#under.delete(id);
      const waits = value?.waits;
      return typeof waits === 'string'
        ? this.#entry(under.attempt, 'needsApproval', waits, under)
        : this.#entry(under.attempt, 'done', null, under);
    }
    return null;
  }

  /** Resolves once the entry is durable, or at once when the store does not keep: an attempt is answered all the same. */
  async note(attempt: Attempt, outcome: string, detail: string | null): Promise<void> {
    const { committer } = this.#core;
    if (!committer.keeping && (this.#unkept += 1) > WAITING_MAX) {
      this.#missed += 1;
      return;
    }
    this.#append(this.#entry(attempt, outcome, detail, null));
    if (!committer.keeping) return;
    await new Promise<void>((resolve) => {
      const release = (): void => {
        this.#waiting.delete(release);
        resolve();
      };
      this.#waiting.add(release);
      committer.whenDurable(release);
    });
  }

  /** The store does not keep, or keeps again. */
  trouble(away: boolean): void {
    if (away) for (const release of [...this.#waiting]) release();
    else this.#caughtUp();
  }

  #caughtUp(): void {
    this.#unkept = 0;
    if (this.#missed === 0) return;
    const detail = `${this.#missed} attempts while the store was away`;
    this.#missed = 0;
    const who = { operator: '', role: null };
    this.#append(this.#entry({ who, op: 'auditGap', params: {} }, 'storeAway', detail, null));
  }

  #append({ events, records }: Extra): void {
    this.#core.committer.append(events, records);
  }

  #entry(
    { who, op, params, approval }: Attempt,
    outcome: string,
    detail: string | null,
    changed: Changed | null,
  ): Extra {
    const some = changed !== null && Object.keys(changed.before).length > 0;
    const what: Omit<AuditEntry, 'sequence' | 'previous'> = {
      ...{ atMs: this.#core.options.clock.site(), operator: who.operator, role: who.role },
      ...{ address: who.address ?? null, op, params: redactedObject(params), targets: targets(op, params) },
      ...{ outcome, detail: detail === null ? null : detail.slice(0, 300), approval: approval ?? null },
      ...{ before: some ? changed.before : null, after: some ? changed.after : null },
    };
    const { row, event } = chained(this.state, what, sha256);
    const { type, ...data } = event;
    this.state = { sequence: event.sequence, hash: event.hash };
    const stored: StoredEvent = { key: AUDIT_KEY, type, v: EVENT_VERSION, data };
    return { events: [stored], records: [auditRecord(row)] };
  }
}

function targets(op: string, params: unknown): string[] {
  if (!Object.hasOwn(ops, op)) return [];
  const operator = (params as { operator?: unknown } | null)?.operator;
  const tariff = (params as { tariff?: { id?: unknown } | string } | null)?.tariff;
  const tariffId = typeof tariff === 'object' ? tariff?.id : tariff;
  // Before the many that it is done to: those may be cut.
  return [
    ...(typeof operator === 'string' ? [`operator:${operator.slice(0, 80)}`] : []),
    ...(typeof tariffId === 'string' ? [`tariff:${tariffId.slice(0, 80)}`] : []),
    ...targetsOf(op as OpName, params).map(({ kind, id }) => `${kind}:${id.slice(0, 80)}`),
  ].slice(0, TARGETS_MAX);
}
