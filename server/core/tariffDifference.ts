/** What each account would have paid more or less in the past month, had the new version of a tariff held instead of the one before. */
import { UNKNOWN } from '../../protocol/noticeTexts.ts';
import type { Tariff, TariffVersion } from '../../protocol/tariff.ts';
import type { Announcement } from '../domain/notice/announcement.ts';
import { compileTariff, type CompiledTariff } from '../domain/tariff/price.ts';
import type { Core } from './core.ts';
import { localMinute } from './queries/tariffs.ts';
import { repriced } from './queries/whatIf.ts';

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
    for (const wallet of core.directory.get('account', account)?.wallets ?? []) {
      for (const { id: meter, tariff: own } of core.wallets.get(wallet)?.state.meters ?? []) {
        if (own !== id) continue;
        const now = (await repriced(core, newly, meter, toMs - MONTH_MS, toMs)).get(wallet);
        const then = (await repriced(core, asBefore, meter, toMs - MONTH_MS, toMs)).get(wallet);
        if (!now || !then || now.quantity === 0) continue;
        found.set(account, (found.get(account) ?? 0) + now.draftMicro - then.draftMicro);
      }
    }
  }
  return found;
}

/** The version alone, as if it had always held. */
const compiled = (core: Core, tariff: Tariff, version: TariffVersion): CompiledTariff =>
  compileTariff({ ...tariff, versions: [{ ...version, from: LONG_AGO }] }, core.directory.time.zone);
