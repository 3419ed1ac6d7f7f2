/** What an order says in a list and in an export. */
import { orderState, type Order, type OrderRow } from '../../../protocol/orders.ts';
import { t } from '../i18n/locale.svelte.ts';
import { problemText } from '../lib/problems.ts';
import { exact, instant, type TableRow } from '../lib/table.ts';
import { numberText } from './paper.ts';

/** What it did to the balance it belongs to; a reversal says its direction itself. */
export const effectMicro = ({ kind, amountMicro }: Pick<Order, 'kind' | 'amountMicro'>): number =>
  ['refund', 'payout', 'settlement', 'depositRefund', 'depositForfeit', 'suspenseReturn'].includes(kind)
    ? -amountMicro
    : amountMicro;

/** Empty: it came or went by none. */
export const channelText = ({ kind, channel }: Pick<Order, 'kind' | 'channel'>): string =>
  kind === 'transfer' ? '' : t(`money.channel.${channel}`);

export const refusedText = ({ refused }: Pick<Order, 'refused'>): string =>
  refused === null ? '' : problemText({ ok: false, code: refused.refusal, detail: refused.detail, errors: {} });

export const canReverse = (order: Order): boolean =>
  ['recharge', 'refund', 'assignment'].includes(order.kind) &&
  orderState(order) === 'booked' &&
  // What is on the meter comes back by a refund.
  (order.meter === undefined || (order.kind !== 'refund' && order.meter.state === 'waiting'));

/** Where it leads: what took it back or settled it, or what it took back or settled. */
export const linksOf = ({ reverses, reversedBy, settles, settledBy, other, amountMicro }: Order): string[] =>
  [
    other === null
      ? ''
      : `${t(amountMicro < 0 ? 'wallet.transferTo' : 'wallet.transferFrom', { wallet: other.wallet })} · ${other.order}`,
    reversedBy === null ? '' : t('order.reversed', { order: reversedBy }),
    reverses === null ? '' : t('order.reverses', { order: reverses }),
    settledBy === null ? '' : t('orders.settledBy', { order: settledBy }),
    settles === null || reverses !== null ? '' : t('orders.settles', { order: settles }),
  ].filter((text) => text !== '');

export const exportHead = (): string[] => [
  ...[t('orders.time'), t('orders.order'), t('orders.receipt'), t('orders.kind'), t('orders.state')],
  ...[t('orders.tenant'), t('orders.account'), t('orders.room'), t('orders.wallet'), t('orders.amount')],
  ...[t('money.channel'), t('orders.after'), t('receipt.debt'), t('orders.operator'), t('orders.note')],
  ...[t('orders.links'), t('orders.reason')],
];

export const exportRow = (order: OrderRow): TableRow => [
  ...[instant(order.atMs), order.id, numberText(order.receipt), t(`order.${order.kind}`)],
  ...[t(`orders.state.${orderState(order)}`), order.holder, order.account, order.roomName, order.wallet],
  ...[exact(effectMicro(order), 6), channelText(order), exact(order.balanceAfterMicro, 6)],
  ...[exact(order.debtMicro, 6), order.by, order.note, linksOf(order).join('; '), refusedText(order)],
];
