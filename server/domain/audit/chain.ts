/** Where the chain of audit entries ends: an entity of the journal, so that a cut tail is noticed. */
import { z } from 'zod';
import {
  auditHeadSchema,
  canonicalJson,
  type AuditEntry,
  type AuditHead,
  type AuditRow,
} from '../../../protocol/audit.ts';
import type { RecordChange } from '../messages.ts';

/** Hash before the first entry. */
export const AUDIT_GENESIS = '0'.repeat(64);
export const AUDIT_SCHEMA = 1;
export const initialAudit: AuditHead = { sequence: 0, hash: AUDIT_GENESIS };
export const auditStateSchema = auditHeadSchema;
/** Entry `sequence` was written, with this hash; its content is the record of the same commit. */
export const auditEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('AuditNoted'), sequence: z.int(), hash: z.string() }),
]);
export type AuditEvent = z.infer<typeof auditEventSchema>;

export const evolveAudit = (_state: AuditHead, { sequence, hash }: AuditEvent): AuditHead => ({ sequence, hash });

/** SHA-256 in hex. */
export type Digest = (text: string) => string;
/** The hash of the previous entry is part of the entry. */
export const auditHash = (entry: AuditEntry, digest: Digest): string => digest(canonicalJson(entry));

export function chained(
  head: AuditHead,
  what: Omit<AuditEntry, 'sequence' | 'previous'>,
  digest: Digest,
): { readonly row: AuditRow; readonly event: AuditEvent } {
  const entry: AuditEntry = { sequence: head.sequence + 1, previous: head.hash, ...what };
  const hash = auditHash(entry, digest);
  return { row: { ...entry, hash }, event: { type: 'AuditNoted', sequence: entry.sequence, hash } };
}

/** Ids sort as their numbers do. */
export const auditId = (sequence: number): string => String(sequence).padStart(12, '0');

/** Names of indexes are lines; what somebody types as a login name may hold anything. */
const line = (text: string): string => text.replaceAll(/\p{Cc}/gu, '·');

/** Searched by person, operation, target and time; `chain` is the order of the entries. */
export function auditRecord(row: AuditRow): RecordChange {
  const { sequence, atMs, operator, op, outcome, targets } = row;
  return {
    kind: 'audit',
    id: auditId(sequence),
    value: row,
    index: {
      ...{ chain: sequence, all: atMs, [`operator:${line(operator)}`]: atMs, [`op:${op}`]: atMs },
      ...(outcome === 'done' ? {} : { refused: atMs }),
      ...Object.fromEntries(targets.map((target) => [`target:${line(target)}`, atMs])),
    },
  };
}
