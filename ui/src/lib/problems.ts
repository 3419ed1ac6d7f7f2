/** What the server refused, in the reader's words. */
import { locale } from '../i18n/locale.svelte.ts';
import { problemsEn, problemsZh, type ProblemCode } from '../i18n/problems.ts';
import type { Failure } from '../net/api.ts';
import { refusalInChinese } from './refusalText.ts';

const known = (code: string): code is ProblemCode => Object.hasOwn(problemsEn, code);

export function problemText({ code, detail }: Failure): string {
  const texts = locale.language === 'zh' ? problemsZh : problemsEn;
  if (!known(code)) return detail === '' ? `${texts.internal} (${code})` : detail;
  // The server names the wrong field, or all that stands in the way.
  if ((code !== 'invalid' && code !== 'accountState') || detail === '') return texts[code];
  const own = locale.language === 'zh' ? refusalInChinese(detail) : null;
  if (code === 'invalid') return own ?? `${texts.invalid} ${detail}`;
  if (locale.language === 'zh') return own === null ? texts.accountState : `${texts.accountState}${own}`;
  return `${texts.accountState} ${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
}
