/** Looking for meters on a line: each unknown unit id once, known meters never. */
import { describe, expect, it } from 'vitest';
import type { ScanView } from '../../protocol/ops/field.ts';
import type { FieldTask, TaskOutcome } from '../../server/lines/tasks.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

type Ended = (outcome: TaskOutcome<unknown>) => void;

async function site(): Promise<{ site: Running; asked: [number, Ended][]; view: () => Promise<ScanView | null> }> {
  const site = await startCore(new MemoryDisk(), plainSite(3));
  const asked: [number, Ended][] = [];
  const { lines } = site.core;
  if (!lines) throw new Error('lines');
  site.core.lines = {
    ...lines,
    run: <Result>(_line: string, task: FieldTask<Result>, ended: (outcome: TaskOutcome<Result>) => void) => {
      if ('unitId' in task.target) asked.push([task.target.unitId, (outcome) => ended(outcome as TaskOutcome<Result>)]);
    },
  };
  const view = async (): Promise<ScanView | null> => {
    const answer = await site.do('getScan', { line: 'l1' }, 'q', 'maintenance');
    return answer.ok ? (answer.result as { scan: ScanView | null }).scan : null;
  };
  return { site, asked, view };
}
const start = (running: Running, key: string) =>
  running.do('startScan', { line: 'l1', from: 2, to: 6 }, key, 'maintenance');
const silent = { kind: 'failed', reason: 'timeout', code: null, writes: 'none' } as const;

describe('a search of a line', () => {
  it('leaves known meters alone, asks the others one after the other, and says what answered', async () => {
    const { site: running, asked, view } = await site();
    expect(await view()).toBeNull();
    await start(running, 'k1');
    expect(asked.map(([unitId]) => unitId)).toEqual([4]);
    expect(await start(running, 'k2')).toMatchObject({ ok: false, refusal: 'conflict' });
    asked[0]?.[1](silent);
    asked[1]?.[1]({ kind: 'done', result: { profile: 'acrel-ddsy1352', number: '42' } });
    expect(await view()).toMatchObject({ state: 'running', done: 4 });
    asked[2]?.[1]({ ...silent, reason: 'crc' });
    expect(asked.map(([unitId]) => unitId)).toEqual([4, 5, 6]);
    expect(await view()).toEqual({
      ...{ state: 'done', from: 2, to: 6, done: 5, by: 'the-maintenance', startedMs: expect.any(Number) },
      known: [
        { unitId: 2, meter: 'm2' },
        { unitId: 3, meter: 'm3' },
      ],
      found: [
        { unitId: 5, profile: 'acrel-ddsy1352', number: '42', garbled: false },
        { unitId: 6, profile: null, number: null, garbled: true },
      ],
    });
  });

  it('stops when told to, and when the line is away', async () => {
    const { site: running, asked, view } = await site();
    await start(running, 'k1');
    await running.do('stopScan', { line: 'l1' }, 'k2', 'maintenance');
    asked[0]?.[1](silent);
    expect(asked).toHaveLength(1);
    expect(await view()).toMatchObject({ state: 'stopped' });
    await start(running, 'k3');
    asked[1]?.[1]({ ...silent, reason: 'lineDown' });
    expect(await view()).toMatchObject({ state: 'lineDown', done: 2 });
  });
});
