/** Network addresses as text, and which of them are this machine itself. */
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** 4 or 16 bytes, as uWebSockets.js gives them; an IPv4 address mapped into IPv6 comes out as IPv4. */
export function addressText(bytes: Uint8Array): string {
  const mapped =
    bytes.length === 16 && bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (bytes.length === 4 || mapped) return bytes.slice(-4).join('.');
  const groups: string[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  }
  return groups.join(':');
}

export function isLoopback(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether a `HOST` to listen on is reachable from this machine only. */
export const isLoopbackHost = (host: string): boolean => host === 'localhost' || isLoopback(host);

/**
 * Who is asking: the peer, or, where a reverse proxy on this machine was announced by PUBLIC_URL, the last address in
 * X-Forwarded-For (the one the proxy itself wrote; those before it are the client's own words).
 */
export function clientAddress(peer: string, forwardedFor: string, behindProxy: boolean): string {
  if (!behindProxy || !isLoopback(peer) || forwardedFor === '') return peer;
  const last = forwardedFor.slice(forwardedFor.lastIndexOf(',') + 1).trim();
  return isIP(last) === 0 ? peer : last;
}

/** What a rate limit counts by: an IPv4 address, or the /64 an IPv6 host may move about in. */
export function rateKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right].slice(0, 4).join(':');
}
