/** What the environment says; a wrong value is one clear line, never a default. */
import { z } from 'zod';

const schema = z.object({
  DATA_DIR: z.string().min(1).default('./data'),
  REDIS_URL: z
    .string()
    .regex(/^(redis|rediss|unix):/, 'redis://, rediss:// or unix:')
    .optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PUBLIC_URL: z.url().optional(),
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
  readonly speed: number;
};

/** Throws `ConfigError`, a line for each wrong variable. */
export function readConfig(env: NodeJS.ProcessEnv): CoreConfig {
  const parsed = schema.safeParse(env);
  if (!parsed.success)
    throw new ConfigError(
      parsed.error.issues
        .map((issue) => `${issue.path.join('.')}=${env[String(issue.path[0])]}: expected ${issue.message}`)
        .join('\n'),
    );
  const { DATA_DIR, REDIS_URL, HOST, PUBLIC_URL, LOG_LEVEL, SITE_SPEED } = parsed.data;
  return {
    dataDir: DATA_DIR,
    redisUrl: REDIS_URL ?? null,
    host: HOST,
    publicUrl: PUBLIC_URL ?? null,
    logLevel: LOG_LEVEL,
    speed: SITE_SPEED,
  };
}
