/** Ports of the demo: that of the wall, which a person may have given away, and those of the lines, which are kept for ever. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { FleetPlan } from '../plan.ts';

/**
 * Below those that systems give to outgoing connections (from 32 768 on Linux, 49 152 elsewhere): a line's port that lay
 * among them could be somebody's connection at the next start. Drawn, so that two demos on a machine hardly meet.
 */
const FIRST = 20_000;
const LAST = 32_000;
const TRIES_MAX = 1_000;

export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The plan with a port for each line that has none, free now; `draw` is a whole number from the first to below the second. */
export async function withLinePorts(plan: FleetPlan, host: string, draw = randomInt): Promise<FleetPlan> {
  const used = new Set(plan.lines.map(({ port }) => port));
  const lines: FleetPlan['lines'] = [];
  for (const line of plan.lines) {
    let { port } = line;
    for (let i = 0; port === 0 && line.transport !== 'serial'; i += 1) {
      if (i === TRIES_MAX) throw new Error(`no port from ${FIRST} to ${LAST} is free on ${host} for a simulated line`);
      const drawn = draw(FIRST, LAST);
      if (!used.has(drawn) && (await isFree(host, drawn))) port = drawn;
    }
    used.add(port);
    lines.push({ ...line, port });
  }
  return { ...plan, lines };
}

/** Why the wall could not be opened, in a line; null when it could. Before anything is built or simulated. */
export async function wallRefusal(host: string, port: string): Promise<string | null> {
  const number = /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN;
  if (!(number <= 65_535)) return `PORT=${port}: expected a port, such as 8080`;
  try {
    if (await isFree(host, number)) return null;
  } catch (error) {
    return `HOST=${host}: cannot listen there: ${error instanceof Error ? error.message : String(error)}`;
  }
  return `${host}:${port} is taken: another program listens there; end it, or set PORT to another one`;
}
