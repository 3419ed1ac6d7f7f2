/** The chain of the audit log: every way of tampering is found, and said where. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditCells, csvLine, type AuditFinding, type AuditHead, type AuditRow } from '../../protocol/audit.ts';
import { auditHash, chained, initialAudit } from '../../server/domain/audit/chain.ts';
import { difference, redactedObject } from '../../server/domain/audit/redact.ts';
import { AuditCheck } from '../../server/domain/audit/verify.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function chain(length: number): { rows: AuditRow[]; head: AuditHead } {
  const rows: AuditRow[] = [];
  let head = initialAudit;
  for (let i = 1; i <= length; i++) {
    const { row, event } = chained(
      head,
      {
        ...{ atMs: i * 1000, operator: 'anna', role: 'manager', address: '10.0.0.7', op: 'refund', targets: [] },
        ...{ params: { wallet: `w${i}` }, outcome: 'done', detail: null, approval: null },
        ...{ before: { balanceMicro: i }, after: { balanceMicro: i + 1 } },
      },
      digest,
    );
    rows.push(row);
    head = { sequence: event.sequence, hash: event.hash };
  }
  return { rows, head };
}

function check(rows: readonly unknown[], head: AuditHead | null): readonly AuditFinding[] {
  const one = new AuditCheck(digest);
  for (const row of rows) one.take(row);
  return one.end(head);
}

const at = (rows: readonly AuditRow[], sequence: number): AuditRow => {
  const row = rows[sequence - 1];
  if (!row) throw new Error(`no entry ${sequence}`);
  return row;
};
/** As one does who knows how it is made. */
const rehashed = ({ hash: _old, ...entry }: AuditRow): AuditRow => ({ ...entry, hash: auditHash(entry, digest) });

describe('the chain of the audit log', () => {
  it('finds nothing in what nobody touched', () =>
    fc.assert(
      fc.property(fc.nat(40), (length) => {
        const { rows, head } = chain(length);
        expect(check(rows, head)).toEqual([]);
      }),
    ));

  it('finds a changed entry at its place', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (n) => {
        const { rows, head } = chain(20);
        rows[n - 1] = { ...at(rows, n), operator: 'bert' };
        expect(check(rows, head)).toEqual([{ fault: 'changed', from: n, to: n }]);
      }),
    ));

  it('finds a changed entry whose hash was made anew', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (n) => {
        const { rows, head } = chain(20);
        rows[n - 1] = rehashed({ ...at(rows, n), operator: 'bert' });
        expect(check(rows, head)).toEqual([{ fault: 'replaced', from: n, to: n }]);
      }),
    ));

  it('finds deleted entries and says which', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 4 }), (from, count) => {
        const { rows, head } = chain(20);
        rows.splice(from - 1, count);
        expect(check(rows, head)).toEqual([{ fault: 'missing', from, to: from + count - 1 }]);
      }),
    ));

  it('finds an inserted entry, even one that fits the entry before it', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.boolean(), (n, before) => {
        const { rows, head } = chain(20);
        const forged = rehashed({ ...at(rows, n), operator: 'bert' });
        rows.splice(before ? n - 1 : n, 0, forged);
        const found = check(rows, head);
        expect(found).toContainEqual({ fault: 'inserted', from: n, to: n });
        expect(found.every(({ from, to }) => from === n && to === n)).toBe(true);
      }),
    ));

  it('finds two swapped entries', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 19 }), (n) => {
        const { rows, head } = chain(20);
        [rows[n - 1], rows[n]] = [at(rows, n + 1), at(rows, n)];
        expect(check(rows, head)).toEqual([{ fault: 'moved', from: n, to: n }]);
      }),
    ));

  it('finds the contents of two entries exchanged under their numbers', () => {
    const { rows, head } = chain(9);
    const [third, sixth] = [at(rows, 3), at(rows, 6)];
    rows[2] = { ...sixth, sequence: 3 };
    rows[5] = { ...third, sequence: 6 };
    expect(check(rows, head)).toEqual([
      { fault: 'changed', from: 3, to: 3 },
      { fault: 'changed', from: 6, to: 6 },
    ]);
  });

  it('finds a cut tail, and a tail too long', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 19 }), (kept) => {
        const { rows, head } = chain(20);
        expect(check(rows.slice(0, kept), head)).toEqual([{ fault: 'cut', from: kept + 1, to: 20 }]);
        expect(check(chain(22).rows, head)).toEqual([{ fault: 'inserted', from: 21, to: 22 }]);
      }),
    ));

  it('finds a last entry that is another one', () => {
    const { rows, head } = chain(5);
    rows[4] = rehashed({ ...at(rows, 5), outcome: 'forbidden' });
    expect(check(rows, head)).toEqual([{ fault: 'replaced', from: 5, to: 5 }]);
  });

  it('finds what is no entry', () => {
    const { rows, head } = chain(3);
    expect(check([rows[0], { sequence: 'two' }, rows[2]], head)).toEqual([
      { fault: 'unreadable', from: 2, to: 2 },
      { fault: 'missing', from: 2, to: 2 },
    ]);
  });
});

describe('what stands in the log', () => {
  it('leaves secrets out at any depth, and most of a phone number', () => {
    const text = JSON.stringify(
      redactedObject({
        ...{
          passwordHash: 'scrypt$1$s3cret',
          details: { token: 's3cret', phone: '13800138000', nested: [{ csrf: 's3cret' }] },
        },
      }),
    );
    expect(text).not.toContain('s3cret');
    expect(text).not.toContain('13800138000');
    expect(text).toContain('8000');
  });

  it('stays small whatever it is given', () =>
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 20 }), fc.json({ maxDepth: 6 }), { maxKeys: 300 }), (value) => {
        const big = { ...value, rows: Array.from({ length: 5_000 }, (_, i) => ({ room: `r${i}` })) };
        expect(JSON.stringify(redactedObject(big)).length).toBeLessThan(20_000);
      }),
      { numRuns: 30 },
    ));

  it('says of a value only the fields that differ', () => {
    expect(difference({ name: 'A', price: 1 }, { name: 'A', price: 2 })).toEqual({
      before: { price: 1 },
      after: { price: 2 },
    });
    expect(difference(null, { name: 'A' })).toEqual({ before: { name: null }, after: { name: 'A' } });
    expect(difference({ a: 1 }, { a: 1 })).toBeNull();
  });

  it('gives a spreadsheet no formula to run', () => {
    const { rows } = chain(1);
    const line = csvLine(auditCells({ ...at(rows, 1), detail: '=cmd()', operator: '@x', op: '+1', address: '-2' }));
    expect(line).toContain(",'=cmd(),");
    for (const start of [",'@x,", ",'+1,", ",'-2,"]) expect(line).toContain(start);
    expect(csvLine(['a"b', 'c,d', '=1,2'])).toBe('"a""b","c,d","\'=1,2"\r\n');
  });
});
