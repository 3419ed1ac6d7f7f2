/** A tile in words: for the tooltip, the list and the screen reader. What is not known is said to be unknown. */
import type { MoneyTile, UtilityTile } from '../../../protocol/wall.ts';
import type { Utility } from '../../../protocol/site.ts';
import { amountText } from '../allowances/allowanceText.ts';
import { locale, t } from '../i18n/locale.svelte.ts';
import { UNKNOWN } from '../lib/format.ts';
import { moneyOf, utilityOf } from './look.ts';
import type { RoomRow } from './wallModel.svelte.ts';

export type Words = {
  readonly tenant: string;
  readonly state: string;
  readonly cause: string;
  readonly link: string;
  readonly balance: string;
  readonly runsOut: string;
  /** What allowances still pay; empty where there is none. */
  readonly allowance: string;
  readonly rate: string;
  readonly today: string;
  readonly alarm: string;
  /** Who has a breaker of the room in hand. */
  readonly operating: string;
};

function stateOf(part: UtilityTile, nowMs: number | null): string {
  if (part.look === 'noRelay') return t('look.noRelay');
  if (part.mismatchSinceMs === null) return t(`state.${part.actual}`);
  const age = locale.write.duration(nowMs === null ? null : Math.max(0, nowMs - part.mismatchSinceMs));
  return t('tile.wantedActual', { wanted: t(`state.${part.wanted}`), actual: t(`state.${part.actual}`), age });
}

function linkOf(part: UtilityTile, nowMs: number | null): string {
  if (part.quarantined) return t('tile.quarantined');
  if (part.link === 'online') return t('tile.online');
  if (part.link === 'never' || part.lastReadingMs === null) return t('tile.never');
  return t('tile.stale', { age: locale.write.duration(nowMs === null ? null : nowMs - part.lastReadingMs) });
}

function causeOf(part: UtilityTile, money: MoneyTile | null): string {
  const lent = part.cause === 'normal' && money?.temporary === true;
  const cause = part.look === 'public' ? t('look.public') : lent ? t('temporary.name') : t(`cause.${part.cause}`);
  return part.hold === null ? cause : `${cause} · ${t(`hold.${part.hold}`)}`;
}

function allowanceOf({ allowanceWh, allowanceLitres, allowanceMicro }: MoneyTile): string {
  const left = [
    allowanceWh === undefined ? '' : amountText('kWh', allowanceWh, 1),
    allowanceLitres === undefined ? '' : amountText('m3', allowanceLitres, 1),
    allowanceMicro === undefined ? '' : amountText('yuan', allowanceMicro),
  ].filter((text) => text !== '');
  return left.length === 0 ? '' : t('allowance.tile', { left: left.join(', ') });
}

export function rateText(utility: Utility, rate: number | null): string {
  const { write } = locale;
  if (rate === null) return UNKNOWN;
  if (utility === 'water') return `${write.number(rate)} ${t('unit.perHour')}`;
  return rate >= 1_000_000 ? `${write.number(rate / 1_000_000, 2)} MW` : `${write.number(rate / 1000, 2)} kW`;
}

/** What was paid and is not where it works yet is said with it. */
function balanceText({ balanceMicro, pendingMicro = 0 }: MoneyTile): string {
  const { write } = locale;
  const balance = write.money(balanceMicro);
  if (pendingMicro === 0) return balance;
  return `${balance} (${t('meterMoney.pendingShort', { amount: write.money(pendingMicro) })})`;
}

export function words(row: RoomRow, utility: Utility, nowMs: number | null): Words {
  const { write } = locale;
  const { tile } = row;
  const part = tile === null ? null : utilityOf(tile, utility);
  const money = tile === null ? null : moneyOf(tile, utility);
  const unit = utility === 'electricity' ? 'kWh' : 'm³';
  return {
    tenant: tile === null ? UNKNOWN : (tile.tenant ?? t('tile.noTenant')),
    state: tile === null ? t('state.unknown') : part === null ? t('tile.noMeter') : stateOf(part, nowMs),
    cause: part === null ? UNKNOWN : causeOf(part, money),
    link: part === null ? UNKNOWN : linkOf(part, nowMs),
    balance: money === null ? UNKNOWN : balanceText(money),
    runsOut:
      money === null || money.hoursLeft === null
        ? ''
        : t('tile.runsOut', { time: write.duration(money.hoursLeft * 3_600_000) }),
    allowance: money === null ? '' : allowanceOf(money),
    rate: part === null ? UNKNOWN : rateText(utility, part.rate),
    today: part === null ? UNKNOWN : `${write.quantity(part.today, 2)} ${unit} · ${write.money(part.todayMicro)}`,
    operating: tile === null || tile.operating === null ? '' : t('select.by', { name: tile.operating }),
    alarm: tile === null || tile.alarm === 0 ? '' : t('tile.alarm', { priority: tile.alarm }),
  };
}

/** One sentence for the screen reader. */
export function sentence(row: RoomRow, utility: Utility, nowMs: number | null): string {
  const w = words(row, utility, nowMs);
  return [row.name, w.tenant, w.alarm, w.operating, w.state, w.cause, w.balance, w.allowance, w.link]
    .filter((each) => each !== '' && each !== UNKNOWN)
    .join(', ');
}
