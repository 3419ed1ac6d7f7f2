/** What is wrong with a file that people write: path, value, what was expected. */
import type { z } from 'zod';

export type Mistake = { readonly path: string; readonly value: string; readonly expected: string };

export const mistakeText = ({ path, value, expected }: Mistake): string => `${path}: ${value}: expected ${expected}`;

export function mistakesOf(error: z.ZodError, input: unknown): Mistake[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => mistake([...issue.path, key], input, 'no such field'));
    if (issue.code === 'invalid_key') return [mistake(issue.path, input, issue.issues[0]?.message ?? issue.message)];
    // Zod's own words begin with what is wrong, which the value shows already.
    return [mistake(issue.path, input, issue.message.replace(/^[A-Z][a-z ]+: expected /, ''))];
  });
}

const mistake = (path: readonly PropertyKey[], input: unknown, expected: string): Mistake => ({
  path: pathText(path),
  value: valueAt(input, path),
  expected,
});

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '') || '(file)';

function valueAt(root: unknown, path: readonly PropertyKey[]): string {
  let value: unknown = root;
  for (const part of path)
    value = value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
