/** What is wrong with a new password, in the reader's words. */
import { passwordMistake } from '../../../protocol/passwords.ts';
import { t } from '../i18n/locale.svelte.ts';

export function passwordText(password: string, names: readonly string[]): string | undefined {
  const mistake = passwordMistake(password, names);
  return mistake === null ? undefined : t(`password.${mistake}`);
}
