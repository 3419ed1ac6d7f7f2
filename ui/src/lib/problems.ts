/** What the server refused, in the reader's words. */
import { locale } from '../i18n/locale.svelte.ts';
import { problemsEn, problemsZh, type ProblemCode } from '../i18n/problems.ts';
import type { Failure } from '../net/api.ts';
import { refusalInChinese } from './refusalText.ts';

const known = (code: string): code is ProblemCode => Object.hasOwn(problemsEn, code);

export function problemText({ code, detail }: Failure): string {
  const texts = locale.language === 'zh' ? problemsZh : problemsEn;
  if (!known(code)) return detail === '' ? `${texts.internal} (${code})` : detail;
  // A wrong field is named by the server; the forms catch these before they are sent.
  if (code !== 'invalid' || detail === '') return texts[code];
  const own = locale.language === 'zh' ? refusalInChinese(detail) : null;
  return own ?? `${texts.invalid} ${detail}`;
}
