/* eslint-disable svelte/prefer-svelte-reactivity -- plain ones on purpose: they are made, used and replaced whole. */
/** The rules of the site as they are typed: texts, what is wrong with each, and what is sent. */
import type { OpResult } from '../../../protocol/ops.ts';
import { QUIET_DAYS_MAX } from '../../../protocol/siteRules.ts';
import { locale, t } from '../i18n/locale.svelte.ts';
import { readAmount } from '../lib/amount.ts';
import { readDate } from '../lib/dateText.ts';

type Rules = OpResult<'getSiteRules'>;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Numbers: of which unit of the rule, and between which. */
const numbers = {
  warnBeforeCutMs: { unit: MINUTE_MS, from: 0, to: 7 * 24 * 60 },
  massCutLimit: { unit: 1, from: 1, to: 10_000 },
  cutHeldMs: { unit: HOUR_MS, from: 1, to: 30 * 24 },
  warningRepeats: { unit: 1, from: 0, to: 20 },
  warningRepeatMs: { unit: HOUR_MS, from: 1, to: 30 * 24 },
  meterSilentMs: { unit: MINUTE_MS, from: 0.5, to: 24 * 60 },
} as const;
export type NumberName = keyof typeof numbers;
export const numberNames = Object.keys(numbers) as NumberName[];
export const amountNames = ['restoreAbove', 'thresholdHysteresis'] as const;
export type AmountName = (typeof amountNames)[number];

const zero = /^\s*0?([.,]0{1,2})?\s*$/;
const amountOf = (text: string): string | null => (zero.test(text) ? '0' : (readAmount(text)?.text ?? null));

export class RulesForm {
  numbers = $state<Record<NumberName, string>>({
    ...{ warnBeforeCutMs: '', massCutLimit: '', cutHeldMs: '' },
    ...{ warningRepeats: '', warningRepeatMs: '', meterSilentMs: '' },
  });
  amounts = $state<Record<AmountName, string>>({ restoreAbove: '', thresholdHysteresis: '' });
  quietHours = $state<{ from: string; to: string }[]>([]);
  quietDays = $state.raw<readonly string[]>([]);
  /** Days to be added: one, or all up to a second one. */
  dayFrom = $state('');
  dayTo = $state('');
  vacantState = $state<Rules['vacantState']>('closed');
  arrearsCut = $state.raw<Rules['arrearsCut']>([]);

  constructor(rules: Rules) {
    for (const name of numberNames) this.numbers[name] = String(rules[name] / numbers[name].unit);
    for (const name of amountNames) this.amounts[name] = rules[name];
    this.quietHours = rules.quietHours.map((window) => ({ ...window }));
    this.quietDays = rules.quietDays;
    this.vacantState = rules.vacantState;
    this.arrearsCut = rules.arrearsCut;
  }

  wrongNumber(name: NumberName): string | undefined {
    const { from, to, unit } = numbers[name];
    const text = this.numbers[name].normalize('NFKC').trim();
    const shape = unit === 1 ? /^\d+$/ : /^\d+(\.\d+)?$/;
    if (shape.test(text) && Number(text) >= from && Number(text) <= to) return undefined;
    return t('rules.numberWrong', { from: locale.write.number(from), to: locale.write.number(to) });
  }

  wrongAmount(name: AmountName): string | undefined {
    return amountOf(this.amounts[name]) === null ? t('money.amountWrong') : undefined;
  }

  wrongWindow(n: number): string | undefined {
    const window = this.quietHours[n];
    if (window === undefined) return undefined;
    const [from, to] = [readDate(window.from, 'time'), readDate(window.to, 'time')];
    if (from === null || to === null) return t('rules.windowUnread');
    return from === to ? t('rules.windowEmpty') : undefined;
  }

  /** null: nothing that can be added is entered. */
  get daysEntered(): readonly string[] | null {
    const from = readDate(this.dayFrom, 'date');
    const to = this.dayTo === '' ? from : readDate(this.dayTo, 'date');
    if (from === null || to === null || to < from) return null;
    const [first, last] = [Date.parse(from), Date.parse(to)];
    if ((last - first) / DAY_MS >= QUIET_DAYS_MAX) return null;
    const days = [];
    for (let at = first; at <= last; at += DAY_MS) days.push(new Date(at).toISOString().slice(0, 10));
    return days;
  }

  get wrongDays(): string | undefined {
    if (this.dayFrom === '' && this.dayTo === '') return undefined;
    return this.daysEntered === null ? t('rules.daysWrong') : undefined;
  }

  addDays(days: readonly string[]): void {
    this.quietDays = [...new Set([...this.quietDays, ...days])].sort().slice(0, QUIET_DAYS_MAX);
  }

  /** null: something is wrong, and says so beside its field. */
  get rules(): Rules | null {
    const wrong =
      numberNames.some((name) => this.wrongNumber(name) !== undefined) ||
      amountNames.some((name) => this.wrongAmount(name) !== undefined) ||
      this.quietHours.some((_window, n) => this.wrongWindow(n) !== undefined);
    // Days typed and not added would be lost unseen.
    if (wrong || this.wrongDays !== undefined) return null;
    const number = (name: NumberName): number =>
      Math.round(Number(this.numbers[name].normalize('NFKC').trim()) * numbers[name].unit);
    const quietDays = [...new Set([...this.quietDays, ...(this.daysEntered ?? [])])].sort();
    return {
      quietHours: this.quietHours.map(({ from, to }) => ({
        from: readDate(from, 'time') ?? from,
        to: readDate(to, 'time') ?? to,
      })),
      ...{ quietDays, vacantState: this.vacantState, arrearsCut: [...this.arrearsCut] },
      ...{ warnBeforeCutMs: number('warnBeforeCutMs'), massCutLimit: number('massCutLimit') },
      ...{ cutHeldMs: number('cutHeldMs'), warningRepeats: number('warningRepeats') },
      ...{ warningRepeatMs: number('warningRepeatMs'), meterSilentMs: number('meterSilentMs') },
      restoreAbove: amountOf(this.amounts.restoreAbove) ?? '0',
      thresholdHysteresis: amountOf(this.amounts.thresholdHysteresis) ?? '0',
    };
  }
}
