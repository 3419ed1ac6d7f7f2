/** Headers of every answer. */
import type { GatewayConfig } from '../config.ts';

/** `'self'` covers ws: only in newer browsers, so the socket's own origin is named too; a Host that is none is left out. */
function socketSources(host: string, publicOrigin: string | null): string {
  const hosts = publicOrigin === null ? [] : [new URL(publicOrigin).host];
  if (/^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(host) || /^\[[0-9a-fA-F:]+\](:\d{1,5})?$/.test(host)) hosts.push(host);
  return [...new Set(hosts)].map((name) => ` ws://${name} wss://${name}`).join('');
}

/** Inline style attributes are let through (placed elements carry them), inline style sheets and scripts are not. */
function contentSecurityPolicy(host: string, publicOrigin: string | null): string {
  return [
    "default-src 'self'",
    `connect-src 'self'${socketSources(host, publicOrigin)}`,
    "img-src 'self' data:",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function securityHeaders(config: GatewayConfig, host: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy': contentSecurityPolicy(host, config.publicOrigin),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), serial=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex, nofollow',
    ...(config.https ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
  };
}
