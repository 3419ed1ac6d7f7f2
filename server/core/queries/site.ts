/** Answers about the site as a whole: layout, lines, store and ledger. */
import type { OpOutcome, OpResult } from '../../../protocol/ops.ts';
import type { Core } from '../core.ts';
import { statusOf } from '../status.ts';
import { durable, found, type Answers, type SystemExtras } from './answer.ts';

export const VERSION = '0.1.0';

export const siteAnswers: Answers<'getLayout' | 'getLines' | 'getSystem'> = {
  getLayout: ({ core }) => found<'getLayout'>(core.directory.layout),
  getLines: ({ lines }) => found<'getLines'>({ items: lines.lines() }),
  getSystem: ({ core, lines }) => system(core, lines.extras()),
};

/** While the store does not keep, this page is looked at most: it answers at once, without balances that may not last. */
async function system(core: Core, extras: SystemExtras): Promise<OpOutcome> {
  const view = await systemView(core, extras);
  if (core.committer.keeping) return durable(core, () => found<'getSystem'>(view));
  return found<'getSystem'>({ ...view, ledger: { ...view.ledger, accounts: [] } });
}

async function systemView(core: Core, extras: SystemExtras): Promise<OpResult<'getSystem'>> {
  const { mono } = core.options.clock;
  const accounts: { id: string; balanceMicro: number }[] = [];
  // Of these there are as many as tenants: their sums are shown.
  const sumNames = { wallet: 'wallets', allowance: 'allowances', unbilled: 'unbilled' } as const;
  const sums = new Map<string, number>([['wallets', 0]]);
  for (const [id, balanceMicro] of core.ledger.ledger.balances) {
    const kind = (['wallet', 'allowance', 'unbilled'] as const).find((each) => id.startsWith(`${each}:`));
    if (kind === undefined) accounts.push({ id, balanceMicro });
    else sums.set(sumNames[kind], (sums.get(sumNames[kind]) ?? 0) + balanceMicro);
  }
  accounts.sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const [id, balanceMicro] of sums) accounts.push({ id, balanceMicro });
  return {
    status: statusOf(core),
    version: VERSION,
    startedMs: core.startedMs,
    store: {
      kind: core.options.storeKind,
      head: core.committer.head.number,
      oldest: await core.options.store.oldest(),
      commitP50Ms: core.metrics.commitQuantileMs(0.5),
      commitP99Ms: core.metrics.commitQuantileMs(0.99),
      lastCommitAgoMs: core.lastCommitMono === null ? null : mono.call(core.options.clock) - core.lastCommitMono,
    },
    ledger: { imbalanceMicro: core.ledger.imbalanceMicro, accounts },
    actors: {
      count: core.actors.count,
      mailboxMax: core.actors.mailboxMax,
      deadLetters: core.actors.deadLetters,
      parked: core.actors.parked,
    },
    gateway: { restarts: extras.gatewayRestarts, wallClients: extras.wallClients },
  };
}
