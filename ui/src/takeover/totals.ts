/** Totals as people copy them from a report. Pure. */

/** Yuan to the cent; "1,234.50", full-width digits and an empty field for 0 are understood. null: no amount. */
export function readTotal(text: string): { readonly text: string; readonly micro: number } | null {
  const plain = text.normalize('NFKC').replace(/[\s¥]/g, '');
  const bare = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replaceAll(',', '') : plain;
  if (bare === '') return { text: '0', micro: 0 };
  if (!/^\d{1,9}(\.\d{1,2})?$/.test(bare)) return null;
  const [yuan = '', cents = ''] = bare.split('.');
  return { text: bare, micro: Number(yuan) * 1_000_000 + Number(cents.padEnd(2, '0')) * 10_000 };
}

/** How many; null: no count. */
export function readCount(text: string): number | null {
  const plain = text.normalize('NFKC').replace(/[\s,]/g, '');
  return /^\d{1,7}$/.test(plain) ? Number(plain) : null;
}
