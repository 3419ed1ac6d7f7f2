/** A meter by itself, and what the owner uses. */
export const enPlaces = {
  'meterPage.open': 'Open meter',
  'meterPage.close': 'Close meter',
  'meterPage.behind': '{count} {count|meter|meters} behind it',
  'meterPage.gone': 'There is no meter {meter} any more.',
  'meterPage.readings': 'Last readings',
  'meterPage.noReadings': 'Not read yet.',
} as const;
