/** What a line remembers of one meter between requests. */
import { plainNumber, type Image, type Registers } from './decode.ts';
import type { Block, Profile, Profiles } from './profiles/profile.ts';
import type { LineMeter, MeterReading } from './types.ts';

export type MeterMemory = {
  meter: LineMeter;
  readonly profile: Profile;
  readonly image: Map<string, Registers>;
  readonly lengths: Map<string, Lengths>;
  /** Since the unit came online; null before its first reading. */
  lastReading: MeterReading | null;
  lastReplyMs: number | null;
  /** Silence is counted from here until the first reply. */
  readonly sinceMs: number;
  numberDueAtMs: number;
  /** As last read; null before that. */
  numberRead: string | null;
  /** What was reported of its link; null: nothing yet. */
  linkReported: boolean | null;
  failures: number;
};

/** Which of a block's lengths is next, and which ones the unit refused. */
type Lengths = { next: number; readonly refused: Set<number> };

export function newMemory(meter: LineMeter, profiles: Profiles, nowMs: number): MeterMemory {
  return {
    meter,
    profile: profiles[meter.profile],
    image: new Map(),
    lengths: new Map(),
    lastReading: null,
    lastReplyMs: null,
    sinceMs: nowMs,
    numberDueAtMs: nowMs,
    numberRead: null,
    linkReported: null,
    failures: 0,
  };
}

function lengthsOf(memory: MeterMemory, block: Block): Lengths {
  const known = memory.lengths.get(block.name) ?? { next: 0, refused: new Set<number>() };
  memory.lengths.set(block.name, known);
  return known;
}

/**
 * The length to ask for this time. It differs from the last one, so that neither a late nor a repeated reply of the same unit
 * fits; lengths the unit answered with an exception are left out while others remain.
 */
export function nextLength(memory: MeterMemory, block: Block): number {
  const lengths = lengthsOf(memory, block);
  const open = block.counts.filter((count) => !lengths.refused.has(count));
  const choice = open.length > 0 ? open : block.counts;
  const count = choice[lengths.next % choice.length] ?? block.counts[0];
  lengths.next += 1;
  return count;
}

/** The unit answered this length with an exception. When it has refused them all, all are tried again. */
export function refuseLength(memory: MeterMemory, block: Block, count: number): void {
  const { refused } = lengthsOf(memory, block);
  refused.add(count);
  if (block.counts.every((each) => refused.has(each))) refused.clear();
}

/** Another meter's number is known to stand at this unit id. */
export function isWrongMeter(memory: MeterMemory): boolean {
  return (
    memory.meter.number !== null && memory.numberRead !== null && memory.numberRead !== plainNumber(memory.meter.number)
  );
}

export function blocksOf(profile: Profile, pace: Block['pace']): readonly Block[] {
  return profile.blocks.filter((block) => block.pace === pace);
}

/** What belongs to an earlier reading goes; slow values stay until they are read anew. */
export function forgetReading(memory: MeterMemory): void {
  for (const block of memory.profile.blocks) if (block.pace !== 'slow') memory.image.delete(block.name);
}

export function imageOf(memory: MeterMemory): Image {
  return memory.image;
}
