/** Looking for meters on a line, and reading it now. */
import type { OpOutcome } from '../../../protocol/ops.ts';
import type { Request } from '../../domain/messages.ts';
import type { Core } from '../core.ts';
import { configure, refusal, type Routes } from './route.ts';

const known = (core: Core, line: string): OpOutcome | null =>
  core.directory.get('line', line) ? null : refusal('notFound', 'there is no such line');

/** Kept and audited first, then done. */
async function after(core: Core, request: Request, then: () => void): Promise<OpOutcome> {
  const outcome = await configure(core, request, [], { ok: true });
  if (outcome.ok) then();
  return outcome;
}

export const fieldRoutes: Routes<'startScan' | 'stopScan' | 'readLine'> = {
  startScan: (core, { line, from, to }, request) =>
    known(core, line) ??
    (core.scans.isRunning(line)
      ? refusal('conflict', 'a search of this line is under way')
      : after(core, request, () => core.scans.start(line, from, to, request.operator))),
  stopScan: (core, { line }, request) => known(core, line) ?? after(core, request, () => core.scans.stop(line)),
  readLine: async (core, { line }, request) => {
    const unknown = known(core, line);
    if (unknown) return unknown;
    const meters = [...core.meters].filter(([, { state }]) => state.config?.line === line).map(([id]) => id);
    const outcome = await configure(core, request, [], { meters: meters.length });
    if (outcome.ok) for (const meter of meters) core.lines?.readNow(meter);
    return outcome;
  },
};
