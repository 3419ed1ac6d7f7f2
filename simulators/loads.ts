/**
 * What people draw, as data: a value for each hour of a working day and of a day off. Each room differs by a seed.
 * The shapes are invented, and believable; nothing is derived from them but a demo.
 */
import { z } from 'zod';
import type { Load } from './meters/meter.ts';
import { noiseAt } from './random.ts';

export const profileNames = ['shop', 'nightShop', 'flat', 'dormitory', 'office', 'empty', 'steady', 'main'] as const;
export type LoadName = (typeof profileNames)[number];

type Profile = {
  /** Watts with all in use, before the room's own factor. */
  readonly peakW: number;
  /** Watts that never go off. */
  readonly baseW: number;
  /** Litres an hour at the peak. */
  readonly peakLitres: number;
  /** Share of the peak for each hour, 0 to 1. */
  readonly workday: readonly number[];
  readonly dayOff: readonly number[];
  /** How much minutes differ from the curve, 0 to 1. */
  readonly jitter: number;
  /** Share of minutes in which something big runs (kettle, shower), at `burstFactor` times the curve. */
  readonly burst: number;
  readonly burstFactor: number;
};

const hours = (text: string): number[] =>
  text
    .trim()
    .split(/\s+/)
    .map((percent) => Number(percent) / 100);

const shopDay = hours('4 4 4 4 4 4 6 12 35 65 85 92 95 92 90 90 92 96 100 98 90 60 20 6');
const flatDay = hours('14 10 9 9 9 12 28 45 30 18 16 24 30 20 16 16 20 40 75 95 100 90 60 28');
const flatOff = hours('18 12 10 9 9 10 16 30 45 50 50 60 65 50 42 40 45 60 85 98 100 92 65 34');
const dormitoryDay = hours('20 8 5 5 5 8 35 50 20 12 14 40 45 30 12 12 18 40 60 70 85 100 90 45');
const officeDay = hours('5 5 5 5 5 6 10 30 80 98 100 95 70 85 100 100 98 80 40 22 14 8 6 5');
const officeOff = hours('5 5 5 5 5 5 5 6 10 14 15 15 12 12 12 12 10 8 6 5 5 5 5 5');
const always = new Array<number>(24).fill(1);

export const profiles: Readonly<Record<LoadName, Profile>> = {
  shop: profile({
    peakW: 4200,
    baseW: 120,
    peakLitres: 60,
    workday: shopDay,
    jitter: 0.2,
    burst: 0.02,
    burstFactor: 1.3,
  }),
  nightShop: profile({
    peakW: 3800,
    baseW: 900,
    peakLitres: 40,
    workday: always,
    jitter: 0.12,
    burst: 0.03,
    burstFactor: 1.3,
  }),
  flat: profile({
    peakW: 1800,
    baseW: 70,
    peakLitres: 28,
    workday: flatDay,
    dayOff: flatOff,
    jitter: 0.4,
    burst: 0.05,
  }),
  dormitory: profile({ peakW: 900, baseW: 25, peakLitres: 24, workday: dormitoryDay, jitter: 0.35, burst: 0.06 }),
  office: profile({
    peakW: 5200,
    baseW: 260,
    peakLitres: 30,
    workday: officeDay,
    dayOff: officeOff,
    jitter: 0.15,
    burst: 0.01,
    burstFactor: 1.3,
  }),
  empty: profile({ peakW: 0, baseW: 4, peakLitres: 0, workday: always, jitter: 0.5, burst: 0 }),
  steady: profile({ peakW: 1000, baseW: 0, peakLitres: 100, workday: always, jitter: 0, burst: 0 }),
  main: profile({ peakW: 90_000, baseW: 12_000, peakLitres: 900, workday: shopDay, jitter: 0.05, burst: 0 }),
};

function profile(
  values: Omit<Profile, 'dayOff' | 'burstFactor'> & { dayOff?: readonly number[]; burstFactor?: number },
): Profile {
  return { dayOff: values.workday, burstFactor: 2.2, ...values };
}

export const loadSpecSchema = z.strictObject({
  profile: z.enum(profileNames),
  seed: z.int().min(0),
  /** A larger or smaller room. */
  factor: z.number().min(0).max(1000),
});
export type LoadSpec = z.infer<typeof loadSpecSchema>;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Watts at a moment of local time; constant within a minute. */
export function powerOf(spec: LoadSpec): Load {
  const shape = profiles[spec.profile];
  const curve = curveOf(shape, spec);
  return (localMs) => Math.round((shape.baseW + shape.peakW * curve(localMs)) * spec.factor);
}

/** Litres an hour at a moment of local time; taps are open in a few minutes only, with the same mean. */
export function waterOf(spec: LoadSpec): Load {
  const shape = profiles[spec.profile];
  const curve = curveOf({ ...shape, jitter: 0, burst: 0 }, spec);
  const open = spec.profile === 'steady' || spec.profile === 'main' ? 1 : 0.15;
  return (localMs) => {
    const minute = Math.floor(localMs / MINUTE_MS);
    if (noiseAt(spec.seed + 1, minute) >= open) return 0;
    return Math.round(((shape.peakLitres * curve(localMs)) / open) * spec.factor);
  };
}

function curveOf(shape: Profile, spec: LoadSpec): (localMs: number) => number {
  // People are early or late by up to three quarters of an hour, and one household is twice the other.
  const shiftMs = Math.round((noiseAt(spec.seed, 11) - 0.5) * 1.5 * HOUR_MS);
  const size = spec.profile === 'steady' ? 1 : 0.6 + 0.8 * noiseAt(spec.seed, 12);
  return (localMs) => {
    const minute = Math.floor(localMs / MINUTE_MS);
    const at = minute * MINUTE_MS + shiftMs;
    const day = new Date(at).getUTCDay();
    const table = day === 0 || day === 6 ? shape.dayOff : shape.workday;
    const hour = Math.floor((((at % (24 * HOUR_MS)) + 24 * HOUR_MS) % (24 * HOUR_MS)) / HOUR_MS);
    const within = (at % HOUR_MS) / HOUR_MS;
    const from = table[hour] ?? 0;
    const share = from + ((table[(hour + 1) % 24] ?? 0) - from) * within;
    const jitter = 1 + (noiseAt(spec.seed, minute) * 2 - 1) * shape.jitter;
    const burst = noiseAt(spec.seed + 2, Math.floor(minute / 3)) < shape.burst ? shape.burstFactor : 1;
    return share * size * jitter * burst;
  };
}
