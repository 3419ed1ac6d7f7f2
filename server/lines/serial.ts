/** A serial port (or pseudo-terminal) as a byte pipe. */
import { SerialPort } from 'serialport';
import type { WireSettings } from './wire.ts';
import type { Transport, TransportEvents } from './transport.ts';

export function serialTransport(settings: WireSettings & { readonly path: string }): Transport {
  let port: SerialPort | null = null;
  let unwanted = false;
  return {
    open(events: TransportEvents): void {
      const { path, baud, parity, stopBits } = settings;
      const opened = new SerialPort({ path, baudRate: baud, parity, stopBits, dataBits: 8, autoOpen: false });
      let done = false;
      unwanted = false;
      const closed = (reason: string): void => {
        if (done) return;
        done = true;
        if (port === opened) port = null;
        events.closed(reason);
      };
      port = opened;
      opened.on('data', (bytes: Buffer) => events.data(bytes));
      opened.on('close', (error: Error | null) => closed(error === null ? 'closed' : 'unplugged'));
      // A failed write or read leaves the handle useless: close it, and let the link open it anew.
      opened.on('error', (error) => (opened.isOpen ? opened.close() : closed(error.message)));
      opened.open((error) => {
        if (error !== null) closed(error.message);
        else if (unwanted) opened.close();
        else events.opened();
      });
    },
    write(bytes: Uint8Array): void {
      port?.write(Buffer.from(bytes));
    },
    close(): void {
      if (port?.isOpen === true) port.close();
      else unwanted = true;
    },
  };
}
