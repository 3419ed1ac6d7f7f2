/** Whether the gateway will be able to listen, asked before anything else begins: a taken port is one line, not a core that never opens. */
import { createServer } from 'node:net';

/** The gateway of a core that was killed a moment ago notices and ends by itself. */
export const DOOR_WAIT_MS = 3_000;
const LOOK_MS = 100;

/** System error codes of a listen, in words. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; end it, or set PORT to another one',
  EACCES: 'this user may not listen there; ports below 1024 are often reserved',
  EADDRNOTAVAIL: 'this machine has no such address; set HOST to one it has',
  ENOTFOUND: 'no such host name; set HOST to an address of this machine',
};

function tryDoor(host: string, port: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code !== undefined && error.code in reasons ? resolve(error.code) : reject(error),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** Null when HOST:PORT is free, within `waitMs`; else one line that says why not. */
export async function doorRefusal(host: string, port: number, waitMs: number): Promise<string | null> {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    const code = await tryDoor(host, port);
    if (code === null) return null;
    if (code !== 'EADDRINUSE' || waitedMs >= waitMs) {
      const taken = code === 'EADDRINUSE' ? 'is taken' : 'cannot be listened on';
      return `${host}:${port} ${taken}: ${reasons[code]}`;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
