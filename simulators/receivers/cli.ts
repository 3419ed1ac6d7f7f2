/** `npm run receivers -- --help`: what notices are sent to while there is no provider. */
import { parseArgs } from 'node:util';
import { startReceivers } from './start.ts';

const help = `npm run receivers -- [options]

Takes mails (SMTP), the signed notice adapter, Aliyun's SendSms and Web Pushes on loopback, and prints what arrives.

  --mail-port N   default 2525
  --http-port N   default 8090: /notices is the adapter, / SendSms, /push/… a push service
  --fault N       every HTTP answer has this status, such as 503

Environment: NOTICE_HTTP_SECRET (as the core has it; made up and not printed without it, so that nothing is accepted by
chance), ALIYUN_ACCESS_KEY_ID and ALIYUN_ACCESS_KEY_SECRET for SendSms.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      'mail-port': { type: 'string', default: '2525' },
      'http-port': { type: 'string', default: '8090' },
      fault: { type: 'string' },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const { NOTICE_HTTP_SECRET: secret, ALIYUN_ACCESS_KEY_ID: keyId, ALIYUN_ACCESS_KEY_SECRET: keySecret } = process.env;
  const receivers = await startReceivers({
    mailPort: Number(values['mail-port']),
    httpPort: Number(values['http-port']),
    ...(secret === undefined ? {} : { secret }),
    ...(keyId === undefined || keySecret === undefined ? {} : { aliyun: { keyId, keySecret } }),
    print: (line) => console.log(line),
  });
  if (values.fault !== undefined) receivers.http.fault = Number(values.fault);
  console.log(`mail smtp://127.0.0.1:${receivers.mail.port}, adapter http://127.0.0.1:${receivers.http.port}/notices`);
  const end = (): void => void receivers.stop().then(() => process.exit(0));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
});
