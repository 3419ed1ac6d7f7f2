/** Another meter in the place of one that keeps its money. */
export const enChargingSwap = {
  'meterMoney.phase.leaving': 'its money is coming back before another meter takes its place',
  'meterMoney.phase.back':
    '{amount} came back and wait for the next meter. Change it now and enter the swap; until then it is held closed.',
  'meterMoney.tables.writing': 'Band tables are being written',
  'meterMoney.tables.asTariff': 'Band tables read back as the tariff',
  'meterMoney.tables.differ': 'Band tables differ from the tariff: look at the meter’s parameters',
  'meterMoney.tables.unknown': 'Band tables not read yet',
  'meterMoney.tables.cannot': 'The tariff has bands that the meter cannot hold: watch the drift',
  'meterMoney.takeBack': 'Take its money back…',
  'meterMoney.takeBackTitle': 'Before the meter is changed',
  'meterMoney.takeBackEffect':
    'All money comes back out of meter {meter}, and it is held closed until another one is entered. What is sold meanwhile goes on the next meter.',
  'meterMoney.putBack': 'It stays…',
  'meterMoney.putBackTitle': 'The meter stays',
  'meterMoney.putBackEffect': '{amount} go into meter {meter} again, and it charges itself as before.',
  'meterMoney.swapBack':
    'The old meter’s money has come back: {amount}. It goes on the new one with what was sold since.',
  'meterMoney.swapTyped':
    'The old meter still keeps its money. Where it answers, close this and take the money back first. Where it does not, enter what it showed: use is booked, the rest goes on the new one, and what use does not explain goes on record as drift.',
  'meterMoney.swapLeft': 'Left in the old meter, yuan',
  'meterMoney.swapLeftCubic': 'Left in the old meter, m³',
  'meterMoney.cubicWrong': 'm³ with at most three decimals, such as 4.125',
  'meterMoney.litresHint':
    'It keeps m³, in whole litres at the price it was set up with; less than a litre stays in the wallet. Another price takes effect when its money is taken back and put in again.',
  'meterMoney.swapLeftHint': 'By our book {amount} on {time}. Below 0: a debt.',
  'meterMoney.swapLeftWrong': 'Yuan with at most two decimals, such as 12.30',
  'meterMoney.swapHasOrder': 'No. {count} over {amount}, which was being written, is in that',
  'meterMoney.multiplierCannot':
    'This meter charges by its own prices, which may not hold behind transformers: other transformers are refused. To change them, close the account first (its money comes back), then open one whose money is kept in the platform.',
  'statement.ourPrice': 'by our price {amount}',
  'event.MeterSwapPrepared': 'All money asked back from the meter, before another takes its place',
  'event.MeterSwapCalledOff': 'The meter stays: its money goes in again',
} as const;
