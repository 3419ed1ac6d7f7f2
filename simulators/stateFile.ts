/** JSON files that are whole or absent, whatever stops the process. */
import { mkdirSync, openSync, closeSync, fsyncSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { savedMeterSchema } from './meters/saved.ts';

export const fleetStateSchema = z.strictObject({
  format: z.literal('wattroom-fleet-state/1'),
  /** Site time when it was saved, epoch ms. */
  siteMs: z.number(),
  speed: z.number().positive(),
  /** It went on running after this: the last seconds before the end are missing here. */
  running: z.boolean(),
  /** Port of each line that listens on one. */
  ports: z.record(z.string(), z.int().min(1).max(65535)),
  meters: z.record(z.string(), savedMeterSchema),
});
export type FleetState = z.infer<typeof fleetStateSchema>;

/** The file's content; null when there is no such file. Anything else that is wrong is thrown, naming the file. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON`, { cause: error });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Error(`${path} cannot be used: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Writes beside the file and renames: a reader sees the old content or the new one. */
export function writeJson(path: string, content: unknown, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  const next = `${path}.next`;
  const file = openSync(next, 'w', mode);
  try {
    writeFileSync(file, `${JSON.stringify(content)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(next, path);
}
