/** A server's words about a wrong field ("path: text") in Chinese; null: it has no translation. */
import { zhRefusals } from '../i18n/zh-refusals.ts';

const PATH = /^[A-Za-z][\w.-]*: /;
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
/** What says most comes first: of two that fit, it is the longer one. */
const templates = Object.entries(zhRefusals)
  .map(([english, chinese]) => ({
    chinese,
    said: english.replaceAll('{}', '').length,
    pattern: new RegExp(`^${english.split('{}').map(escaped).join('(.+)')}$`),
  }))
  .sort((one, other) => other.said - one.said);

function ofText(text: string): string | null {
  for (const { pattern, chinese } of templates) {
    const found = pattern.exec(text);
    if (found) return chinese.replace(/\{(\d)\}/g, (_, n: string) => found[Number(n)] ?? '');
  }
  return null;
}

export function refusalInChinese(detail: string): string | null {
  // Several fields stand behind each other, each with its path.
  const inParts = (between: RegExp | string): string | null => {
    const parts = detail.split(between).map((part) => ofText(part.replace(PATH, '')) ?? ofText(part));
    return parts.includes(null) ? null : parts.join(' ');
  };
  return inParts(/; (?=[A-Za-z][\w.-]*: )/) ?? inParts('; ');
}
