/** A byte pipe to one RS-485 line. It opens, carries bytes and closes; framing and patience are other people's business. */
import type { LineConfig } from '../../protocol/site.ts';
import { assertNever } from '../domain/assert.ts';
import { serialTransport } from './serial.ts';
import { tcpTransport } from './tcp.ts';

export type TransportEvents = {
  readonly opened: () => void;
  readonly data: (bytes: Uint8Array) => void;
  /** Called once for each `open`, also when opening failed. */
  readonly closed: (reason: string) => void;
};

export interface Transport {
  /** May be called again after `closed`. */
  open(events: TransportEvents): void;
  write(bytes: Uint8Array): void;
  /** Leads to `closed` unless that was called already. */
  close(): void;
}

export type TransportFactory = (config: LineConfig) => Transport;

/** Modbus TCP and RTU over TCP differ in framing only, so they share a socket. */
export function createTransport(config: LineConfig): Transport {
  const { transport } = config;
  switch (transport.kind) {
    case 'tcp':
    case 'rtuTcp':
      return tcpTransport(transport.host, transport.port);
    case 'serial':
      return serialTransport({
        path: transport.path,
        baud: config.baud,
        parity: config.parity,
        stopBits: config.stopBits,
      });
    default:
      return assertNever(transport);
  }
}
