/** Answers about explanations and the links given to them. */
import type { OpOutcome } from '../../../protocol/ops.ts';
import type { Core } from '../core.ts';
import { explain } from '../explain.ts';
import { linkRecordSchema } from '../links.ts';
import { found, notFound, type Answers } from './answer.ts';

const LINKS_MAX = 200;

export const explanationAnswers: Answers<'getExplanation' | 'getExplanationLinks'> = {
  getExplanation: async ({ core }, { wallet, kind, subject }) => {
    const explanation = await explain(core, wallet, { kind, subject });
    return explanation ? found<'getExplanation'>(explanation) : notFound(kind);
  },
  getExplanationLinks: ({ core }, { wallet }) => linksOf(core, wallet),
};

async function linksOf(core: Core, wallet: string): Promise<OpOutcome> {
  if (!core.wallets.has(wallet)) return notFound('wallet');
  const page = await core.options.store.range({
    ...{ kind: 'link', index: `wallet:${wallet}`, newestFirst: true, limit: LINKS_MAX },
  });
  const items = page.items.map(({ value }) => {
    const link = linkRecordSchema.parse(value);
    const { wallet: _wallet, account: _account, ...rest } = link;
    return { ...rest, token: core.links.tokenOf(link) };
  });
  return found<'getExplanationLinks'>({ items });
}
