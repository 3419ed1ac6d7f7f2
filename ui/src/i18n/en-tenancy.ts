/** Ending, handing over and growing an account; its levels, orders and papers. */
export const enTenancy = {
  'tenancy.held':
    'Nothing more was paid out: it would have been more than was decided on. Settle again; above the limit a second person approves it.',
  'tenancy.closeEffect':
    'Reads {count} {count|meter|meters} a last time, charges what was used until then, gives the rooms back to the owner, and settles.',
  'tenancy.lastReadings': 'Last readings',
  'tenancy.readAgo': 'read {time} ago',
  'tenancy.neverRead': 'never read',
  'tenancy.noAnswer': 'does not answer',
  'tenancy.owed': '{quantity} still to be charged',
  'tenancy.typeIn': 'Type the reading in',
  'tenancy.readLive': 'Wait for the meter instead',
  'tenancy.waiting': 'Still waiting for a second person: {list}. Decide on it first, or it may fail afterwards.',
  'tenancy.balanceOf': 'Balance of {wallet}',
  'tenancy.offset': 'Debt paid by the deposit',
  'tenancy.dropped': 'Dropped below the cent',
  'tenancy.due': 'To be paid by the tenant',
  'tenancy.payout': 'To be paid out',
  'tenancy.payoutNote': 'As of the readings above; what is used until the last reading comes off it.',
  'tenancy.dueNote': 'The account stays in settlement until this is paid.',
  'tenancy.second': 'One person may pay out {limit}: a second person has to approve this closing.',
  'tenancy.vacant': 'Breakers and valves afterwards',
  'tenancy.vacant.siteRule': 'As the site’s rule says',
  'tenancy.vacant.closed': 'Stay on',
  'tenancy.vacant.open': 'Switch off',
  'tenancy.vacantOpen': 'The rooms are cut off until the next account opens.',
  'tenancy.vacantClosed': 'The rooms stay supplied; the owner pays.',
} as const;
