/** The audit log: who did what, when, from where, and what it changed. One chain of entries, each holding the hash before it. */
import { z } from 'zod';
import { roles } from './site.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
const value: z.ZodType<{ readonly [key: string]: Json }> = z.record(z.string(), z.json());

/** What happens without an operation of the API. */
export const auditedBesides = [
  'login',
  'passwordProof',
  'logout',
  'passwordSet',
  'invitationUse',
  'setupUse',
  'approvedExecution',
  'emergencyEnded',
  'groupEnded',
  'auditGap',
] as const;

export const auditEntrySchema = z.strictObject({
  /** From 1, without a gap. */
  sequence: z.int().min(1),
  /** Hash of the entry before; zeros before the first. */
  previous: z.string().regex(/^[0-9a-f]{64}$/),
  /** Site time, epoch ms. */
  atMs: z.int(),
  /** Login name, as given where nobody has it. */
  operator: z.string(),
  /** null: nobody was logged in. */
  role: z.enum(roles).nullable(),
  address: z.string().nullable(),
  /** An operation of the API, or one of `auditedBesides`. */
  op: z.string(),
  /** As asked, without secrets. */
  params: value,
  /** `kind:id` of what the parameters name. */
  targets: z.array(z.string()),
  /** `done`, or why it was refused. */
  outcome: z.string(),
  detail: z.string().nullable(),
  /** What it changed, as it was and as it is; null where that is not known. */
  before: value.nullable(),
  after: value.nullable(),
  /** The second person. */
  approval: z.strictObject({ id: z.string(), by: z.string() }).nullable(),
});
/** What is hashed, in this form, with its keys in order. */
export type AuditEntry = z.infer<typeof auditEntrySchema>;
export const auditRowSchema = z.strictObject({ ...auditEntrySchema.shape, hash: z.string().regex(/^[0-9a-f]{64}$/) });
export type AuditRow = z.infer<typeof auditRowSchema>;

/** Where the chain ends: sequence 0 and zeros before the first entry. */
export const auditHeadSchema = z.strictObject({ sequence: z.int().min(0), hash: z.string() });
export type AuditHead = z.infer<typeof auditHeadSchema>;

/**
 * changed: its content does not fit its hash; replaced: its hash fits, but is not the one the next entry or the head holds;
 * missing: cut out; moved: stands at another place; inserted: one too many; cut: the tail is gone; unreadable: no entry.
 */
export const auditFaults = ['changed', 'replaced', 'missing', 'moved', 'inserted', 'cut', 'unreadable'] as const;
export const auditFindingSchema = z.strictObject({
  fault: z.enum(auditFaults),
  /** First and last sequence number concerned. */
  from: z.int(),
  to: z.int(),
});
export type AuditFinding = z.infer<typeof auditFindingSchema>;

/** The same JSON whatever the order of its keys. */
export function canonicalJson(json: unknown): string {
  if (Array.isArray(json)) return `[${json.map(canonicalJson).join(',')}]`;
  if (json === null || typeof json !== 'object') return JSON.stringify(json) ?? 'null';
  const entries = Object.entries(json)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
}

export const auditColumns = [
  'sequence',
  'time',
  'operator',
  'role',
  'address',
  'op',
  'targets',
  'outcome',
  'detail',
  'params',
  'before',
  'after',
  'approval',
  'approvedBy',
  'previous',
  'hash',
] as const;

/** One row of the export; times in UTC, so that they sort and mean the same everywhere. */
export function auditCells(row: AuditRow): string[] {
  const json = (one: unknown): string => (one === null ? '' : canonicalJson(one));
  return [
    String(row.sequence),
    new Date(row.atMs).toISOString(),
    row.operator,
    row.role ?? '',
    row.address ?? '',
    row.op,
    row.targets.join(' '),
    row.outcome,
    row.detail ?? '',
    json(row.params),
    json(row.before),
    json(row.after),
    row.approval?.id ?? '',
    row.approval?.by ?? '',
    row.previous,
    row.hash,
  ];
}

/** RFC 4180; a cell that a spreadsheet would run as a formula gets an apostrophe before it. */
export function csvLine(cells: readonly string[]): string {
  return `${cells
    .map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell))
    .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',')}\r\n`;
}
