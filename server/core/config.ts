/** What the environment says; a wrong value is one clear line, never a default. */
import { z } from 'zod';
import { DEFAULT_NETWORKS, networkList } from './networks.ts';

/** Without the name and password that an address may hold. */
const shown = (value: string | undefined): string => (value ?? '').replace(/\/\/[^/]*@/, '//…@');

/** What the client takes; what it does not take it would throw at us. */
const isRedisUrl = (text: string): boolean =>
  /^unix:\/./.test(text) || (/^rediss?:\/\/[^/\s]+(\/\d*)?$/.test(text) && URL.canParse(text));

const schema = z.object({
  DATA_DIR: z.string().min(1).default('./data'),
  REDIS_URL: z
    .string()
    .refine(isRedisUrl, 'redis://host:port, rediss://host:port (a database number after a slash) or unix:/path')
    .optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PUBLIC_URL: z.url().optional(),
  /** Where a browser may make a line connect to, CIDR, comma between. */
  LINE_NETWORKS: z
    .string()
    .default(DEFAULT_NETWORKS.join(','))
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((list) => networkList(list) !== null, 'networks such as 10.0.0.0/8, comma between'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  /** For the demo: how fast site time runs. */
  SITE_SPEED: z.coerce.number().min(1).max(3_600).default(1),
});

/** A variable is wrong; the message names it. */
export class ConfigError extends Error {}

export type CoreConfig = {
  readonly dataDir: string;
  readonly redisUrl: string | null;
  readonly host: string;
  readonly publicUrl: string | null;
  readonly logLevel: string;
  readonly lineNetworks: readonly string[];
  readonly speed: number;
};

/** Throws `ConfigError`, a line for each wrong variable. */
export function readConfig(env: NodeJS.ProcessEnv): CoreConfig {
  const parsed = schema.safeParse(env);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues
        .map((issue) => `${issue.path.join('.')}=${shown(env[String(issue.path[0])])}: expected ${issue.message}`)
        .join('\n'),
    );
  const { DATA_DIR, REDIS_URL, HOST, PUBLIC_URL, LINE_NETWORKS, LOG_LEVEL, SITE_SPEED } = parsed.data;
  return {
    dataDir: DATA_DIR,
    redisUrl: REDIS_URL ?? null,
    host: HOST,
    publicUrl: PUBLIC_URL ?? null,
    logLevel: LOG_LEVEL,
    lineNetworks: LINE_NETWORKS,
    speed: SITE_SPEED,
  };
}
