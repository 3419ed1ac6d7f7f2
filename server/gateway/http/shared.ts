/** What a tenant's link opens, without a login: one explanation, or one and the same 404 for whatever is wrong with the link. */
import { shareRequestSchema } from '../../../protocol/explanations.ts';
import { rateKey } from '../address.ts';
import { Limiter } from '../limiter.ts';
import type { CoreLink } from '../link.ts';
import type { Handler } from './exchange.ts';
import type { Guard } from './guard.ts';
import { jsonBody } from './params.ts';
import { json, RequestRefused } from './problem.ts';

/** A reader opens a page a few times; whoever tries out links is slowed down. */
const rate = { burst: 30, refillMs: 2_000 };
const ADDRESSES_MAX = 10_000;

export function sharedHandler(link: CoreLink, guard: Guard, monoMs: () => number): Handler {
  const addresses = new Limiter(rate, ADDRESSES_MAX);
  return async (request) => {
    guard.checkOrigin(request);
    if (!addresses.take(rateKey(guard.address(request)), monoMs())) {
      const headers = { 'retry-after': String(addresses.retryAfterS()) };
      throw new RequestRefused('tooMany', 'Wait a little before you open it again.', { headers });
    }
    const { token } = shareRequestSchema.safeParse(jsonBody(request)).data ?? { token: '' };
    const shared = await link.ask<'sharedExplanation'>({ ask: 'sharedExplanation', token });
    if (shared === null) throw new RequestRefused('linkClosed', 'Ask the office for another one.');
    return json(200, shared);
  };
}
