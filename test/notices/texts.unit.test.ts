/** Texts with typed places: all built-in ones are whole, what a site enters is checked, values never become places. */
import { describe, expect, it } from 'vitest';
import {
  builtInTexts,
  filled,
  formattedValues,
  sampleValues,
  textMistakes,
  urgentAlarmWords,
} from '../../protocol/noticeTexts.ts';
import { noticeKinds, noticeLanguages, noticeTextSchema } from '../../protocol/notices.ts';
import { priorities } from '../../server/domain/alarm/kinds.ts';

describe('the texts of notices', () => {
  for (const language of noticeLanguages)
    it.each(noticeKinds)(`${language}: %s fills with nothing left over`, (kind) => {
      const text = noticeTextSchema.parse({ kind, language, ...builtInTexts[language][kind] });
      expect(textMistakes(text)).toEqual([]);
      const values = formattedValues(kind, sampleValues, language, 'Asia/Shanghai');
      for (const part of [text.subject, text.text]) expect(filled(part, values)).not.toMatch(/[{}]|undefined|NaN/);
    });

  it.each([
    ['{balnce}', ['{balnce}']],
    ['{balance} {', ['{ }']],
    ['{}', ['{}']],
    ['{constructor}', ['{constructor}']],
    ['ok {room} {balance}', []],
  ])('a text of %s has the mistakes %j', (text, mistakes) => {
    expect(textMistakes({ kind: 'lowBalance', language: 'en', subject: 's', text })).toEqual(mistakes);
  });

  it('writes money in whole cents, never more than is there, and what is not known as such', () => {
    const values = { balance: -12_345_678, level: 9_999_999, hours: null, room: 'A\n{balance}' };
    const places = formattedValues('lowBalance', values, 'en', 'Asia/Shanghai');
    expect(places).toMatchObject({ balance: '-¥12.34', level: '¥9.99', hours: '—', room: 'A {balance}', account: '—' });
    expect(filled('{room}: {balance}', places)).toBe('A {balance}: -¥12.34');
  });

  it('counts hours in both languages, days from two on', () => {
    const hours = (value: number, language: 'zh' | 'en'): string | undefined =>
      formattedValues('lowBalance', { hours: value }, language, 'UTC').hours;
    expect([hours(1.9, 'en'), hours(6, 'zh'), hours(50, 'en'), hours(72, 'zh')]).toEqual([
      '1 hour',
      '6 小时',
      '2 days',
      '3 天',
    ]);
  });

  it('names every alarm of priority 1', () => {
    const urgent = Object.entries(priorities).flatMap(([kind, priority]) => (priority === 1 ? [kind] : []));
    for (const language of noticeLanguages)
      expect(Object.keys(urgentAlarmWords[language]).sort()).toEqual(urgent.sort());
  });
});
