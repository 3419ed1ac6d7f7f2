/** A line at a serial port or one end of a pseudo-terminal pair. */
import { SerialPort } from 'serialport';
import type { SimClock } from '../clock.ts';
import type { VirtualLine } from '../line.ts';
import { RtuReceiver } from '../rtuReceiver.ts';
import type { Wire } from '../wire.ts';
import type { Served } from './transport.ts';

export async function serveSerial(line: VirtualLine, clock: SimClock, path: string, wire: Wire): Promise<Served> {
  const { baud: baudRate, parity, stopBits } = wire;
  const port = new SerialPort({ path, baudRate, parity, stopBits, dataBits: 8, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  const receiver = new RtuReceiver(clock, (unit, pdu) => {
    line.request(unit, pdu, {
      deliver: (reply) => reply.chunks.forEach((chunk) => port.isOpen && port.write(Buffer.from(chunk))),
      drop: () => undefined, // a wire has no connection to drop: the answer is just missing
    });
  });
  port.on('data', (bytes: Uint8Array) => receiver.push(bytes));
  port.on('error', () => receiver.stop());
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      receiver.stop();
      if (port.isOpen) port.close(() => resolve());
      else resolve();
    });
  return { address: path, port: 0, close };
}
