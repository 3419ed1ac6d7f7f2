/** The gateway's configuration, from the environment the core forks it with. */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { SiteLink } from '../../protocol/session.ts';
import { isLoopbackHost } from './address.ts';
import { bindRefusal, DEFAULT_HOST } from './bind.ts';

export type GatewayConfig = {
  readonly host: string;
  /** 0 takes a free one; `ready` tells which. */
  readonly port: number;
  /** Origin the browsers use, without a slash at its end; null when they come straight to host and port. */
  readonly publicOrigin: string | null;
  /** Cookies are `Secure` and carry the `__Host-` prefix. */
  readonly secureCookies: boolean;
  /** Whether browsers speak https to us: only then HSTS. */
  readonly https: boolean;
  readonly metricsToken: string | null;
  readonly uiDir: string;
  /** Sites that the header switches between; none: there is but this one. */
  readonly sites: readonly SiteLink[];
};

/** "Name=https://host, Name=https://host"; undefined for what is none. */
function siteList(text: string): SiteLink[] | undefined {
  const sites = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const at = part.indexOf('=');
      const [name, url] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
      return at > 0 && /^https?:\/\//.test(url) && URL.canParse(url) ? { name, url: new URL(url).origin } : undefined;
    });
  return sites.every((site) => site !== undefined && site.name !== '')
    ? sites.filter((site) => site !== undefined)
    : undefined;
}

const envSchema = z.object({
  HOST: z.string().min(1).default(DEFAULT_HOST),
  PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  PUBLIC_URL: z.string().optional(),
  METRICS_TOKEN: z.string().min(16, 'at least 16 characters').optional(),
  SITES: z
    .string()
    .default('')
    .transform((text, context) => {
      const sites = siteList(text);
      if (!sites)
        context.addIssue('name and address of each site, such as "East=https://east.example.com, West=https://…"');
      return sites ?? [];
    }),
  UI_DIR: z
    .string()
    .min(1)
    .default(() => fileURLToPath(new URL('../../ui/dist', import.meta.url))),
});

export type Configured =
  { readonly ok: true; readonly config: GatewayConfig } | { readonly ok: false; readonly why: string };

export function gatewayConfig(env: Readonly<Record<string, string | undefined>>): Configured {
  const refusal = bindRefusal(env);
  if (refusal !== null) return { ok: false, why: refusal };
  const parsed = envSchema.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    return { ok: false, why: lines.join('; ') };
  }
  const { HOST, PORT, PUBLIC_URL, METRICS_TOKEN, SITES, UI_DIR } = parsed.data;
  const publicOrigin = PUBLIC_URL === undefined ? null : new URL(PUBLIC_URL).origin;
  const https = publicOrigin?.startsWith('https://') === true;
  return {
    ok: true,
    config: {
      host: HOST,
      port: PORT,
      publicOrigin,
      https,
      // Browsers treat loopback as trustworthy: Chromium keeps a Secure, __Host- cookie from http://127.0.0.1.
      secureCookies: https || isLoopbackHost(HOST),
      metricsToken: METRICS_TOKEN ?? null,
      uiDir: UI_DIR,
      sites: SITES,
    },
  };
}
