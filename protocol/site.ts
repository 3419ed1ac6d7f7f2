/** The site file: what `npm start -- --init --site site.json` imports into an empty store. */
import { z } from 'zod';
import { profileOptionsSchema } from './profileOptions.ts';
import { secondPersonSchema } from './secondPerson.ts';
import { tariffSchema } from './tariff.ts';

export const utilities = ['electricity', 'water'] as const;
export type Utility = (typeof utilities)[number];

export const profileNames = [
  'acrel-ddsy1352',
  'acrel-dtsy1352',
  'eastron-sdm120',
  'eastron-sdm630',
  'xintai-valve-water',
] as const;
export type ProfileName = (typeof profileNames)[number];

/** How the restore after an emergency cut goes on: so many in a step, and the pause between two. */
export const emergencyRestoreSchema = z.strictObject({
  meters: z.int().min(1).max(1_000).default(10),
  pauseMs: z.int().min(1_000).max(3_600_000).default(30_000),
});

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, . _ - (at most 64)');
const name = z.string().trim().min(1).max(80);
/** Decimal yuan with at most six places, as a string: money never passes through a float. */
export const yuan = z.string().regex(/^-?\d{1,9}(\.\d{1,6})?$/, 'decimal yuan, such as "50.00"');
const minuteOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM');

export const transportSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tcp'), host: z.string().min(1), port: z.int().min(1).max(65535) }),
  z.strictObject({ kind: z.literal('rtuTcp'), host: z.string().min(1), port: z.int().min(1).max(65535) }),
  z.strictObject({ kind: z.literal('serial'), path: z.string().min(1) }),
]);

export const lineSchema = z.strictObject({
  id,
  name,
  transport: transportSchema,
  baud: z.int().min(300).max(921_600).default(9600),
  parity: z.enum(['none', 'even', 'odd']).default('none'),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
  /** Longest time a meter needs before it starts to answer, ms. */
  timeoutMs: z.int().min(50).max(30_000).default(500),
  /** Extra silence between a reply and the next request, ms. */
  turnaroundMs: z.int().min(0).max(5_000).default(0),
});

export const meterSchema = z.strictObject({
  id,
  line: id,
  unitId: z.int().min(1).max(247),
  profile: z.enum(profileNames),
  /** As printed on the meter; checked against the register before each trip where the model has one. */
  number: z
    .string()
    .regex(/^\d{1,12}$/, 'up to 12 digits')
    .optional(),
  utility: z.enum(utilities),
  room: id.optional(),
  role: z.enum(['tenant', 'public', 'main']).default('tenant'),
  /** The meter it hangs behind, of the same utility. */
  upstream: id.optional(),
  wallet: id.optional(),
  tariff: id,
  ct: z.int().min(1).max(9999).default(1),
  pt: z.int().min(1).max(9999).default(1),
  /** Greatest power (W) or flow (litres an hour) it can pass: a larger step is doubtful. */
  rating: z.int().min(1).default(15_000),
  pollIntervalMs: z.int().min(500).default(15_000),
  /** An accepted reading older than this is stale: no trip for money. */
  freshnessMs: z.int().min(1_000).default(300_000),
  hasBreaker: z.boolean().default(true),
  /** The meter's own band schedule is the tariff's: its band registers give the proportions. */
  bandsFromMeter: z.boolean().default(false),
});

export const roomSchema = z.strictObject({
  id,
  name,
  areaM2: z.number().positive().optional(),
  heads: z.int().min(0).optional(),
  /** Words to find and choose rooms by: "tenant group B", "corner shop". */
  tags: z
    .array(z.string().trim().min(1).max(40))
    .max(20)
    .refine((tags) => new Set(tags).size === tags.length, 'a tag stands once')
    .optional(),
});
export const floorSchema = z.strictObject({ id, name, rooms: z.array(roomSchema) });
export const buildingSchema = z.strictObject({ id, name, floors: z.array(floorSchema) });

export const walletSchema = z.strictObject({
  id,
  name: name.optional(),
  openingBalance: yuan.default('0'),
  overdraft: yuan.default('0'),
  /** Warning levels, highest first. */
  thresholds: z.array(yuan).min(1).max(10).default(['50', '20', '0']),
});
export const accountSchema = z.strictObject({
  id,
  name,
  phone: z.string().max(30).optional(),
  rooms: z.array(id),
  wallets: z.array(walletSchema).min(1),
});

export const roles = ['administrator', 'manager', 'cashier', 'operator', 'maintenance', 'auditor', 'viewer'] as const;
export type Role = (typeof roles)[number];
export const operatorSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{1,31}$/, 'lower case letters, digits, . _ -'),
  displayName: name,
  role: z.enum(roles),
  /** Limits what is shown and done to these buildings; absent: the whole site. */
  buildings: z.array(id).min(1).max(200).optional(),
  /** `scrypt$N$r$p$salt$hash`, both base64url; made by `npm run -s password`. */
  passwordHash: z.string().startsWith('scrypt$'),
});

/** What a site may choose; the defaults are the rules of the trade. */
export const siteRulesSchema = z.strictObject({
  /** A warning at the last level must be this old before a trip for money, ms. */
  warnBeforeCutMs: z
    .int()
    .min(0)
    .default(30 * 60_000),
  /** No new opening for money between these local times. */
  quietHours: z.array(z.strictObject({ from: minuteOfDay, to: minuteOfDay })).default([{ from: '22:00', to: '08:00' }]),
  /** Local dates on which nothing is newly opened for money; absent: none. */
  quietDays: z.array(z.iso.date()).optional(),
  /** Which utilities an empty wallet cuts; absent: each wallet cuts its own meters. */
  arrearsCut: z.array(z.enum(utilities)).optional(),
  /** More openings for money than this in ten minutes are held for a person. */
  massCutLimit: z.int().min(1).default(10),
  /** A tripped wallet closes again above this balance. */
  restoreAbove: yuan.default('0'),
  /** A balance must rise this far above a level before crossing it again makes a new notice. */
  thresholdHysteresis: yuan.default('1'),
  /** A repeated warning while a balance stays below its level: how many, how far apart. */
  warningRepeats: z.int().min(0).max(20).default(0),
  warningRepeatMs: z
    .int()
    .min(60_000)
    .default(24 * 3_600_000),
  /** An opening for money that holds (a person's, quiet hours, old readings) have delayed this long raises an alarm, ms. */
  cutHeldMs: z
    .int()
    .min(60_000)
    // Longer than the usual quiet hours with the spread after them: those are no news.
    .default(12 * 3_600_000),
  /** How often an account may be given temporary power in a local month. */
  temporaryPowerPerMonth: z.int().min(0).max(100).default(3),
  /** After an emergency cut breakers are let go in steps. */
  emergencyRestore: emergencyRestoreSchema.prefault({}),
  /** Wanted state of a meter in a room without an open account. */
  vacantState: z.enum(['closed', 'open']).default('closed'),
  /** After this silence a meter raises its alarm, ms. */
  meterSilentMs: z
    .int()
    .min(10_000)
    .default(15 * 60_000),
  /** No money is taken that would raise a wallet above this; 0: no limit. */
  balanceMax: yuan.default('0'),
  /** A meter that charges itself may differ so much from our price of the same readings, yuan; absent: 5. */
  meterDriftMax: yuan.optional(),
  /** What one person may not do alone; absent: nothing. */
  secondPerson: secondPersonSchema.optional(),
});

export const siteFileSchema = z.strictObject({
  format: z.literal('wattroom-site/1'),
  site: z.strictObject({
    id,
    name,
    timeZone: z.string().min(1).default('Asia/Shanghai'),
    rules: siteRulesSchema.prefault({}),
  }),
  buildings: z.array(buildingSchema),
  lines: z.array(lineSchema),
  meters: z.array(meterSchema),
  /** Where a delivery of meters is not as the sources have it. */
  profileOptions: profileOptionsSchema.optional(),
  tariffs: z.array(tariffSchema),
  accounts: z.array(accountSchema),
  operators: z.array(operatorSchema).default([]),
});

export type SiteFile = z.infer<typeof siteFileSchema>;
export type SiteFileInput = z.input<typeof siteFileSchema>;
export type LineConfig = z.infer<typeof lineSchema>;
export type MeterConfig = z.infer<typeof meterSchema>;
export type SiteRules = z.infer<typeof siteRulesSchema>;
export type Transport = z.infer<typeof transportSchema>;
