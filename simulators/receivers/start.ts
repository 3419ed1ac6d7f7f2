/** A mail server and a provider on free ports, and what the core's environment has to say to use them. */
import { randomBytes } from 'node:crypto';
import { startHttpReceiver, type HttpReceiver } from './http.ts';
import { startMailReceiver, type MailReceiver } from './mail.ts';
import { Inbox, lineOf } from './received.ts';

export type Receivers = {
  readonly mail: MailReceiver;
  readonly http: HttpReceiver;
  readonly inbox: Inbox;
  /** Names of server/notices/config.ts. The secret in it is for the core alone. */
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
};
export type ReceiverOptions = {
  readonly host?: string;
  readonly mailPort?: number;
  readonly httpPort?: number;
  /** Made up when absent. */
  readonly secret?: string;
  readonly aliyun?: { readonly keyId: string; readonly keySecret: string };
  readonly print: (line: string) => void;
  readonly nowMs?: () => number;
};

/** At most a line a second: at a high speed thousands arrive. */
const PRINT_MS = 1_000;

export async function startReceivers(options: ReceiverOptions): Promise<Receivers> {
  const { host = '127.0.0.1', secret = randomBytes(24).toString('hex'), nowMs = Date.now, print } = options;
  let lastMs = -Infinity;
  let unsaid = 0;
  const inbox = new Inbox((received) => {
    if (nowMs() - lastMs < PRINT_MS) unsaid += 1;
    else {
      print(`${lineOf(received)}${unsaid > 0 ? `  and ${unsaid} more` : ''}`);
      lastMs = nowMs();
      unsaid = 0;
    }
  });
  const mail = await startMailReceiver(inbox, options.mailPort ?? 0, host);
  const http = await startHttpReceiver({
    ...{ inbox, secret, host, port: options.httpPort ?? 0 },
    ...(options.aliyun ? { aliyun: options.aliyun } : {}),
  });
  return {
    ...{ mail, http, inbox },
    env: {
      ...{ SMTP_URL: `smtp://${host}:${mail.port}`, MAIL_FROM: 'Wattroom <demo@example.com>' },
      ...{ NOTICE_HTTP_URL: `http://${host}:${http.port}/notices`, NOTICE_HTTP_SECRET: secret },
    },
    stop: async () => {
      await mail.stop();
      await http.stop();
    },
  };
}
