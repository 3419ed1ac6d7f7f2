/** What a fleet of simulated lines consists of, as JSON: everything but what changes while it runs. */
import { z } from 'zod';
import { faultMistake, faultNames, noFaults, type Faults } from './faults.ts';
import { loadSpecSchema } from './loads.ts';
import { models } from './meters/meter.ts';
import { transportKinds } from './transports/transport.ts';

const faultsSchema = z
  .partialRecord(z.enum(faultNames as [keyof Faults, ...(keyof Faults)[]]), z.number())
  .superRefine((faults, context) => {
    for (const [name, value] of Object.entries(faults)) {
      const mistake = value === undefined ? null : faultMistake(name, value);
      if (mistake !== null) context.addIssue({ code: 'custom', message: mistake, path: [name] });
    }
  });

export const plannedMeterSchema = z.strictObject({
  /** Unique in the whole plan: the memory is kept under it. */
  id: z.string().min(1),
  model: z.enum(models),
  unitId: z.int().min(1).max(247),
  number: z.string().regex(/^\d{1,12}$/),
  load: loadSpecSchema,
  /** The meter it hangs behind, which carries its load too. */
  upstream: z.string().min(1).optional(),
  pt: z.int().min(1).max(9999),
  ct: z.int().min(1).max(9999),
  /** Wh or litres at the first start. */
  startIndex: z.number().min(0),
  faults: faultsSchema,
});

export const plannedLineSchema = z.strictObject({
  id: z.string().min(1),
  transport: z.enum(transportKinds),
  /** 0 takes a free one, and the same again after a restart. Not for serial lines. */
  port: z.int().min(0).max(65535),
  /** Of a serial line, else empty. */
  path: z.string(),
  baud: z.int().min(300).max(921_600),
  parity: z.enum(['none', 'even', 'odd']),
  stopBits: z.union([z.literal(1), z.literal(2)]),
  turnaroundMs: z.number().min(0),
  faults: faultsSchema,
  meters: z.array(plannedMeterSchema),
});

export const fleetPlanSchema = z.strictObject({
  format: z.literal('wattroom-fleet/1'),
  timeZone: z.string().min(1),
  /** For faults. */
  seed: z.int().min(0),
  lines: z.array(plannedLineSchema),
});

export type PlannedMeter = z.infer<typeof plannedMeterSchema>;
export type PlannedLine = z.infer<typeof plannedLineSchema>;
export type FleetPlan = z.infer<typeof fleetPlanSchema>;

/** A set of faults of its own, to be changed while running. */
export function withFaults(some: PlannedLine['faults']): Faults {
  const faults: Faults = { ...noFaults };
  for (const name of faultNames) faults[name] = some[name] ?? noFaults[name];
  return faults;
}
