/** What Redis must be set to before it may keep money, and what its errors mean. */
import { StoreError } from './store.ts';

/** design.md, "An empty or foreign store": the settings under which an acknowledged write survives a crash. */
const REQUIRED: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  'maxmemory-policy': 'noeviction',
};

/** Throws StoreError `misconfigured` naming each wrong setting. */
export async function checkSettings(get: (name: string) => Promise<Record<string, string>>): Promise<void> {
  const wrong: string[] = [];
  for (const [name, wanted] of Object.entries(REQUIRED)) {
    const found = (await get(name))[name];
    if (found !== wanted) wrong.push(`${name} is "${found ?? 'unknown'}", expected "${wanted}"`);
  }
  if (wrong.length > 0) throw new StoreError('misconfigured', `Redis would lose money: ${wrong.join('; ')}`);
}

/** A rejected command as the port's error; what is not known to have failed is `away`. */
export function redisError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const kind = /^OOM/.test(message)
    ? 'full'
    : /^(READONLY|MISCONF)/.test(message)
      ? 'readOnly'
      : /^(NOAUTH|WRONGPASS|NOPERM)/.test(message)
        ? 'misconfigured'
        : 'away';
  return new StoreError(kind, `Redis: ${message}`, { cause: error });
}
