/** Nothing stands in a timeline under the name a program gave it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { timelineKinds } from '../../protocol/timeline.ts';
import { dictionaries } from '../../ui/src/i18n/translate.ts';

const page = readFileSync(new URL('../../ui/src/room/timelineWords.ts', import.meta.url), 'utf8');

describe('every kind that the core notes', () => {
  it.each(timelineKinds)('%s has words in both languages', (kind) => {
    expect(page).toMatch(new RegExp(`\\b${kind}\\b`));
    for (const texts of [dictionaries.en, dictionaries.zh]) {
      const own = (key: string): boolean => key === `event.${kind}` || key.startsWith(`event.${kind}.`);
      const words = Object.entries(texts).find(([key]) => own(key))?.[1];
      expect(words ?? '').not.toBe('');
    }
  });
});
