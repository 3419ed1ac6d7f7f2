/**
 * The tariff file: what a kWh or m³ costs, at which local time, in which tier. Prices are decimal strings in yuan per
 * kWh or m³ with at most six places. docs: ARCHITECTURE.md, "A tariff rule".
 */
import { z } from 'zod';
import { daysListed, matches } from './tariffCalendar.ts';

export const bands = ['sharp', 'peak', 'flat', 'valley', 'deep'] as const;
export type Band = (typeof bands)[number];
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const band = z.enum(bands).describe('尖 sharp, 峰 peak, 平 flat, 谷 valley, 深谷 deep');
const price = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,6})?$/, 'decimal yuan per kWh or m³, at most six places, such as "0.5680"')
  .describe('Yuan per kWh or m³: a decimal in quotes, at most six places');
const quantity = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,3})?$/, 'decimal kWh or m³, at most three places, such as "2760"')
  .describe('kWh or m³: a decimal in quotes, at most three places');
const minute = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM')
  .describe('Local minute, HH:MM');
const months = z
  .array(z.int().min(1).max(12))
  .min(1)
  .describe('Months of the local date, 1 to 12, in any order (a winter is [11, 12, 1, 2]); absent: every month');
const localMinute = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/, 'YYYY-MM-DDTHH:MM');
const byBand = z.partialRecord(band, price);

export const calendarRuleSchema = z
  .strictObject({
    months: months.optional(),
    days: z
      .array(z.enum([...weekdays, 'holiday']))
      .min(1)
      .optional()
      .describe(
        'Weekdays, and "holiday" for the dates listed as such; a holiday is no weekday, a make-up workday is the weekday it counts as. Absent: every day',
      ),
    starts: z
      .array(z.tuple([minute, band]))
      .min(1)
      .describe(
        'Each band holds from its local minute until the next one; the last wraps over midnight until the first. The wall clock decides, also on days of 23 or 25 hours',
      ),
  })
  .describe('The bands of the local days it matches');

export const componentSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'lower case letters, digits, _ and -')
      .describe('Names its revenue account; used once in a version'),
    price: price.optional().describe('One price for all bands and tiers'),
    prices: byBand.optional().describe('A price for each band that the calendar uses'),
    byTier: z
      .array(z.union([price, byBand]))
      .min(1)
      .optional()
      .describe('Absolute prices, one entry per tier, lowest first: a price, or a price per band'),
  })
  .refine(
    (one) => [one.price, one.prices, one.byTier].filter((given) => given !== undefined).length === 1,
    'exactly one of price, prices, byTier',
  )
  .describe('A named part of the price with a revenue account of its own: exactly one of price, prices, byTier');

export const tiersSchema = z
  .strictObject({
    per: z.enum(['month', 'year']).describe('Use is counted from zero again each local month, or each tier year'),
    starts: z
      .string()
      .regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'MM-DD')
      .default('01-01')
      .describe(
        'First day of the tier year, MM-DD; 02-29 is 1 March in other years. Without meaning for months, which start on their first day',
      ),
    countedPer: z
      .enum(['account', 'meter', 'room'])
      .default('account')
      .describe('Whose use adds up: all meters of the account, each meter alone, or the meters of a room'),
    edges: z
      .array(
        z
          .strictObject({
            months: months.optional(),
            above: z
              .array(quantity)
              .max(9)
              .describe('Tier 2 is what goes above the first edge, and so on; empty: all use is tier 1'),
          })
          .describe('Edges of the months it matches'),
      )
      .min(1)
      .describe(
        'The first rule whose months match gives the edges; every month has one. Use exactly on an edge is the lower tier. Counting goes on when the edges change within a period',
      ),
    add: z
      .array(price)
      .optional()
      .describe('Added to the first component\'s price, one entry per tier, lowest first (the first usually "0")'),
    household: z
      .array(
        z.strictObject({
          heads: z.int().min(1).max(99).describe('From so many persons on'),
          more: quantity.describe('Added to every edge, kWh or m³ a period'),
        }),
      )
      .min(1)
      .optional()
      .describe("Extra allowance by household size, by the rooms' heads: the last row whose heads are reached"),
    newTenant: z
      .enum(['startsAtZero', 'takesOver'])
      .optional()
      .describe(
        'Counted per meter or room, a new tenant starts at zero (default), or takes over what was counted in the period',
      ),
    opening: z
      .enum(['whole', 'byMonths'])
      .optional()
      .describe(
        'An account opened within a tier year has whole edges (default), or a twelfth of each for every month left, the month of opening included',
      ),
  })
  .describe('Tiers (阶梯): the more is used in a period, the higher the price');

export const versionSchema = z
  .strictObject({
    from: localMinute.describe(
      'Local minute from which it holds, until the next version; an interval over it is split there',
    ),
    calendar: z
      .array(calendarRuleSchema)
      .min(1)
      .optional()
      .describe(
        'The first rule whose months and days match a local day gives its bands; every day has one. Absent: one band, flat',
      ),
    components: z.array(componentSchema).min(1).max(12).describe('A unit costs the sum of its components'),
    tiers: tiersSchema.optional(),
  })
  .describe('Prices from one minute on; what was used before keeps the prices it had');

const tariffShape = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, . _ - (at most 64)'),
    name: z.string().trim().min(1).max(80),
    utility: z.enum(['electricity', 'water']).describe('Priced per kWh or per m³'),
    holidays: z
      .record(z.iso.date('a date, YYYY-MM-DD'), z.enum([...weekdays, 'holiday']))
      .default({})
      .describe('Local date → holiday, or the weekday that a make-up workday (调休) counts as'),
    versions: z.array(versionSchema).min(1).describe('In order of time'),
  })
  .describe('What a kWh or m³ costs, at which local time, in which tier');

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
    if (!isDay(version.from.slice(0, 10))) yield { path: [...at, 'from'], message: 'a day of the calendar' };
    if (before && before.from >= version.from)
      yield { path: [...at, 'from'], message: `later than the version before (${before.from})` };
    yield* calendarMistakes(version, at, tariff.holidays);
    yield* componentMistakes(version, at);
    yield* tierMistakes(version, at);
  }
}

/** 2026-02-30 has the right shape and is no day. */
function isDay(date: string): boolean {
  const atMs = Date.parse(`${date}T00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(date);
}

function* calendarMistakes(
  version: TariffVersion,
  at: (string | number)[],
  holidays: Tariff['holidays'],
): Generator<Mistake> {
  const rules = version.calendar ?? [];
  for (const [r, rule] of rules.entries()) {
    const path = [...at, 'calendar', r, 'starts'];
    for (const [s, [start]] of rule.starts.entries()) {
      const previous = rule.starts[s - 1];
      if (previous && previous[0] >= start) yield { path: [...path, s, 0], message: `later than ${previous[0]}` };
    }
  }
  const gap =
    rules.length === 0 ? undefined : daysListed(holidays).find(([month, day]) => !rules.some(matches(month, day)));
  if (gap)
    yield {
      path: [...at, 'calendar', rules.length - 1],
      message: `a rule for every day: none matches ${gap[1]} in month ${gap[0]}`,
    };
}

const everyMonth = Array.from({ length: 12 }, (_, i) => i + 1);

function bandsOf(version: TariffVersion): Set<Band> {
  return new Set(version.calendar?.flatMap((rule) => rule.starts.map(([, name]) => name)) ?? ['flat']);
}

/** Tiers of the months that have most. */
export function tierCountOf({ tiers }: TariffVersion): number {
  return Math.max(0, ...(tiers?.edges.map(({ above }) => above.length) ?? [])) + 1;
}

function* componentMistakes(version: TariffVersion, at: (string | number)[]): Generator<Mistake> {
  const used = bandsOf(version);
  const names = new Set<string>();
  const tierCount = tierCountOf(version);
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
  const path = [...at, 'tiers'];
  // A leap year: 29 February may start a tier year.
  if (!isDay(`2028-${tiers.starts}`)) yield { path: [...path, 'starts'], message: 'a day of the calendar, MM-DD' };
  for (const [e, rule] of tiers.edges.entries())
    for (const [i, edge] of rule.above.entries()) {
      const lower = rule.above[i - 1];
      if (lower !== undefined && Number(lower) >= Number(edge))
        yield { path: [...path, 'edges', e, 'above', i], message: `greater than ${lower}` };
    }
  const gap = everyMonth.find((month) => !tiers.edges.some(({ months }) => !months || months.includes(month)));
  if (gap !== undefined)
    yield {
      path: [...path, 'edges', tiers.edges.length - 1],
      message: `a rule for every month: none matches month ${gap}`,
    };
  if (tiers.newTenant === 'takesOver' && tiers.countedPer === 'account')
    yield {
      path: [...path, 'newTenant'],
      message: 'startsAtZero: counted per account, a new tenant has a counter of his own',
    };
  const count = tierCountOf(version);
  if (tiers.add && tiers.add.length !== count)
    yield { path: [...path, 'add'], message: `${count} prices, one per tier` };
  for (const [i, { heads }] of (tiers.household ?? []).entries()) {
    const fewer = tiers.household?.[i - 1]?.heads ?? 0;
    if (fewer >= heads) yield { path: [...path, 'household', i, 'heads'], message: `more than ${fewer}` };
  }
}

export const tariffSchema = tariffShape.superRefine((tariff, context) => {
  for (const { path, message } of mistakes(tariff)) context.addIssue({ code: 'custom', path, message });
});
