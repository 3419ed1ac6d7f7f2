/** Answers about the audit log, from its records; the chain is verified a page at a time between other work. */
import { auditRowSchema, type AuditFinding, type AuditHead, type AuditRow } from '../../../protocol/audit.ts';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import type { RecordQuery } from '../../store/store.ts';
import { AuditCheck } from '../../domain/audit/verify.ts';
import { sha256 } from '../auditLog.ts';
import type { Core } from '../core.ts';
import { found, type Answers } from './answer.ts';

const KIND = 'audit';
/** Some milliseconds of hashing between two turns of the core. */
const VERIFY_PAGE = 100;
/** Pages read for one answer at most: a rare search goes on from its cursor. */
const ROUNDS_MAX = 20;
const PAGE = 200;

export const auditAnswers: Answers<'getAudit' | 'exportAudit' | 'verifyAudit'> = {
  getAudit: ({ core }, params) => search(core, params),
  exportAudit: async ({ core }, { from, limit }) => {
    const head = await durableHead(core);
    const page = await core.options.store.range({
      ...{ kind: KIND, index: 'chain', min: from },
      max: head.sequence,
      limit,
    });
    return found<'exportAudit'>({ items: page.items.map(({ value }) => auditRowSchema.parse(value)), head });
  },
  verifyAudit: async ({ core }) => found<'verifyAudit'>(await verified(core)),
};

/** Where the chain ends once all that it says is durable. */
function durableHead(core: Core): Promise<AuditHead> {
  const head = core.audit.state;
  return new Promise((resolve) => core.committer.whenDurable(() => resolve(head)));
}

/** The rarest of what is asked for is looked up, the rest is compared. */
function indexOf({ target, operator, op, refused }: OpParams<'getAudit'>): string {
  if (target !== undefined) return `target:${target}`;
  if (op !== undefined) return `op:${op}`;
  if (operator !== undefined) return `operator:${operator}`;
  return refused === 'true' ? 'refused' : 'all';
}

async function search(core: Core, params: OpParams<'getAudit'>): Promise<OpOutcome> {
  const { operator, op, refused, fromMs, toMs, limit } = params;
  await durableHead(core);
  const matches = (row: AuditRow): boolean =>
    (operator === undefined || row.operator === operator) &&
    (op === undefined || row.op === op) &&
    (refused === 'false' || row.outcome !== 'done');
  const items: AuditRow[] = [];
  let cursor: string | null = params.cursor ?? null;
  const query: RecordQuery = {
    ...{ kind: KIND, index: indexOf(params), newestFirst: true, limit: Math.min(PAGE, limit) },
    ...(fromMs === undefined ? {} : { min: fromMs }),
    ...(toMs === undefined ? {} : { max: toMs }),
  };
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const left = limit - items.length;
    const page = await core.options.store.range({
      ...query,
      limit: Math.min(PAGE, left),
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { value } of page.items) {
      const row = auditRowSchema.parse(value);
      if (matches(row)) items.push(row);
    }
    cursor = page.cursor;
    if (cursor === null || items.length >= limit) break;
  }
  return found<'getAudit'>({ items, cursor });
}

async function verified(
  core: Core,
): Promise<{ entries: number; head: AuditHead; found: number; findings: AuditFinding[] }> {
  const { store } = core.options;
  const head = await durableHead(core);
  const check = new AuditCheck(sha256);
  let cursor: string | null = null;
  do {
    const page = await store.range({
      ...{ kind: KIND, index: 'chain', max: head.sequence, limit: VERIFY_PAGE },
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { value } of page.items) check.take(value);
    cursor = page.cursor;
  } while (cursor !== null);
  // What was written meanwhile stands before the end of the chain as it is now; what stands behind that was put there.
  const beyond = await store.range({
    kind: KIND,
    index: 'chain',
    min: core.audit.state.sequence + 1,
    limit: VERIFY_PAGE,
  });
  const inserted = beyond.items.map(({ id }) => ({ fault: 'inserted' as const, from: Number(id), to: Number(id) }));
  const findings = [...check.end(head), ...inserted];
  return { entries: check.entries, head, found: check.found + inserted.length, findings };
}
