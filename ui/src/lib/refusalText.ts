/** A server's words about a wrong field ("path: text") in Chinese; null: it has no translation. */
import { zhRefusals } from '../i18n/zh-refusals.ts';

const PATH = /^[A-Za-z][\w.-]*: /;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
/** What names least comes first: "{} is not open" before "{}". */
const templates = Object.entries(zhRefusals)
  .map(([english, chinese]) => ({
    chinese,
    named: english.split('{}').length,
    pattern: new RegExp(`^${english.split('{}').map(escaped).join('(.+)')}$`),
  }))
  .sort((one, other) => one.named - other.named);

function ofText(text: string): string | null {
  for (const { pattern, chinese } of templates) {
    const found = pattern.exec(text);
    if (found) return chinese.replace(/\{(\d)\}/g, (_, n: string) => found[Number(n)] ?? '');
  }
  return null;
}

export function refusalInChinese(detail: string): string | null {
  // Several fields stand behind each other, each with its path.
  const parts = detail.split(/; (?=[A-Za-z][\w.-]*: )/).map((part) => ofText(part.replace(PATH, '')) ?? ofText(part));
  return parts.includes(null) ? null : parts.join(' ');
}
