/** Safe switching: power lent without money, emergency cuts, work tags. */
export const enSafety = {
  'temporary.name': 'Temporary power',
  'temporary.grant': 'Temporary power…',
  'temporary.submit': 'Give temporary power',
  'temporary.effect':
    'Power returns to {holder} without money: balance {balance}. What is used is owed, and the next recharge pays it first. When it ends the cut goes on.',
  'temporary.left': '{count} left this month',
  'temporary.neither': 'An end, a greatest debt, or both.',
  'temporary.endHint': 'Empty: only the debt ends it. Now it is {now}.',
  'temporary.debt': 'Greatest debt, yuan (optional)',
  'temporary.debtHint': 'It ends once so much is owed.',
  'temporary.debtLow': 'More than what is owed already: {owed}.',
  'temporary.upTo': 'up to {amount} of debt',
  'temporary.owed': 'Owed, and taken off the next recharge: {amount}',
  'temporary.end': 'Take it back…',
  'temporary.endEffect': 'Temporary power of {name} ends now. Its breakers open as soon as no hold stands against it.',
  'event.TemporaryPowerGranted': 'Temporary power given',
  'event.TemporaryPowerEnded': 'Temporary power ended: {why}',
  'temporary.why.time': 'its time is over',
  'temporary.why.debt': 'the debt is reached',
  'temporary.why.hand': 'taken back',
  'temporary.why.money': 'money came in',
} as const;
