/** Two ways over a socket: RTU frames as a serial device server passes them, and Modbus TCP with its own header. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { SimClock } from '../clock.ts';
import type { VirtualLine } from '../line.ts';
import { RtuReceiver } from '../rtuReceiver.ts';
import { MbapReceiver, mbapFrame } from './mbap.ts';
import type { Served } from './transport.ts';

/** Someone else listens at the port that a master has in its configuration. */
export class Taken extends Error {}

/** A predecessor that was killed, or somebody's connection, may hold the port a little longer. */
const TAKEN_MS_MAX = 3_000;
const LOOK_MS = 100;

export type TcpOptions = { readonly host: string; readonly port: number };

type Session = { readonly push: (bytes: Uint8Array) => void; readonly stop: () => void };

export function serveRtuTcp(line: VirtualLine, clock: SimClock, options: TcpOptions): Promise<Served> {
  return serve(options, (socket) => {
    const receiver = new RtuReceiver(clock, (unit, pdu) => {
      line.request(unit, pdu, {
        deliver: (reply) => reply.chunks.forEach((chunk) => send(socket, chunk)),
        drop: () => socket.destroy(),
      });
    });
    return receiver;
  });
}

/** A gateway passes on whole frames only; where none comes it stays silent, as the simplest ones do. */
export function serveModbusTcp(line: VirtualLine, options: TcpOptions): Promise<Served> {
  return serve(options, (socket) => {
    const receiver = new MbapReceiver(
      (transaction, unit, pdu) => {
        line.request(unit, pdu, {
          deliver: (reply) => {
            if (reply.whole !== true) return;
            for (let i = 0; i < reply.chunks.length; i += 1) {
              send(socket, mbapFrame(transaction, reply.unit, reply.pdu));
            }
          },
          drop: () => socket.destroy(),
        });
      },
      () => socket.destroy(),
    );
    return { push: (bytes) => receiver.push(bytes), stop: () => undefined };
  });
}

function send(socket: Socket, bytes: Uint8Array): void {
  if (!socket.destroyed) socket.write(bytes);
}

function serve(options: TcpOptions, open: (socket: Socket) => Session): Promise<Served> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const session = open(socket);
    sockets.add(socket);
    socket.on('data', (bytes) => session.push(bytes));
    // A master that goes away in the middle is nothing to report: the next one comes by itself.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      session.stop();
      sockets.delete(socket);
    });
  });
  return new Promise((resolve, reject) => {
    let waitedMs = 0;
    const listen = (): void => void server.listen(options.port, options.host);
    const refused = (error: NodeJS.ErrnoException): void => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      if (waitedMs >= TAKEN_MS_MAX)
        return reject(new Taken(`${options.host}:${options.port} of a simulated line is taken by another program`));
      waitedMs += LOOK_MS;
      setTimeout(listen, LOOK_MS);
    };
    server.on('error', refused);
    server.once('listening', () => {
      server.removeListener('error', refused);
      const { port } = server.address() as AddressInfo;
      resolve({ address: `${options.host}:${port}`, port, close: () => closeAll(server, sockets) });
    });
    listen();
  });
}

function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
