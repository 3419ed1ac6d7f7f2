/**
 * The control room's files, read once at the start into a table: a path that is not in the table does not exist, so
 * there is no path to escape with.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { SHARED_SCREEN } from '../../../protocol/explanations.ts';
import type { Handler, Reply } from './exchange.ts';
import { problem } from './problem.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
const INDEX = '/index.html';
/** The tenant's page has nothing of the control room in it. */
const SHARED = '/why.html';
/** Vite puts a content hash into the names under assets/, such as index-Dk3x9_2a.js. */
const hashed = /^\/assets\/.+-[A-Za-z0-9_-]{8,}\.\w+$/;

type Asset = { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> };

/** Files by URL path; an absent folder is an empty table. */
export function readAssets(folder: string): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>();
  if (!existsSync(folder)) return assets;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    const body = readFileSync(file);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const caching = hashed.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
    const type = types[extname(path)] ?? 'application/octet-stream';
    assets.set(path, { body, headers: { 'content-type': type, 'cache-control': caching, etag } });
  }
  return assets;
}

/** Unknown paths are the control room's own routes and get its page; a missing asset is missing. */
export function staticHandler(assets: ReadonlyMap<string, Asset>): Handler {
  return (request): Reply => {
    const { method, path } = request;
    if (path === '/api' || path.startsWith('/api/')) {
      return problem({ code: 'unknownPath', detail: 'See /api/openapi.json for all addresses.', path });
    }
    if (method !== 'GET' && method !== 'HEAD') {
      return problem({
        code: 'methodNotAllowed',
        detail: 'Pages are only read.',
        path,
        headers: { allow: 'GET, HEAD' },
      });
    }
    if (path === SHARED_SCREEN) {
      const page = assets.get(SHARED);
      // The headers of every answer stay as they are: not kept, not indexed, no referrer.
      if (page) return { status: 200, headers: { 'content-type': types['.html'] ?? '' }, body: page.body };
    }
    const asset = assets.get(path) ?? (path.startsWith('/assets/') ? undefined : assets.get(INDEX));
    if (asset === undefined) {
      const detail = assets.has(INDEX) ? 'There is no such file.' : 'The control room is not built: npm run build.';
      return problem({ code: 'unknownPath', detail, path });
    }
    if (request.header['if-none-match'] === asset.headers['etag'])
      return { status: 304, headers: asset.headers, body: '' };
    return { status: 200, headers: asset.headers, body: asset.body };
  };
}
