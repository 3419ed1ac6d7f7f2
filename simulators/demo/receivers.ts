/** What stands in for the providers in the demo: notices arrive on this machine and are shown in its window. */
import { startReceivers, type Receivers } from '../receivers/start.ts';

const real = ['SMTP_URL', 'NOTICE_HTTP_URL', 'ALIYUN_ACCESS_KEY_ID'];

/** null where the environment names real ones. */
export async function demoReceivers(env: NodeJS.ProcessEnv): Promise<Receivers | null> {
  if (real.some((name) => env[name] !== undefined)) return null;
  return startReceivers({ print: (line) => console.log(line) });
}
