/** What each account would have paid more or less in the past month, had the new version of a tariff held instead of the one before. */
import { UNKNOWN } from '../../protocol/noticeTexts.ts';
import type { Tariff, TariffVersion } from '../../protocol/tariff.ts';
import type { Announcement } from '../domain/notice/announcement.ts';
import { compileTariff, type CompiledTariff } from '../domain/tariff/price.ts';
import type { Core } from './core.ts';
import { localMinute } from './queries/tariffs.ts';
import { repriced } from './reprice.ts';

const MONTH_MS = 30 * 86_400_000;
const LONG_AGO = '2000-01-01T00:00';

/** By account, micro-yuan, or that it is not known; without those that used nothing. */
export type Differences = ReadonlyMap<string, number | typeof UNKNOWN>;

export async function differencesOf(
  core: Core,
  { tariff: id, fromMs }: Pick<Announcement, 'tariff' | 'fromMs'>,
  accounts: readonly string[],
): Promise<Differences> {
  const found = new Map<string, number>();
  const tariff = core.directory.get('tariff', id);
  const from = localMinute(core, fromMs);
  const after = tariff?.versions.find((version) => version.from === from);
  const before = tariff?.versions.findLast((version) => version.from < from);
  if (!tariff || !after || !before) return new Map(accounts.map((account) => [account, UNKNOWN]));
  const [newly, asBefore] = [compiled(core, tariff, after), compiled(core, tariff, before)];
  const toMs = core.context().nowMs;
  for (const account of accounts) {
    const wallets = new Set(core.directory.get('account', account)?.wallets);
    const meters = [...wallets].flatMap((wallet) =>
      (core.wallets.get(wallet)?.state.meters ?? []).flatMap(({ id: meter, tariff: own }) => (own === id ? meter : [])),
    );
    const sumOf = async (compiledAs: CompiledTariff): Promise<{ quantity: number; draftMicro: number }> =>
      (await repriced(core, compiledAs, meters, toMs - MONTH_MS, toMs))
        .filter(({ wallet }) => wallets.has(wallet))
        .reduce(
          (sum, one) => ({ quantity: sum.quantity + one.quantity, draftMicro: sum.draftMicro + one.draftMicro }),
          {
            ...{ quantity: 0, draftMicro: 0 },
          },
        );
    const [now, then] = [await sumOf(newly), await sumOf(asBefore)];
    if (now.quantity > 0) found.set(account, now.draftMicro - then.draftMicro);
  }
  return found;
}

/** The version alone, as if it had always held. */
const compiled = (core: Core, tariff: Tariff, version: TariffVersion): CompiledTariff =>
  compileTariff({ ...tariff, versions: [{ ...version, from: LONG_AGO }] }, core.directory.time.zone);
