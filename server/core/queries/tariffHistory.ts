/** The history of a tariff, newest first, from the entries of the audit log that name it. */
import { auditRowSchema, type AuditRow } from '../../../protocol/audit.ts';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import { assignedSchema, tariffVersionsSchema, type TariffChange } from '../../../protocol/tariffHistory.ts';
import type { Core } from '../core.ts';
import { found, notFound, pageOf, type Answers } from './answer.ts';

/** Refused attempts stand between: pages read for one answer at most, the rest follows from the cursor. */
const ROUNDS_MAX = 20;

export const tariffHistoryAnswers: Answers<'getTariffHistory'> = {
  getTariffHistory: ({ core }, params) => history(core, params),
};

/** What the log keeps of a change beside its parameters, which may be too long for it. */
export const versionsKey = (tariff: string): string => `tariffVersions:${tariff}`;
export const assignedKey = (tariff: string): string => `tariffMeters:${tariff}`;

async function history(core: Core, { tariff, limit, cursor: from }: OpParams<'getTariffHistory'>): Promise<OpOutcome> {
  if (!core.directory.get('tariff', tariff)) return notFound('tariff');
  await new Promise<void>((resolve) => core.committer.whenDurable(resolve));
  const items: TariffChange[] = [];
  let cursor: string | null = from ?? null;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const page = { limit: limit - items.length, cursor: cursor ?? undefined };
    const read = await pageOf(core, { kind: 'audit', index: `target:tariff:${tariff}` }, page, auditRowSchema);
    items.push(...read.items.flatMap((row) => changeOf(row, tariff) ?? []));
    cursor = read.cursor;
    if (cursor === null || items.length >= limit) break;
  }
  return found<'getTariffHistory'>({ items, cursor });
}

function changeOf(row: AuditRow, tariff: string): TariffChange | null {
  const { sequence, atMs, operator, op, outcome, approval, params, after } = row;
  if (outcome !== 'done' || (op !== 'saveTariff' && op !== 'assignTariff')) return null;
  return {
    ...{ id: String(sequence), atMs, operator, approvedBy: approval?.by ?? null },
    what: op === 'assignTariff' ? 'assigned' : params.isNew === true ? 'created' : 'published',
    versions: tariffVersionsSchema.safeParse(after?.[versionsKey(tariff)]).data ?? null,
    meters: assignedSchema.safeParse(after?.[assignedKey(tariff)]).data ?? null,
  };
}
