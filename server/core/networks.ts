/** Where a browser may make this server connect to: only addresses in configured networks, never names (they can be made to point anywhere). */
import { BlockList, isIP } from 'node:net';
import type { Core } from './core.ts';

/** Loopback and private networks (RFC 1918, RFC 4193): where serial device servers stand. */
export const DEFAULT_NETWORKS = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '::1/128', 'fc00::/7'];

/** null for what is no network in CIDR notation. */
export function networkList(networks: readonly string[]): BlockList | null {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    const family = isIP(address);
    if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return null;
    list.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

export function allowedHost(core: Pick<Core, 'options'>, host: string): boolean {
  const family = isIP(host);
  const list = networkList(core.options.networks);
  return family !== 0 && list !== null && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
