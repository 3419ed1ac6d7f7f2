/** A meter by itself, and what the owner uses. */
export const enPlaces = {
  'meterPage.open': 'Open meter',
  'meterPage.close': 'Close meter',
  'meterPage.behind': '{count} {count|meter|meters} behind it',
  'meterPage.gone': 'There is no meter {meter} any more.',
  'meterPage.readings': 'Last readings',
  'meterPage.noReadings': 'Not read yet.',
  'owner.title': 'Owner’s use',
  'owner.lead':
    'What is measured where no account is open, and by public meters, is charged to the owner: a wallet for each room or meter. Nothing here asks anybody for money.',
  'owner.none': 'Nothing is charged to the owner here.',
  'owner.meters': 'Meters now',
  'owner.let': 'let: a tenant pays',
  'owner.charged': 'Charged',
  'owner.all': 'Since the beginning',
  'owner.sum': 'Sum of {count} {count|wallet|wallets}',
  'owner.whole': 'All of it added up',
  'owner.yes': 'yes',
  'owner.no': 'no',
} as const;
