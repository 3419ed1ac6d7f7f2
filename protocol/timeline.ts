/** What stands in the timeline of a room: every kind the core notes, so that none goes without words. */
export const timelineKinds = [
  ...(['MeterTaken', 'MeterReturned', 'MeterSwapped', 'MultiplierChanged', 'MeterConfigured'] as const),
  ...(['TariffChosen', 'TariffTakenUp', 'ReadingQuarantined', 'QuarantineResolved'] as const),
  ...(['Switched', 'CauseEnded', 'BreakerOpened', 'BreakerClosed', 'SwitchUnconfirmed', 'SafetyLocked'] as const),
  ...(['EmergencyCut', 'TagHung', 'TagLifted', 'MoneyCauseSet', 'MoneyCauseEnded'] as const),
  ...([
    'Recharged',
    'Refunded',
    'Reversed',
    'WalletSettled',
    'LowMoneyWarned',
    'ThresholdsSet',
    'CreditLimitSet',
  ] as const),
  ...(['RefundReserved', 'RefundPaid', 'RefundReleased', 'LeftToItself', 'MeterMoneyHeld'] as const),
  ...([
    'MeterSwapPrepared',
    'MeterSwapCalledOff',
    'MeterPricesChosen',
    'MeterMoneyResolved',
    'ChargingModeSet',
    'MeterWritten',
  ] as const),
  ...(['GroupUndone', 'ParameterWriteEnded', 'ControlCut', 'ControlPlanChosen'] as const),
  ...([
    'Transferred',
    'CreditLimitReached',
    'MeterOnOtherWallet',
    'MoneyExhausted',
    'MoneyRestored',
    'TemporaryPowerGranted',
    'TemporaryPowerEnded',
  ] as const),
] as const;
export type TimelineKind = (typeof timelineKinds)[number];
