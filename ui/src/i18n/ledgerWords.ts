/** Ledger accounts in words. Components have the names their tariff gives them; what nobody named is shown as it is. */
import { channels } from '../../../protocol/ops.ts';
import { utilities } from '../../../protocol/site.ts';
import { componentName } from '../room/charge.ts';
import { t } from './locale.svelte.ts';

export function ledgerText(account: string): string {
  const [kind = '', what = '', part = ''] = account.split(':');
  const channel = channels.find((each) => each === what);
  const utility = utilities.find((each) => each === what);
  switch (kind) {
    case 'wallets':
      return t('system.wallets');
    case 'takeover':
      return t('ledger.takeover');
    case 'onMeter':
      return t('ledger.onMeter', { meter: what });
    case 'meterDrift':
      return t('ledger.meterDrift');
    case 'refundReserved':
      return t('ledger.refundReserved');
    case 'rounding':
      return t('ledger.rounding');
    case 'cash':
      return channel === undefined ? account : t('ledger.cash', { channel: t(`money.channel.${channel}`) });
    case 'wallet':
      return t('ledger.wallet', { wallet: what });
    case 'allowance':
      return what === '' ? t('ledger.allowance') : t('ledger.allowanceOf', { wallet: what });
    case 'allowances':
      return t('ledger.allowances');
    case 'unbilled':
      return what === '' ? t('ledger.unbilledAll') : t('ledger.unbilled', { account: what });
    case 'deposit':
      return t('ledger.deposit', { account: what });
    case 'revenue':
      if (what === 'deposit') return t('ledger.forfeited');
      return utility === undefined
        ? account
        : t('ledger.revenue', { utility: t(`wall.${utility}`), component: componentName(part) });
    default:
      return account;
  }
}
