/** Searches of lines for unit ids that answer. One at a time and line, kept in memory: whoever looks can look again. */
import type { ScanFound, ScanView } from '../../protocol/ops/field.ts';
import { nextProbe, type Probed } from '../lines/probe.ts';
import type { FieldTask, TaskOutcome } from '../lines/tasks.ts';
import type { Core } from './core.ts';

type Scan = {
  state: ScanView['state'];
  readonly from: number;
  readonly to: number;
  next: number;
  readonly known: { unitId: number; meter: string }[];
  readonly found: ScanFound[];
  readonly by: string;
  readonly startedMs: number;
};

export class Scans {
  readonly #core: Core;
  readonly #scans = new Map<string, Scan>();
  #made = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  isRunning(line: string): boolean {
    return this.#scans.get(line)?.state === 'running';
  }

  view(line: string): ScanView | null {
    const scan = this.#scans.get(line);
    if (!scan) return null;
    const { next, ...rest } = scan;
    return { ...rest, known: [...scan.known], found: [...scan.found], done: next - scan.from };
  }

  start(line: string, from: number, to: number, by: string): void {
    const startedMs = this.#core.context().nowMs;
    const scan: Scan = { state: 'running', from, to, next: from, known: [], found: [], by, startedMs };
    this.#scans.set(line, scan);
    this.#go(line, scan);
  }

  stop(line: string): void {
    const scan = this.#scans.get(line);
    if (scan?.state === 'running') scan.state = 'stopped';
  }

  /** Goes past the meters that are known, and asks the next unit id. */
  #go(line: string, scan: Scan): void {
    if (scan.state !== 'running') return;
    for (; scan.next <= scan.to; scan.next += 1) {
      const meter = this.#meterAt(line, scan.next);
      if (meter === null) return this.#ask(line, scan, scan.next);
      scan.known.push({ unitId: scan.next, meter });
    }
    scan.state = 'done';
  }

  #ask(line: string, scan: Scan, unitId: number): void {
    const task: FieldTask<Probed> = {
      id: `scan-${(this.#made += 1)}`,
      target: { unitId },
      priority: 'parameters',
      mayWrite: () => false,
      next: nextProbe,
    };
    this.#core.lines?.run(line, task, (outcome) => {
      if (this.#scans.get(line) !== scan) return;
      this.#note(scan, unitId, outcome);
      this.#go(line, scan);
    });
  }

  #note(scan: Scan, unitId: number, outcome: TaskOutcome<Probed>): void {
    if (outcome.kind === 'failed' && (outcome.reason === 'lineDown' || outcome.reason === 'notHere')) {
      if (scan.state === 'running') scan.state = 'lineDown';
      return;
    }
    scan.next = unitId + 1;
    if (outcome.kind === 'done') scan.found.push({ unitId, ...outcome.result, garbled: false });
    else if (outcome.reason !== 'timeout') scan.found.push({ unitId, profile: null, number: null, garbled: true });
  }

  #meterAt(line: string, unitId: number): string | null {
    for (const [id, { state }] of this.#core.meters)
      if (state.config?.line === line && state.config.unitId === unitId) return id;
    return null;
  }
}
