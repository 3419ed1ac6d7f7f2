/** DATA_DIR, looked at before anything is written into it. */
import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';

/** Makes the folder where it is missing. Null when it can be used; else one line that says why not. */
export async function dataDirRefusal(dataDir: string): Promise<string | null> {
  try {
    await mkdir(dataDir, { recursive: true });
    if (!(await stat(dataDir)).isDirectory()) return `DATA_DIR=${dataDir}: not a folder`;
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    // Node's own words name the system's code and the path; each of them is a person's to put right.
    return `DATA_DIR=${dataDir}: cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}
