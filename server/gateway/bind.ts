/** Where the gateway may listen: passwords and cookies never cross a network in the clear unless someone said so. */
import { isLoopbackHost } from './address.ts';

export const DEFAULT_HOST = '127.0.0.1';

/** One line that says why this environment is refused, or null. The core asks before it forks, the gateway once more. */
export function bindRefusal(env: Readonly<Record<string, string | undefined>>): string | null {
  const host = env['HOST'] ?? DEFAULT_HOST;
  const publicUrl = env['PUBLIC_URL'];
  if (publicUrl !== undefined && !/^https?:\/\/[^/?#@\s]+\/?$/.test(publicUrl)) {
    return `PUBLIC_URL is "${publicUrl}"; expected an origin such as https://wattroom.example.org`;
  }
  if (isLoopbackHost(host) || env['INSECURE_HTTP'] === '1' || publicUrl?.startsWith('https://') === true) return null;
  return (
    `HOST=${host} is reachable from the network, and without https a login would cross it in the clear: ` +
    'set PUBLIC_URL=https://… (a reverse proxy ends the TLS), or INSECURE_HTTP=1 to accept that'
  );
}
