/** Parameters of meters in words. */
import {
  parameterNames,
  writeResults,
  type LastWrite,
  type ParameterName,
  type ParameterValues,
} from '../../../protocol/parameters.ts';
import { locale, t } from '../i18n/locale.svelte.ts';
import { UNKNOWN } from '../lib/format.ts';
import { bandName } from '../room/charge.ts';

const CENT_MICRO = 10_000;
const whys = [
  ...(['silent', 'timeout', 'lineDown', 'exception', 'unreadable', 'wrongNumber', 'withdrawn'] as const),
  ...(['cancelled', 'queueFull', 'notHere', 'notReadBack'] as const),
];

export const isAmount = (name: ParameterName): boolean =>
  name === 'alarm1' || name === 'alarm2' || name === 'overdraft';

export function whyText(why: string): string {
  const known = whys.find((each) => each === why);
  return t(known === undefined ? 'param.why.garbled' : `param.why.${known}`);
}

export function lastText({ result, why, by, atMs }: LastWrite): string {
  const reason = why === '' || why === 'readBack' ? '' : ` (${whyText(why)})`;
  const text = `${t(`param.result.${result}`)}${reason}`;
  return t('param.last', { result: text, who: by, when: locale.write.dateTime(atMs) });
}

/** For the timeline of a room. */
export function writeEndedText(detail: Readonly<Record<string, unknown>>): string {
  const name = parameterNames.find((each) => each === detail['parameter']);
  const result = writeResults.find((each) => each === detail['result']);
  return t('event.ParameterWriteEnded', {
    name: name === undefined ? UNKNOWN : t(`param.name.${name}`),
    result: result === undefined ? UNKNOWN : t(`param.result.${result}`),
  });
}

export function clockText(seconds: number): string {
  if (Math.abs(seconds) <= 1) return t('param.right');
  const text = locale.write.number(Math.abs(seconds));
  return t(seconds > 0 ? 'param.ahead' : 'param.behind', { seconds: text });
}

/** What is not known is shown as unknown. */
export function valueText(name: ParameterName, values: ParameterValues): string {
  const { clock, relayMode, dateTable, loadLimit, timeControl } = values;
  if (name === 'clock') return clock === undefined ? UNKNOWN : clockText(clock);
  if (name === 'relayMode') return relayMode === undefined ? UNKNOWN : t(`param.relay.${relayMode}`);
  if (name === 'dateTable')
    return dateTable?.map(({ from: day, table }) => t('param.from', { day, table })).join(', ') ?? UNKNOWN;
  if (name === 'dayTable1' || name === 'dayTable2')
    return values[name]?.map(({ at, band }) => `${at} ${bandName(band)}`).join(', ') ?? UNKNOWN;
  if (name === 'loadLimit') return loadLimit === undefined ? UNKNOWN : loadText(loadLimit);
  if (name === 'timeControl') return timeControl === undefined ? UNKNOWN : timeText(timeControl);
  const value = values[name];
  if (value === undefined) return UNKNOWN;
  return isAmount(name) ? locale.write.money(value * CENT_MICRO) : locale.write.number(value);
}

function loadText(limit: NonNullable<ParameterValues['loadLimit']>): string {
  if (!limit.on) return t('param.off');
  const { number } = locale.write;
  const parts = [
    `${t('param.maxWatts')} ${number.call(locale.write, limit.maxWatts)}`,
    `${t('param.stepWatts')} ${number.call(locale.write, limit.stepWatts)}`,
    `${t('param.recoverMinutes')} ${number.call(locale.write, limit.recoverMinutes)}`,
    `${t('param.triesMax')} ${number.call(locale.write, limit.triesMax)}`,
  ];
  return parts.join(' · ');
}

function timeText(control: NonNullable<ParameterValues['timeControl']>): string {
  if (!control.on) return t('param.off');
  const slots = (list: typeof control.workday): string =>
    list.map(({ at, on }) => `${at} ${t(on ? 'param.closed' : 'param.opened')}`).join(', ');
  const days = control.weekdays.map((day) => weekdayName(day)).join(' ');
  return [`${days}: ${slots(control.workday)}`, `${t('param.holiday')}: ${slots(control.holiday)}`].join(' · ');
}

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;
export function weekdayName(day: number): string {
  const known = weekdays.find((each) => each === day);
  return known === undefined ? UNKNOWN : t(`weekday.${known}`);
}

/** What an editor starts with where nothing is known. */
export const blank: ParameterValues = {
  clock: 0,
  pt: 1,
  ct: 1,
  alarm1: 0,
  alarm2: 0,
  overdraft: 0,
  powerLimit: 0,
  relayMode: 'level',
  dateTable: [{ from: '01-01', table: 1 }],
  dayTable1: [{ at: '00:00', band: 'flat' }],
  dayTable2: [{ at: '00:00', band: 'flat' }],
  loadLimit: { on: false, maxWatts: 0, stepWatts: 0, powerFactor: 0, recoverMinutes: 5, triesMax: 3 },
  timeControl: { on: false, weekdays: [1, 2, 3, 4, 5], workday: [], holiday: [] },
};
