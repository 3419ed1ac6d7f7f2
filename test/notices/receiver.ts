/** Tenants who are told, and a gateway that takes what is for them. */
import type { NoticeChannel, OutgoingNotice } from '../../protocol/notices.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import { plainSite, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;

export function siteWith(rooms: number, balance: string, rules: SiteFileInput['site']['rules'] = {}): SiteFileInput {
  const site = plainSite(rooms, balance, { warnBeforeCutMs: 10 * MINUTE, thresholdHysteresis: '0.01', ...rules });
  const accounts = site.accounts.map((account, n) => ({
    ...account,
    phone: `1380000100${n}`,
    wallets: account.wallets.map((wallet) => ({ ...wallet, thresholds: ['0.50', '0.20', '0'] })),
  }));
  return { ...site, accounts };
}

/** Takes notices from a core, and answers in a later turn as a gateway would. */
export class Receiver {
  readonly times = new Map<string, number>();
  readonly taken: OutgoingNotice[] = [];
  answer: 'ok' | 'busy' | 'none' = 'ok';

  attach(site: Running, channels: readonly NoticeChannel[] = ['sms', 'wechat', 'email', 'push']): void {
    site.core.notices.channels = new Set(channels);
    site.core.notices.random = () => 0;
    site.core.notices.attach((notice) => {
      this.taken.push(notice);
      this.times.set(notice.id, (this.times.get(notice.id) ?? 0) + 1);
      if (this.answer === 'none') return;
      const result =
        this.answer === 'ok' ? ({ ok: true } as const) : { ok: false as const, permanent: false, error: 'busy' };
      setImmediate(() => site.core.notices.delivered({ id: notice.id, result, gone: [] }));
    });
  }
  get said(): string[] {
    return this.taken.map(({ kind, channel, address }) => `${kind} ${channel} ${address.slice(-1)}`);
  }
}

export const waiting = (site: Running): number =>
  [...site.core.notices.outboxes.values()].reduce((sum, { pending }) => sum + Object.keys(pending).length, 0);
export const bySms = {
  rules: {
    channels: Object.fromEntries(
      ['lowBalance', 'aboutToTrip', 'tripped', 'restored', 'rechargeArrived', 'opened', 'tariffChange'].map((kind) => [
        kind,
        ['sms'],
      ]),
    ),
  },
};

/** What was handed to the sender is answered in later turns. */
export async function calm(site: Running): Promise<void> {
  for (let round = 0; round < 6; round++) await site.settle();
}

export async function pass(site: Running, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= MINUTE) {
    await site.pass(Math.min(MINUTE, left));
    await calm(site);
  }
}
