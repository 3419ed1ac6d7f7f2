/** Ending, handing over and growing an account; its levels, orders and papers. */
export const enTenancy = {
  'tenancy.held':
    'Nothing more was paid out: it would have been more than was decided on. Settle again; above the limit a second person approves it.',
} as const;
