/** The test slave behind a TCP socket, speaking RTU frames as a serial device server passes them on, or Modbus TCP. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { answer, sealed, type Unit } from './slave.ts';

export type TcpSlave = {
  readonly port: number;
  readonly requests: number[][];
  /** Cuts all connections; new ones are taken. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
};

export async function tcpSlave(units: ReadonlyMap<number, Unit>, framing: 'rtu' | 'tcp', port = 0): Promise<TcpSlave> {
  const sockets = new Set<Socket>();
  const requests: number[][] = [];
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      const frame = framing === 'rtu' ? [...bytes] : sealed([...bytes.subarray(6)]);
      requests.push(frame);
      const reply = answer(units, frame);
      if (reply === null) return;
      const body = reply.slice(0, -2);
      socket.write(Buffer.from(framing === 'rtu' ? reply : [...bytes.subarray(0, 4), 0, body.length, ...body]));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  const close = async (): Promise<void> => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, requests, cut, close };
}
