/** The gateway's own figures; those of the core come from the core. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export class GatewayMetrics {
  readonly registry = new Registry();
  readonly pulseToWall = new Histogram({
    name: 'wattroom_pulse_to_wall_seconds',
    help: 'From the arrival of a pulse to the frame that shows it',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });
  readonly wallClients = new Gauge({
    name: 'wattroom_wall_clients',
    help: 'Open wall sockets',
    registers: [this.registry],
  });
  readonly coreUp = new Gauge({
    name: 'wattroom_gateway_core_up',
    help: '1 when the core answered the last scrape',
    registers: [this.registry],
  });
  readonly requests = new Counter({
    name: 'wattroom_http_requests_total',
    help: 'Answered requests; route is a pattern, never a path',
    labelNames: ['method', 'route', 'status'],
    registers: [this.registry],
  });
}
