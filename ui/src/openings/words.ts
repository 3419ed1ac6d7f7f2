/** Why an account was not opened, in the reader's words where there are some. */
import { problemText } from '../lib/problems.ts';

export const whyText = ({ refusal, detail }: { readonly refusal: string; readonly detail: string }): string =>
  problemText({ ok: false, code: refusal, detail, errors: {} });
