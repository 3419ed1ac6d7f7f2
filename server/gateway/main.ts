/**
 * The gateway: the second process, forked by the core. It owns the public network and nothing else: killed at any
 * time, it loses no pulse, and its successor rebuilds the wall from what the core sends.
 */
import { pino } from 'pino';
import { noticeConfig } from '../notices/config.ts';
import { gatewayConfig } from './config.ts';
import { startGateway } from './gateway.ts';

const log = pino({ name: 'gateway' });

function refuse(why: string): never {
  process.stderr.write(`wattroom gateway: ${why}\n`);
  process.exit(1);
}

const configured = gatewayConfig(process.env);
if (!configured.ok) refuse(configured.why);
if (process.send === undefined) refuse('is started by the core (npm start), not by itself');

// Ctrl-C reaches the whole process group: the core decides about the end and says `stop`, or is gone and so are we.
process.on('SIGINT', () => undefined);

const notices = noticeConfig(process.env);
if (!notices.ok) refuse(notices.why);

startGateway({
  config: configured.config,
  notices: notices.config,
  log,
  channel: process,
  exit: (code) => process.exit(code),
});
