/**
 * `npm run -s audit -- verify|export`: the audit log in DATA_DIR or REDIS_URL (the core stopped, as for a backup), or an
 * exported file. Ends with 1 when the chain is not whole.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import {
  auditCells,
  auditColumns,
  auditHeadSchema,
  auditRowSchema,
  csvLine,
  type AuditHead,
} from '../protocol/audit.ts';
import { AUDIT_KEY, sha256 } from './core/auditLog.ts';
import { initialAudit } from './domain/audit/chain.ts';
import { AuditCheck } from './domain/audit/verify.ts';
import { readOptions, runCommand, UsageError } from './store/command.ts';
import { openArchive } from './store/openStore.ts';
import { readRemembered } from './store/remembered.ts';
import { StoreError } from './store/store.ts';

const USAGE =
  'usage: npm run -s audit -- verify [--file FILE.jsonl] [--site SITE_ID]\n       npm run -s audit -- export --out FILE.csv|FILE.jsonl [--site SITE_ID]';

type Log = { readonly rows: readonly unknown[]; readonly head: AuditHead };

const eventsSchema = z.array(z.object({ key: z.string(), type: z.string(), data: z.unknown() }));

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // counted as an entry that cannot be read
  }
}

/** The head as the journal has it, and the records in their order. */
async function readSite(siteId: string, config: Parameters<typeof openArchive>[0]): Promise<Log> {
  const archive = openArchive(config, siteId);
  let head: AuditHead = initialAudit;
  const rows: { readonly id: string; readonly value: unknown }[] = [];
  try {
    if ((await archive.head()) === null) throw new StoreError('empty', `there is no site ${siteId}`);
    for await (const page of archive.rows()) {
      for (const row of page) {
        const read =
          row.row === 'commit'
            ? eventsSchema.parse(json(row.commit.events)).findLast(({ key }) => key === AUDIT_KEY)?.data
            : row.row === 'snapshot' && row.snapshot.key === AUDIT_KEY
              ? json(row.snapshot.state)
              : undefined;
        if (read !== undefined) {
          const { sequence, hash } = auditHeadSchema.parse(read);
          if (sequence > head.sequence) head = { sequence, hash };
        }
        if (row.row === 'record' && row.record.kind === 'audit')
          rows.push({ id: row.record.id, value: json(row.record.value) });
      }
    }
  } finally {
    await archive.close();
  }
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { rows: rows.map(({ value }) => value), head };
}

async function verifyFile(file: string): Promise<{ check: AuditCheck; head: AuditHead | null }> {
  const check = new AuditCheck(sha256);
  let head: AuditHead | null = null;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const value = json(line);
    const end = z.strictObject({ head: auditHeadSchema }).safeParse(value);
    if (end.success) head = end.data.head;
    else check.take(value);
  }
  return { check, head };
}

/** Throws UsageError with a line for each finding. */
function report(check: AuditCheck, head: AuditHead | null, where: string): string {
  const findings = check.end(head);
  if (check.found === 0) {
    const end = head === null ? 'the file does not say where it must end' : `it ends at ${head.sequence} ${head.hash}`;
    return `${where}: ${check.entries} entries, the chain is whole; ${end}`;
  }
  const lines = findings.map(({ fault, from, to }) => `${fault}: ${from === to ? from : `${from} to ${to}`}`);
  throw new UsageError(`${where}: ${check.entries} entries, ${check.found} faults\n${lines.join('\n')}`);
}

async function write(file: string, { rows, head }: Log): Promise<string> {
  const csv = file.endsWith('.csv');
  if (!csv && !file.endsWith('.jsonl')) throw new UsageError(USAGE);
  const out = await open(file, 'wx');
  try {
    if (csv) await out.write(`\uFEFF${csvLine(auditColumns)}`);
    for (const row of rows)
      await out.write(csv ? csvLine(auditCells(auditRowSchema.parse(row))) : `${JSON.stringify(row)}\n`);
    // The last line says where the chain ends, so that a cut file is noticed.
    if (!csv) await out.write(`${JSON.stringify({ head })}\n`);
    await out.sync();
  } finally {
    await out.close();
  }
  return `${file}: ${rows.length} entries`;
}

runCommand(async () => {
  const [verb, ...rest] = process.argv.slice(2);
  process.argv.splice(2, process.argv.length, ...rest);
  const options = { file: { type: 'string' }, out: { type: 'string' }, site: { type: 'string' } } as const;
  const { values, config } = readOptions(options, USAGE);
  if (verb === 'verify' && values.file !== undefined) {
    const { check, head } = await verifyFile(values.file);
    return report(check, head, values.file);
  }
  if (verb !== 'verify' && (verb !== 'export' || values.out === undefined)) throw new UsageError(USAGE);
  const siteId = values.site ?? (await readRemembered(config.dataDir))?.siteId;
  if (siteId === undefined) throw new UsageError(`${config.dataDir} knows of no site; name it with --site SITE_ID`);
  const log = await readSite(siteId, config);
  if (values.out !== undefined && verb === 'export') return write(values.out, log);
  const check = new AuditCheck(sha256);
  for (const row of log.rows) check.take(row);
  return report(check, log.head, `site ${siteId}`);
});
