/** Amounts people type: yuan with at most two decimals, read into micro-yuan without a float. */
import { amount as amountSchema } from '../../../protocol/ops.ts';

/** null: not an amount. Full-width digits and a comma for the point, as input methods write them, are understood. */
export function readAmount(text: string): { readonly text: string; readonly micro: number } | null {
  const plain = text.normalize('NFKC').trim().replace(/^¥/, '').replace(',', '.').trim();
  if (!amountSchema.safeParse(plain).success) return null;
  const [yuan = '', cents = ''] = plain.split('.');
  return { text: plain, micro: Number(yuan) * 1_000_000 + Number(cents.padEnd(2, '0')) * 10_000 };
}

/** Cents that cover this many micro-yuan. */
export const coveringMicro = (micro: number): number => Math.ceil(micro / 10_000) * 10_000;

/** A typed decimal as it is sent, with at most so many digits before and after the point; null: it is none. */
export function plainNumber(text: string, digits: number, places: number): string | null {
  const plain = text.normalize('NFKC').trim().replace(',', '.');
  return new RegExp(`^\\d{1,${digits}}(\\.\\d{1,${places}})?$`).test(plain) ? plain : null;
}

/** Yuan of either sign as they are sent; null: they are none. */
export function plainYuan(text: string): string | null {
  const plain = text.normalize('NFKC').trim().replace(',', '.').replace('−', '-');
  return /^-?\d{1,7}(\.\d{1,2})?$/.test(plain) ? plain : null;
}
