import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JournalEntry, StoredEvent } from '../../server/store/store.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { startCore } from '../tools/siteInMemory.ts';

const entrySchema = z.object({
  number: z.int(),
  atMs: z.int(),
  hash: z.string(),
  events: z.array(z.object({ key: z.string(), type: z.string(), v: z.int(), data: z.looseObject({}) })),
});

/** As written when it was new; it is never written again, and what it meant then it means for ever. */
function golden(name: string): MemoryDisk {
  const file: unknown = JSON.parse(readFileSync(new URL(`../data/${name}.json`, import.meta.url), 'utf8'));
  const disk = new MemoryDisk();
  disk.siteId = 'test';
  disk.entries = z
    .array(entrySchema)
    .parse(file)
    .map((entry): JournalEntry => ({ ...entry, events: entry.events as StoredEvent[] }));
  const last = disk.entries.at(-1)!;
  disk.head = { number: last.number, hash: last.hash };
  return disk;
}

/** Written down then: what came later has a journal of its own. */
const typesOfIssue2 = [
  'AccountSet',
  'AlarmChanged',
  'AlarmEnded',
  'AlarmRaised',
  'BuildingSet',
  'CauseEnded',
  'CauseSet',
  'ConsumptionCharged',
  'ConsumptionMeasured',
  'CutRequested',
  'CutWithdrawn',
  'FloorSet',
  'HeldReleased',
  'HoldLifted',
  'HoldSet',
  'IndexAnchored',
  'IndexNoted',
  'LevelCrossed',
  'LineSet',
  'MeterRegistered',
  'MoneyExhausted',
  'MoneyReceived',
  'MoneyRefunded',
  'MoneyRestored',
  'OpeningDropped',
  'OpeningGranted',
  'OpeningHeld',
  'OperatorSet',
  'OrderReversed',
  'QuarantineResolved',
  'QuarantineWaited',
  'ReadingQuarantined',
  'SetupSet',
  'SiteSet',
  'TariffSet',
  'WalletOpened',
  'WarningRepeated',
];

describe('the golden journal of issue 2', () => {
  const disk = golden('golden-journal-2');

  it('holds every type of event there was', () => {
    const found = new Set(disk.entries.flatMap((entry) => entry.events.map((event) => event.type)));
    expect([...found].sort()).toEqual(typesOfIssue2);
  });

  it('still means the same', async () => {
    const { core } = await startCore(disk, null);
    const wallets = Object.fromEntries(
      [...core.wallets].map(([id, { state }]) => [id, [state.balanceMicro, state.level, state.exhausted]]),
    );
    expect(wallets).toEqual({
      w1: [69_990_000, 0, false],
      w2: [49_890_000, 1, false],
      w3: [-220_000, 3, true],
      w4: [970_000, 2, false],
    });
    const meters = Object.fromEntries(
      [...core.meters].map(([id, { state }]) => [id, [state.sequence, state.anchor?.index, Object.keys(state.causes)]]),
    );
    expect(meters).toEqual({
      m1: [2, 2_510, []],
      m2: [2, 2_110, []],
      m3: [3, 2_220, ['moneyExhausted']],
      m4: [3, 1_030, []],
      main: [0, 78_000, []],
    });
    expect(Object.fromEntries(core.ledger.ledger.balances)).toEqual({
      ...{
        takeover: -4_000_000,
        'revenue:electricity:energy': 3_870_000,
        'cash:cash': -50_000_000,
        'cash:card': -70_500_000,
        'cash:transfer': 0,
      },
      ...{ 'wallet:w1': 69_990_000, 'wallet:w2': 49_890_000, 'wallet:w3': -220_000, 'wallet:w4': 970_000 },
    });
    expect(core.ledger.imbalanceMicro).toBe(0);
    expect(core.directory.all('operator').map(({ name, role }) => [name, role])).toEqual([
      ['boss', 'administrator'],
      ['kasse', 'operator'],
    ]);
  });
});
