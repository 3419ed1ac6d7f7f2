/** `npm run -s password`: reads a password from standard input and prints its hash for a site file. */
import { createInterface } from 'node:readline';
import { passwordSchema } from '../protocol/session.ts';
import { hashPassword } from './gateway/password.ts';

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const parsed = passwordSchema.safeParse(line);
  if (parsed.success) process.stdout.write(`${await hashPassword(parsed.data)}\n`);
  else {
    process.stderr.write(`${parsed.error.issues[0]?.message ?? 'not a password'}\n`);
    process.exitCode = 1;
  }
  break;
}
lines.close();
