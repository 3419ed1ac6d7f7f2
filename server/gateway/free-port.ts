/** A port nobody listens on. */
import { createServer } from 'node:net';

/**
 * uWebSockets.js sets SO_REUSEADDR only on a port it is told: on one the system chose, a successor of a killed gateway
 * could not listen until the last old connection has left TIME_WAIT, a minute later. So port 0 is settled here first.
 */
export function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port: 0, exclusive: true }, () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
