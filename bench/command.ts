/** How long a switching command waits for its turn on a line that is never idle. */
import { pollMs } from '../server/lines/wire.ts';
import type { SwitchState, WantedNow } from '../server/lines/types.ts';
import { quantile, type Bench } from './bench.ts';
import { POLL, serverLine, simulatedLine, TURNAROUND_MS, type AskedLine } from './wireRig.ts';

const GOAL = 1.1;
const METERS = 10;

/** Waits for one command at a moment of its own; resolves with its wait in ms once the breaker has been read back. */
function switchOne(asked: AskedLine, meter: string, state: SwitchState): Promise<number> {
  return new Promise((resolve) => {
    let waitMs: number | null = null;
    let fromMs = 0;
    asked.wantedNow = (asking): WantedNow | null => {
      if (asking !== meter) return null;
      waitMs ??= performance.now() - fromMs;
      return { state, mayWrite: true };
    };
    asked.onReport = (report) => {
      if (report.type === 'switched' && report.meterId === meter && report.outcome === 'confirmed')
        resolve(waitMs ?? 0);
    };
    fromMs = performance.now();
    asked.line.differs(meter);
  });
}

/** Milliseconds between `count` readings that follow one another without a pause: what one transaction really takes. */
function transactions(asked: AskedLine, count: number): Promise<number[]> {
  return new Promise((resolve) => {
    const took: number[] = [];
    let lastMs = Number.NaN;
    asked.onReport = (report) => {
      if (report.type !== 'reading') return;
      const nowMs = performance.now();
      if (!Number.isNaN(lastMs)) took.push(nowMs - lastMs);
      lastMs = nowMs;
      if (took.length === count) resolve(took);
    };
  });
}

export const bench: Bench = {
  name: 'command',
  summary: 'wait of a switching command on a saturated line, p99',
  run: async ({ smoke }) => {
    const baud = smoke ? 115_200 : 19_200;
    const commands = smoke ? 5 : 200;
    const simulated = await simulatedLine(baud, METERS, 0);
    const asked = serverLine(simulated);
    await transactions(asked, METERS);
    const running = await transactions(asked, smoke ? 10 : 50);
    const waits: number[] = [];
    for (let n = 0; n < commands; n++) {
      // Golden ratio steps spread the commands evenly over the phases of a transaction.
      const pauseMs = ((n * 0.618) % 1) * 2 * quantile(running, 0.5);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      waits.push(await switchOne(asked, `m${(n % METERS) + 1}`, Math.floor(n / METERS) % 2 === 0 ? 'open' : 'closed'));
    }
    await asked.line.stop();
    await simulated.stop();
    const [value, baseline] = [quantile(waits, 0.99), quantile(running, 0.5)];
    const limitMs = pollMs({ baud, parity: 'none', stopBits: 1 }, POLL.registers, TURNAROUND_MS);
    return {
      name: 'command',
      parameters: { baud, meters: METERS, commands, wireLimitMs: limitMs, medianMs: quantile(waits, 0.5) },
      ...{ value, unit: 'ms' },
      baseline: { name: 'one running transaction', value: baseline },
      ...{ ratio: value / baseline, goal: `ratio <= ${GOAL}`, met: value / baseline <= GOAL },
    };
  },
};
