/**
 * The tariff file: what a kWh or m³ costs, at which local time, in which tier. Prices are decimal strings in yuan per
 * kWh or m³ with at most six places. docs: ARCHITECTURE.md, "A tariff rule".
 */
import { z } from 'zod';

export const bands = ['sharp', 'peak', 'flat', 'valley', 'deep'] as const;
export type Band = (typeof bands)[number];
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const band = z.enum(bands);
const price = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,6})?$/, 'decimal yuan per kWh or m³, at most six places, such as "0.5680"');
const quantity = z.string().regex(/^\d{1,9}(\.\d{1,3})?$/, 'decimal kWh or m³, at most three places, such as "2760"');
const minute = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM');
const month = z.int().min(1).max(12);
const localMinute = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/, 'YYYY-MM-DDTHH:MM');

/** The first rule whose months and days match a local day gives its bands. */
export const calendarRuleSchema = z.strictObject({
  months: z.array(month).min(1).optional(),
  days: z
    .array(z.enum([...weekdays, 'holiday']))
    .min(1)
    .optional(),
  /** Each band holds from its local minute until the next one; the last wraps over midnight. */
  starts: z.array(z.tuple([minute, band])).min(1),
});

/** A named part of the price with a revenue account of its own. Exactly one of price, prices, byTier. */
export const componentSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower case letters, digits and -'),
    price: price.optional(),
    prices: z.partialRecord(band, price).optional(),
    /** Absolute price per tier: one, or one per band. */
    byTier: z
      .array(z.union([price, z.partialRecord(band, price)]))
      .min(1)
      .optional(),
  })
  .refine(
    (one) => [one.price, one.prices, one.byTier].filter((given) => given !== undefined).length === 1,
    'exactly one of price, prices, byTier',
  );

export const tiersSchema = z.strictObject({
  per: z.enum(['month', 'year']),
  /** First day of the tier year, MM-DD. */
  starts: z
    .string()
    .regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'MM-DD')
    .default('01-01'),
  countedPer: z.enum(['account', 'meter', 'room']).default('account'),
  /** The first rule whose months match gives the edges; use exactly on an edge is the lower tier. */
  edges: z
    .array(z.strictObject({ months: z.array(month).min(1).optional(), above: z.array(quantity).min(1).max(5) }))
    .min(1),
  /** Added to the first component, one per tier, on top of its band's price. */
  add: z.array(price).optional(),
});

export const versionSchema = z.strictObject({
  /** Local minute from which it holds. */
  from: localMinute,
  /** Absent: one band, flat. */
  calendar: z.array(calendarRuleSchema).min(1).optional(),
  components: z.array(componentSchema).min(1).max(12),
  tiers: tiersSchema.optional(),
});

const tariffShape = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, . _ - (at most 64)'),
  name: z.string().trim().min(1).max(80),
  utility: z.enum(['electricity', 'water']),
  /** Date → holiday, or the weekday that a make-up workday (调休) counts as. */
  holidays: z.record(z.iso.date(), z.enum([...weekdays, 'holiday'])).default({}),
  versions: z.array(versionSchema).min(1),
});

export type Tariff = z.infer<typeof tariffShape>;
export type TariffVersion = z.infer<typeof versionSchema>;
export type CalendarRule = z.infer<typeof calendarRuleSchema>;
export type Component = z.infer<typeof componentSchema>;
export type Tiers = z.infer<typeof tiersSchema>;

type Mistake = { readonly path: (string | number)[]; readonly message: string };

/** What no single field can say. */
function* mistakes(tariff: Tariff): Generator<Mistake> {
  for (const [v, version] of tariff.versions.entries()) {
    const at = ['versions', v];
    const before = tariff.versions[v - 1];
    if (before && before.from >= version.from)
      yield { path: [...at, 'from'], message: `later than the version before (${before.from})` };
    yield* calendarMistakes(version, at);
    yield* componentMistakes(version, at);
    yield* tierMistakes(version, at);
  }
}

function* calendarMistakes(version: TariffVersion, at: (string | number)[]): Generator<Mistake> {
  const rules = version.calendar ?? [];
  for (const [r, rule] of rules.entries()) {
    const path = [...at, 'calendar', r, 'starts'];
    for (const [s, [start, name]] of rule.starts.entries()) {
      const previous = rule.starts[s - 1];
      if (previous && previous[0] >= start) yield { path: [...path, s, 0], message: `later than ${previous[0]}` };
      if (previous?.[1] === name) yield { path: [...path, s, 1], message: 'another band than the one before' };
    }
  }
  const last = rules.at(-1);
  if (last && (last.months || last.days))
    yield {
      path: [...at, 'calendar', rules.length - 1],
      message: 'the last rule holds for every day (no months, no days)',
    };
}

function bandsOf(version: TariffVersion): Set<Band> {
  return new Set(version.calendar?.flatMap((rule) => rule.starts.map(([, name]) => name)) ?? ['flat']);
}

function* componentMistakes(version: TariffVersion, at: (string | number)[]): Generator<Mistake> {
  const used = bandsOf(version);
  const names = new Set<string>();
  const tierCount = (version.tiers?.edges[0]?.above.length ?? 0) + 1;
  for (const [c, component] of version.components.entries()) {
    const path = [...at, 'components', c];
    if (names.has(component.name)) yield { path: [...path, 'name'], message: 'a name used once' };
    names.add(component.name);
    if (component.byTier && component.byTier.length !== tierCount)
      yield { path: [...path, 'byTier'], message: `${tierCount} prices, one per tier` };
    const tables = [component.prices, ...(component.byTier ?? [])].filter((one) => typeof one === 'object');
    for (const table of tables) {
      for (const name of used)
        if (table[name] === undefined)
          yield {
            path: [...path, component.prices ? 'prices' : 'byTier', name],
            message: `a price for the band ${name}, which the calendar uses`,
          };
    }
  }
}

function* tierMistakes(version: TariffVersion, at: (string | number)[]): Generator<Mistake> {
  const { tiers } = version;
  if (!tiers) return;
  const count = tiers.edges[0]?.above.length ?? 0;
  for (const [e, rule] of tiers.edges.entries()) {
    const path = [...at, 'tiers', 'edges', e];
    if (rule.above.length !== count)
      yield { path: [...path, 'above'], message: `${count} edges, as in the first rule` };
    for (const [i, edge] of rule.above.entries()) {
      const lower = rule.above[i - 1];
      if (lower !== undefined && Number(lower) >= Number(edge))
        yield { path: [...path, 'above', i], message: `greater than ${lower}` };
    }
  }
  if (tiers.edges.at(-1)?.months)
    yield {
      path: [...at, 'tiers', 'edges', tiers.edges.length - 1, 'months'],
      message: 'absent: the last rule holds for every month',
    };
  if (tiers.add && tiers.add.length !== count + 1)
    yield { path: [...at, 'tiers', 'add'], message: `${count + 1} prices, one per tier` };
}

export const tariffSchema = tariffShape.superRefine((tariff, context) => {
  for (const { path, message } of mistakes(tariff)) context.addIssue({ code: 'custom', path, message });
});
