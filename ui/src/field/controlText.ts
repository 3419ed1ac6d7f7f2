/** Plans of load and time control in words. */
import {
  controlReasons,
  lockReasons,
  planDays,
  type ControlPlan,
  type ControlRow,
  type PlanDay,
} from '../../../protocol/control.ts';
import { locale, t } from '../i18n/locale.svelte.ts';
import { weekdayName } from './parameterText.ts';

/** What somebody has written stands as it is. */
export function controlReason(reason: string): string {
  const known = controlReasons.find((each) => each === reason);
  return known === undefined ? reason : t(`control.reason.${known}`);
}

export function lockReason(reason: string): string {
  const known = lockReasons.find((each) => each === reason);
  return known === undefined ? reason : t(`control.lock.${known}`);
}

export const dayName = (day: PlanDay): string =>
  day === 'holiday' ? t('control.holiday') : weekdayName(planDays.indexOf(day) + 1);

/** Days that follow each other are said as from – to. */
export function daysText(days: readonly PlanDay[]): string {
  const at = planDays.flatMap((day, n) => (day !== 'holiday' && days.includes(day) ? [n] : []));
  const runs: number[][] = [];
  for (const n of at) {
    const run = runs.at(-1);
    if (run?.at(-1) === n - 1) run.push(n);
    else runs.push([n]);
  }
  const names = runs.map((run) =>
    [run[0] ?? 0, ...(run.length > 1 ? [run.at(-1) ?? 0] : [])].map((n) => weekdayName(n + 1)).join('–'),
  );
  return [...names, ...(days.includes('holiday') ? [t('control.holiday')] : [])].join(', ');
}

export function limitsText(plan: ControlPlan): string {
  const parts = [plan.limits.length === 0 ? '' : powerLimitsText(plan), stepText(plan)];
  return parts.filter((part) => part !== '').join(' · ');
}

const stepText = ({ step }: ControlPlan): string =>
  step === undefined
    ? ''
    : t('control.stepText', {
        watts: locale.write.number(step.watts),
        factor: locale.write.number(step.powerFactor / 1_000, 2),
      });

function powerLimitsText(plan: ControlPlan): string {
  const limits = plan.limits.map(({ watts, window }) => {
    const number = locale.write.number(watts);
    return window === null
      ? t('control.limit', { watts: number })
      : t('control.limitNight', { watts: number, ...window });
  });
  const { seconds, recoverMinutes: minutes, tries } = plan;
  return `${limits.join(', ')} · ${t('control.after', { seconds, minutes, tries })}`;
}

export const cutsText = (plan: ControlPlan): string =>
  plan.cuts.map(({ days, from, to }) => t('control.cut', { days: daysText(days), from, to })).join(', ');

export function rowState(row: ControlRow): string {
  const parts = [
    row.where === 'platform'
      ? t('control.where.platform', { seconds: locale.write.number(row.everyMs / 1000) })
      : row.where === null
        ? ''
        : t(`control.where.${row.where}`),
    row.cut === null
      ? ''
      : t('control.cutNow', { reason: controlReason(row.cut.reason), until: locale.write.dateTime(row.cut.untilMs) }),
    row.leaving ? t('control.leaving') : '',
    row.trips === 0 ? '' : t('control.trips', { count: row.trips }),
    row.locked ? t('control.locked') : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
