/** /healthz and /metrics. */
import type { CoreLink } from '../link.ts';
import { CoreAway } from '../link.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { Handler } from './exchange.ts';
import type { Guard } from './guard.ts';
import { json } from './problem.ts';

/** A core that needs longer is not healthy. */
const ANSWER_MS = 2_000;

/** Runs a question; null when the core is away. */
async function orAway<T>(asking: Promise<T>): Promise<T | null> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof CoreAway) return null;
    throw error;
  }
}

/** Silent lines and meters are named in the body and leave the status at 200: they are the field's trouble, not ours. */
export function healthHandler(link: CoreLink, guard: Guard): Handler {
  return async (request) => {
    guard.checkMonitor(request);
    const health = await orAway(link.ask<'health'>({ ask: 'health' }, ANSWER_MS));
    if (health === null) return json(503, { healthy: false, core: false });
    return json(health.healthy ? 200 : 503, { core: true, ...health });
  };
}

export function metricsHandler(link: CoreLink, guard: Guard, metrics: GatewayMetrics): Handler {
  return async (request) => {
    guard.checkMonitor(request);
    const core = await orAway(link.ask<'metrics'>({ ask: 'metrics' }, ANSWER_MS));
    metrics.coreUp.set(core === null ? 0 : 1);
    const own = await metrics.registry.metrics();
    const body = core === null ? own : `${core.trimEnd()}\n${own}`;
    return { status: 200, headers: { 'content-type': metrics.registry.contentType }, body };
  };
}
