/** "a, b, and c", "a、b和c". */
import { locale } from '../i18n/locale.svelte.ts';

export const listed = (parts: readonly string[]): string =>
  new Intl.ListFormat(locale.language, { type: 'conjunction' }).format(parts);
