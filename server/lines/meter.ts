/** What a line remembers of one meter between requests. */
import { plainNumber, type Image, type Registers } from './decode.ts';
import type { Block, Profile, Profiles } from './profiles/profile.ts';
import type { LineFigures, LineMeter, MeterReading } from './types.ts';

export type MeterMemory = {
  meter: LineMeter;
  readonly profile: Profile;
  readonly image: Map<string, Registers>;
  readonly lengths: Map<string, Lengths>;
  /** Until when a reply of so many registers could be a late or second one, monotonic ms. */
  readonly heldCounts: Map<number, number>;
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

/** Of one block: the length asked for last, and how often in a row the unit has refused each. */
type Lengths = {
  last: number | null;
  readonly refusals: Map<number, number>;
};

/** A reading under way: its blocks, and which of them is next. */
export type Job = {
  readonly kind: 'reading' | 'slow';
  readonly memory: MeterMemory;
  readonly blocks: readonly Block[];
  at: number;
};

/** Some firmware refuses lengths it was not written for; one stray exception is no refusal. */
const refusalsMax = 3;
const illegalAddress = 2;
const illegalValue = 3;
/** A reply that did not come in time may come this much later; until then its length is not asked for again. */
const lateMsMax = 3_000;
/** A reply may come a second time this long after the first. */
const repeatMsMax = 300;

export function newMemory(meter: LineMeter, profiles: Profiles, nowMs: number): MeterMemory {
  return {
    meter,
    profile: profiles[meter.profile],
    image: new Map(),
    lengths: new Map(),
    heldCounts: new Map(),
    lastReading: null,
    lastReplyMs: null,
    sinceMs: nowMs,
    numberDueAtMs: nowMs,
    numberRead: null,
    linkReported: null,
    failures: 0,
  };
}

/** What is known of the one holds for the other. */
export function sameMeter(known: LineMeter, meter: LineMeter): boolean {
  return (
    known.unitId === meter.unitId &&
    known.profile === meter.profile &&
    known.number === meter.number &&
    known.hasBreaker === meter.hasBreaker
  );
}

function lengthsOf(memory: MeterMemory, block: Block): Lengths {
  const known = memory.lengths.get(block.name) ?? { last: null, refusals: new Map() };
  memory.lengths.set(block.name, known);
  return known;
}

/** The lengths in their turn, without those the unit refuses. */
function turnOf(lengths: Lengths, block: Block): readonly number[] {
  const from = lengths.last === null ? 0 : block.counts.indexOf(lengths.last) + 1;
  const turn = [...block.counts.slice(from), ...block.counts.slice(0, from)];
  return turn.filter((count) => (lengths.refusals.get(count) ?? 0) < refusalsMax);
}

/** From when on the block can be read without taking a late reply for the right one, monotonic ms. */
export function freeAtMs(memory: MeterMemory, block: Block): number {
  return Math.min(...turnOf(lengthsOf(memory, block), block).map((count) => heldUntilMs(memory, count)));
}

/** From when on so many registers can be asked for, monotonic ms. */
export function heldUntilMs(memory: MeterMemory, count: number): number {
  return memory.heldCounts.get(count) ?? Number.NEGATIVE_INFINITY;
}

/** So many registers were asked for: whether the unit answered or not, another reply of that length may come. */
export function holdCount(memory: MeterMemory, count: number, answered: boolean, nowMs: number): void {
  memory.heldCounts.set(count, nowMs + (answered ? repeatMsMax : lateMsMax));
}

/** The length to ask for this time: not one asked for just now, so that a reply that comes twice does not fit either. */
export function nextLength(memory: MeterMemory, block: Block, nowMs: number): number {
  const lengths = lengthsOf(memory, block);
  const turn = turnOf(lengths, block);
  const free = turn.find((each) => heldUntilMs(memory, each) <= nowMs);
  const count = free ?? turn[0] ?? block.counts[0];
  lengths.last = count;
  return count;
}

/** The unit answered this length with exception `code`. When it refuses them all, all are tried again. */
export function refuseLength(memory: MeterMemory, block: Block, count: number, code: number): void {
  const { refusals } = lengthsOf(memory, block);
  if (code !== illegalAddress && code !== illegalValue) return;
  refusals.set(count, (refusals.get(count) ?? 0) + 1);
  if (block.counts.every((each) => (refusals.get(each) ?? 0) >= refusalsMax)) refusals.clear();
}

/** It answered as asked: no refusal of this length counts any more. */
export function acceptLength(memory: MeterMemory, block: Block, count: number, nowMs: number): void {
  lengthsOf(memory, block).refusals.delete(count);
  holdCount(memory, count, true, nowMs);
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

/** Of a reading that starts now: the number only when it is due, or while another meter's stands there. */
export function blocksToRead(memory: MeterMemory, nowMs: number): readonly Block[] {
  const withNumber = nowMs >= memory.numberDueAtMs || isWrongMeter(memory);
  return [...(withNumber ? blocksOf(memory.profile, 'number') : []), ...blocksOf(memory.profile, 'fast')];
}

export function meterFigures(memory: MeterMemory, online: boolean, nowMs: number): LineFigures['meters'][number] {
  const { meter, lastReplyMs, failures } = memory;
  const lastReplyAgoMs = lastReplyMs === null ? null : nowMs - lastReplyMs;
  return { meterId: meter.meterId, unitId: meter.unitId, online, lastReplyAgoMs, failures };
}
