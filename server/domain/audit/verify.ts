/** Walks a chain of audit entries in the order it is kept in, and says what was done to it and where. */
import { auditRowSchema, type AuditFinding, type AuditHead } from '../../../protocol/audit.ts';
import { auditHash, initialAudit, type Digest } from './chain.ts';

/** After so many findings the rest is only counted. */
const FINDINGS_MAX = 200;

export class AuditCheck {
  readonly findings: AuditFinding[] = [];
  /** All, also those that are not listed. */
  found = 0;
  entries = 0;
  readonly #digest: Digest;
  /** The highest so far, and whether its own content fits its hash. */
  #last: AuditHead = initialAudit;
  #lastIntact = true;
  /** Skipped numbers that may still come at another place. */
  readonly #gaps = new Set<number>();

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  /** The next one as it is kept; `given`: decoded JSON, or null for what is no JSON. */
  take(given: unknown): void {
    this.entries += 1;
    const parsed = auditRowSchema.safeParse(given);
    if (!parsed.success) return this.#find('unreadable', this.#last.sequence + 1);
    const { hash, ...entry } = parsed.data;
    const { sequence } = entry;
    const intact = auditHash(entry, this.#digest) === hash;
    if (sequence <= this.#last.sequence) {
      this.#find(this.#gaps.delete(sequence) ? 'moved' : 'inserted', sequence);
      if (!intact) this.#find('changed', sequence);
      return;
    }
    const follows = sequence === this.#last.sequence + 1;
    for (let gap = this.#last.sequence + 1; gap < sequence && this.#gaps.size < 100_000; gap++) this.#gaps.add(gap);
    if (!intact) this.#find('changed', sequence);
    // A changed entry has been told of already, whatever hash the next one holds.
    else if (follows && entry.previous !== this.#last.hash && this.#lastIntact && sequence > 1)
      this.#find('replaced', sequence - 1);
    else if (sequence === 1 && entry.previous !== initialAudit.hash) this.#find('replaced', 1);
    this.#last = { sequence, hash };
    this.#lastIntact = intact;
  }

  /** `head`: where the chain must end; null where that is not known, as of an exported file. */
  end(head: AuditHead | null): readonly AuditFinding[] {
    this.#missing();
    const last = this.#last;
    if (head && head.sequence > last.sequence) this.#find('cut', last.sequence + 1, head.sequence);
    else if (head && head.sequence < last.sequence) this.#find('inserted', head.sequence + 1, last.sequence);
    else if (head && head.hash !== last.hash && this.#lastIntact) this.#find('replaced', last.sequence);
    return this.findings.sort((a, b) => a.from - b.from);
  }

  #missing(): void {
    const gaps = [...this.#gaps].sort((a, b) => a - b);
    for (let i = 0; i < gaps.length;) {
      const from = gaps[i] ?? 0;
      let to = from;
      while (gaps[++i] === to + 1) to += 1;
      this.#find('missing', from, to);
    }
  }

  #find(fault: AuditFinding['fault'], from: number, to = from): void {
    this.found += 1;
    if (this.findings.length < FINDINGS_MAX) this.findings.push({ fault, from, to });
  }
}
