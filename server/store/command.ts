/** What the backup and restore commands share: what they are told, and how they end. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { readConfig, type CoreConfig } from '../core/config.ts';
import { StoreError } from './store.ts';

/** The command was called wrongly, or its environment says something wrong. */
export class UsageError extends Error {}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function readOptions<T extends ParseArgsOptionsConfig>(
  options: T,
  usage: string,
): { values: ReturnType<typeof parseArgs<{ options: T }>>['values']; config: CoreConfig } {
  try {
    return { values: parseArgs({ options }).values, config: readConfig(process.env) };
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\n${usage}`, { cause: error });
  }
}

/** Expected ends are one clear message; the exit code is 1 for all of them. */
export function runCommand(main: () => Promise<string>): void {
  main().then(
    (done) => process.stdout.write(`${done}\n`),
    (error: unknown) => {
      const expected = error instanceof StoreError || error instanceof UsageError;
      process.stderr.write(`${!expected && error instanceof Error ? error.stack : messageOf(error)}\n`);
      process.exitCode = 1;
    },
  );
}
