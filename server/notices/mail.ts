/** E-mail by SMTP. The Message-ID is made from the notice's id: a repeat is the same mail to a mailbox that looks. */
import { createTransport } from 'nodemailer';
import type { MailConfig } from './config.ts';
import { failed, type Way } from './sender.ts';

const TIMEOUT_MS = 20_000;

export function mailer({ url, from }: MailConfig): Way {
  const address = new URL(url);
  const secure = address.protocol === 'smtps:';
  const transport = createTransport({
    host: address.hostname.replace(/^\[|\]$/g, ''),
    port: Number(address.port || (secure ? 465 : 587)),
    secure,
    ...(address.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(address.username), pass: decodeURIComponent(address.password) } }),
    // A password never goes over a connection that could not be made secret.
    requireTLS: !secure && address.username !== '',
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    // What a text says is not a file or an address to fetch.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  const domain = /@([^>\s]+)/.exec(from)?.[1] ?? 'wattroom';
  return async (notice) => {
    try {
      await transport.sendMail({
        ...{ from, to: { name: '', address: notice.address }, subject: notice.subject, text: notice.text },
        messageId: `<${notice.id}@${domain}>`,
        headers: { 'X-Wattroom-Notice': notice.id, 'Auto-Submitted': 'auto-generated' },
      });
      return { ok: true };
    } catch (error) {
      const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
      // RFC 5321, 4.2.1: 5yz is a permanent refusal of this mail; one of the login may be mended by its owner.
      if (code >= 500) return failed(code !== 530 && code !== 535, `SMTP ${code}`);
      throw error;
    }
  };
}
