/** The life of a meter, and what all of them showed. */
export const enMeters = {
  'meter.renew': 'Swap, transformers…',
  'meter.renewTitle': 'Meter {meter}',
  'meter.what': 'What was done',
  'meter.swap': 'Meter swapped',
  'meter.multiplier': 'Multiplier',
  'meter.swapEffect':
    'Charges up to the last reading of the old meter; counting goes on from the first reading of the new one. Money and tier use go on.',
  'meter.multiplierEffect':
    'Charges up to this reading with the old multiplier; counting goes on from it with the new one.',
  'meter.swapSubmit': 'Swap',
  'meter.multiplierSubmit': 'Change',
  'meter.last': 'Last reading of the old meter, kWh or m³',
  'meter.first': 'First reading of the new meter, kWh or m³',
  'meter.newNumber': 'Number of the new meter',
  'meter.indexes': 'Readings of all meters',
  'meter.indexesLead':
    'What each meter showed at both instants, as it was read at or before, and what was used between.',
  'meter.indexFrom': 'Index at the start',
  'meter.indexTo': 'Index at the end',
  'meter.readAt': 'read at',
  'meter.between': 'Between, kWh or m³',
  'meter.show': 'Show',
  'meter.sum': 'Sum of {count} meters shown, main meters left out',
  'meter.wrongSpan': 'Not before the start.',
} as const;
