/** What a statement adds up to. */
export const enStatement = {
  'statement.totals': 'Totals of the statement',
  'statement.opening': 'Opening',
  'statement.in': 'In',
  'statement.charged': 'Charged',
  'statement.out': 'Out',
  'statement.closing': 'Closing',
} as const;
