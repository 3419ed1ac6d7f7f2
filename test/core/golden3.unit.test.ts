import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recover } from '../../server/core/recover.ts';
import type { JournalEntry } from '../../server/store/store.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { meaningOf } from './meaning.ts';
import { startCore } from '../tools/siteInMemory.ts';

const journals = z
  .array(
    z.object({
      name: z.string(),
      /** Number, time, events as key, type, version, data. */
      entries: z.array(z.tuple([z.int(), z.int(), z.array(z.tuple([z.string(), z.string(), z.int(), z.json()]))])),
      /** By key, as it was when the journal was new. */
      meaning: z.record(z.string(), z.json()),
    }),
  )
  .parse(JSON.parse(readFileSync(new URL('../data/golden-journals-3.json', import.meta.url), 'utf8')));

function diskOf(entries: (typeof journals)[number]['entries']): MemoryDisk {
  const disk = new MemoryDisk();
  disk.siteId = 'test';
  disk.entries = entries.map(([number, atMs, events]) => ({
    ...{ number, atMs, hash: `h${number}` },
    events: events.map(([key, type, v, data]) => ({ key, type, v, data })) as JournalEntry['events'],
  }));
  const last = disk.entries.at(-1)!;
  disk.head = { number: last.number, hash: last.hash };
  return disk;
}

/** Written down when they were new: what comes later has journals of its own. */
const types = `
account AccountSet
alarms AlarmChanged
alarms AlarmRaised
announcements AnnouncementAdvanced
announcements AnnouncementEnded
announcements AnnouncementStarted
approval ApprovalEnded
approval ApprovalGiven
approval ApprovalProposed
audit AuditNoted
building BuildingSet
cashbook ReceiptIssued
cashbook SuspenseAssigned
cashbook SuspensePutBack
cashbook SuspenseReceived
cashbook SuspenseReturned
controlPlan ControlPlanSet
duty DutyCallEnded
duty DutyCalled
emergency EmergencyEnded
emergency EmergencyItemsChanged
emergency EmergencyRestoreStarted
emergency EmergencyRestoreStepped
emergency EmergencyRestoreStopped
emergency EmergencyStarted
floor FloorSet
group GroupCancelled
group GroupEnded
group GroupItemsChanged
group GroupStarted
handover HandoverSigned
handover HandoverTaken
handover HandoverWithdrawn
interlock HeldReleased
interlock OpeningDropped
interlock OpeningGranted
interlock OpeningHeld
interlock SomeReleased
line LineSet
links LinkKeyMade
meter CauseEnded
meter CauseSet
meter ChargingModeSet
meter ConsumptionMeasured
meter ControlPlanChosen
meter CutRequested
meter CutWithdrawn
meter GroupTaken
meter HoldLifted
meter HoldSet
meter IndexAnchored
meter IndexNoted
meter LoadTripsCleared
meter MeterConfigured
meter MeterPlaced
meter MeterRegistered
meter MeterRenewed
meter QuarantineCorrected
meter QuarantineResolved
meter QuarantineWaited
meter ReadingQuarantined
meter TariffChosen
meter TariffTakenUp
notices NoticesSet
openings OpeningsAnswered
openings OpeningsCancelled
openings OpeningsEnded
openings OpeningsStarted
operator OperatorSet
outbox DeliveryDied
outbox DeliveryFailed
outbox DeliveryQueued
outbox DeliverySent
outbox DeliveryStarted
outbox DeliveryWithdrawn
parameters ParameterWriteAsked
parameters ParameterWriteEnded
parameters ParametersRead
riser RiserSet
setup SetupSet
site SiteSet
siteImport ImportCancelled
siteImport ImportEnded
siteImport ImportPosted
siteImport ImportStarted
tags TagHung
tags TagLifted
takeover TakeoverFinished
takeover TakeoverPosted
takeover TakeoverSigned
tariff TariffSet
tenancy AccountClosed
tenancy AccountOpened
tenancy AccountTakenOver
tenancy BaselineTyped
tenancy ClosingStarted
tenancy DepositMoved
tenancy DepositTakenOver
tenancy HandOverAgreed
tenancy MeterEmptied
tenancy MeterMoved
tenancy MetersMoved
tenancy MoveTroubled
tenancy OpeningStarted
tenancy PaymentDue
tenancy SettlementChosen
tenancy SettlementHeld
tenancy SettlingStarted
tenancy WalletSettledFor
wallet AllowanceEnded
wallet AllowanceExpired
wallet AllowanceGranted
wallet AllowanceSkipped
wallet ConsumptionCharged
wallet ConsumptionShadowed
wallet LevelCrossed
wallet MeterAttached
wallet MeterDetached
wallet MeterDrifted
wallet MeterEnded
wallet MeterEnding
wallet MeterFits
wallet MeterHeld
wallet MeterOrderDropped
wallet MeterOrderQueued
wallet MeterPricesChosen
wallet MeterReleased
wallet MeterResolved
wallet MeterSetUp
wallet MeterSwapCalledOff
wallet MeterSwapPrepared
wallet MeterSwapped
wallet MeterUsed
wallet MeterWriteStarted
wallet MeterWritten
wallet MoneyAssigned
wallet MoneyExhausted
wallet MoneyReceived
wallet MoneyRestored
wallet MoneyTransferred
wallet OrderReversed
wallet RefundPaid
wallet RefundReleased
wallet RefundReserved
wallet TemporaryPowerEnded
wallet TemporaryPowerGranted
wallet ThresholdsSet
wallet TierUseTakenOver
wallet WalletNamed
wallet WalletOpened
wallet WalletSettled
wallet WarningRepeated
`;

describe('the golden journals of issue 3', () => {
  it('hold every type of event there was', () => {
    const events = journals.flatMap(({ entries }) => entries.flatMap(([, , all]) => all));
    const found = new Set(events.map(([key, type]) => `${key.slice(0, key.indexOf(':'))} ${type}`));
    expect([...found].sort()).toEqual(types.trim().split('\n'));
  });

  it.each(journals)('still means the same: $name', async ({ entries, meaning }) => {
    const store = new MemoryStore(diskOf(entries));
    const head = await store.open({ siteId: 'test', init: false, remembered: null });
    expect(meaningOf(await recover(store, head))).toEqual(meaning);
  });

  it.each(journals)('goes on: $name', async ({ entries }) => {
    const { core, settle, fatal } = await startCore(diskOf(entries), null);
    await settle();
    expect(fatal).toEqual([]);
    expect(core.ledger.imbalanceMicro).toBe(0);
  });
});
