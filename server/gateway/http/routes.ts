/** All addresses of the gateway but the wall's socket. */
import type { TemplatedApp } from 'uWebSockets.js';
import { ops } from '../../../protocol/ops.ts';
import { INVITATION_PATH, PASSWORD_PATH, PROOF_PATH, SESSION_PATH, SETUP_PATH } from '../../../protocol/session.ts';
import { assert } from '../../domain/assert.ts';
import type { CoreLink } from '../link.ts';
import { exchange, type Handler, type Outlet } from './exchange.ts';
import type { Guard } from './guard.ts';
import { opHandler, opNames, routeOf } from './ops.ts';
import { problem } from './problem.ts';
import type { SessionRoutes } from './session.ts';

export type Method = 'GET' | 'POST' | 'DELETE';
export type Route = { readonly method: Method; readonly path: string; readonly handler: Handler };

export function opRoutes(link: CoreLink, guard: Guard, wallMs: () => number): Route[] {
  return opNames.map((name) => ({ ...ops[name], handler: opHandler(name, link, guard, wallMs) }));
}

export const sessionRoutes = (session: SessionRoutes): Route[] => [
  { method: 'GET', path: SESSION_PATH, handler: session.show },
  { method: 'POST', path: SESSION_PATH, handler: session.login },
  { method: 'DELETE', path: SESSION_PATH, handler: session.logout },
  { method: 'POST', path: PROOF_PATH, handler: session.prove },
  { method: 'POST', path: PASSWORD_PATH, handler: session.changePassword },
  { method: 'POST', path: SETUP_PATH, handler: session.setup },
  { method: 'POST', path: INVITATION_PATH, handler: session.invitation },
  { method: 'POST', path: `${INVITATION_PATH}/accept`, handler: session.accept },
];

/** Mounts the routes; a known address with another method is a 405, everything else goes to `rest`. */
export function mount(app: TemplatedApp, routes: readonly Route[], rest: Handler, outlet: Outlet): void {
  const allowed = new Map<string, Method[]>();
  for (const { method, path, handler } of routes) {
    const { pattern, params } = routeOf(path);
    const methods = allowed.get(path) ?? [];
    assert(!methods.includes(method), `${method} ${path} is mounted twice`);
    allowed.set(path, [...methods, method]);
    const run = exchange(path, params, handler, outlet);
    if (method === 'GET') app.get(pattern, run);
    else if (method === 'POST') app.post(pattern, run);
    else app.del(pattern, run);
  }
  for (const [path, methods] of allowed) {
    const allow = methods.join(', ');
    const refuse: Handler = (request) =>
      problem({
        code: 'methodNotAllowed',
        detail: `This address takes ${allow}.`,
        path: request.path,
        headers: { allow },
      });
    app.any(routeOf(path).pattern, exchange(path, [], refuse, outlet));
  }
  app.any('/*', exchange('*', [], rest, outlet));
}
