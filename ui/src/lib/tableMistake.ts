/** Why a file is no table of the wanted kind, in words. */
import { t } from '../i18n/locale.svelte.ts';
import type { TableMistake } from './tableFile.ts';

export function tableMistake(mistake: TableMistake | 'unreadable'): string {
  if (mistake === 'unreadable') return t('setup.unreadable');
  const { missing, unknown } = mistake;
  return [
    missing.length > 0 ? t('setup.missingColumns', { columns: missing.join(', ') }) : '',
    unknown.length > 0 ? t('setup.unknownColumns', { columns: unknown.join(', ') }) : '',
  ].join(' ');
}
