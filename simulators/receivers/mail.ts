/** A mail server that takes everything on loopback, or fails as it is told. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Inbox } from './received.ts';

export type MailFault = 'none' | 'temporary' | 'permanent';
export type MailReceiver = {
  readonly port: number;
  /** How mails are answered from now on. */
  fault: MailFault;
  readonly stop: () => Promise<void>;
};

const MAIL_BYTES_MAX = 1024 * 1024;

function refusalOf(fault: Exclude<MailFault, 'none'>): Error {
  const responseCode = fault === 'permanent' ? 550 : 451;
  return Object.assign(new Error(fault === 'permanent' ? 'no such mailbox' : 'try later'), { responseCode });
}

export async function startMailReceiver(inbox: Inbox, port = 0, host = '127.0.0.1'): Promise<MailReceiver> {
  const receiver: { fault: MailFault } = { fault: 'none' };
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], disableReverseLookup: true, size: MAIL_BYTES_MAX },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        if (receiver.fault !== 'none') return done(refusalOf(receiver.fault));
        const mail = Buffer.concat(parts).toString('utf8');
        const to = session.envelope.rcptTo[0]?.address ?? '';
        inbox.take({ id: headerOf(mail, 'X-Wattroom-Notice'), way: 'mail', channel: 'email', to, text: bodyOf(mail) });
        return done();
      });
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  // Once it listens on TCP its address has a port.
  const address = server.server.address() as AddressInfo;
  // A client that goes away in the middle is its own affair.
  server.on('error', () => undefined);
  return Object.assign(receiver, {
    port: address.port,
    stop: () => new Promise<void>((resolve) => server.close(resolve)),
  });
}

/** A header by name, unfolded; empty when there is none. */
export function headerOf(mail: string, name: string): string {
  const head = (mail.split('\r\n\r\n', 1)[0] ?? '').replaceAll(/\r\n[ \t]+/g, ' ');
  const line = head.split('\r\n').find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim() ?? '';
}

/** The text of a mail of one part, whatever it is encoded in. */
export function bodyOf(mail: string): string {
  const body = mail.slice(mail.indexOf('\r\n\r\n') + 4);
  const encoding = headerOf(mail, 'Content-Transfer-Encoding').toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8').trim();
  if (encoding !== 'quoted-printable') return body.trim();
  const bytes = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').trim();
}
