/** A TCP socket as a byte pipe: Modbus TCP, and serial device servers that pass RTU frames through. */
import { connect, type Socket } from 'node:net';
import type { Transport, TransportEvents } from './transport.ts';

/** A device server that lost power says nothing; keep-alive finds the dead connection. */
const keepAliveMs = 10_000;

export function tcpTransport(host: string, port: number): Transport {
  let socket: Socket | null = null;
  return {
    open(events: TransportEvents): void {
      const opened = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
      let reason = 'closed by the other side';
      socket = opened;
      opened.on('connect', () => events.opened());
      opened.on('data', (bytes) => events.data(bytes));
      opened.on('error', (error: NodeJS.ErrnoException) => {
        reason = error.code ?? error.message;
      });
      opened.on('close', () => {
        if (socket === opened) socket = null;
        events.closed(reason);
      });
    },
    write(bytes: Uint8Array): void {
      socket?.write(bytes);
    },
    close(): void {
      socket?.destroy();
    },
  };
}
