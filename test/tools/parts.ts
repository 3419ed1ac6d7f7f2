/** What `npm test` needs besides npm's own packages: looked for first, installed where that can be done, never skipped. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

type Part = { readonly debian: string; readonly there: () => boolean };

const runs = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).error === undefined;
const imports = (module: string): boolean =>
  spawnSync('/usr/bin/python3', ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;
const parts: readonly Part[] = [
  { debian: 'redis-server', there: () => runs('redis-server', '--version') },
  { debian: 'chromium', there: () => existsSync('/usr/bin/chromium') },
  { debian: 'socat', there: () => runs('socat', '-V') },
  { debian: 'mbpoll', there: () => runs('mbpoll', '-V') },
  { debian: 'python3-pymodbus', there: () => imports('pymodbus') },
  // Its server imports this, its package only recommends it.
  { debian: 'python3-serial-asyncio', there: () => imports('serial_asyncio') },
];

const missing = (): string[] => parts.filter((part) => !part.there()).map((part) => part.debian);

/** `[]` as root, `['sudo', '-n']` with sudo that asks nothing, null where packages cannot be installed. */
function privilege(): string[] | null {
  if (!existsSync('/etc/debian_version') || !runs('apt-get', '--version')) return null;
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null;
}

const before = missing();
if (before.length > 0) {
  const how = privilege();
  if (how !== null) {
    console.log(`The tests need ${before.join(', ')}: installing with apt-get …`);
    const apt = (...args: string[]): void => {
      const [command = '', ...rest] = [...how, 'apt-get', ...args];
      execFileSync(command, rest, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    };
    apt('update');
    apt(
      'install',
      '-y',
      '--no-install-recommends',
      '-o',
      'DPkg::Options::=--force-confold',
      ...before,
      ...(before.includes('chromium') ? ['fonts-noto-cjk'] : []),
    );
  }
  const still = missing();
  if (still.length > 0) {
    console.error(
      `The tests need ${still.join(', ')}; install ${still.length === 1 ? 'it' : 'them'} (Debian: apt-get install ${still.join(' ')}) and run them again.`,
    );
    process.exit(1);
  }
}
