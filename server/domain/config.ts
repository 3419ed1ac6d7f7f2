/** Configuration of a site: events from the first day, one entity each, so that snapshots stay small. */
import { z } from 'zod';
import { floorSchema, lineSchema, operatorSchema, siteRulesSchema, utilities } from '../../protocol/site.ts';
import { profileOptionsSchema } from '../../protocol/profileOptions.ts';
import { accountDetailsSchema, openingPlanSchema } from '../../protocol/accounts.ts';
import { allowanceRuleSchema } from '../../protocol/allowances.ts';
import { accountNoticesSchema, noticeSettingsSchema } from '../../protocol/notices.ts';
import { payments } from '../../protocol/meterMoney.ts';
import { takenAccountSchema } from '../../protocol/takeover.ts';
import { riserSchema } from '../../protocol/risers.ts';
import { controlPlanSchema } from '../../protocol/control.ts';
import { tariffSchema } from '../../protocol/tariff.ts';

export const siteConfigSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  timeZone: z.string(),
  rules: siteRulesSchema,
  profileOptions: profileOptionsSchema.optional(),
  /** Set by the last commit of an import: a site without it was imported by half and does not start. */
  importedMs: z.int().nullable(),
});
/** Taken back; its id stays used. */
const removed = z.boolean().optional();
export const buildingConfigSchema = z.strictObject({ id: z.string(), name: z.string(), position: z.int(), removed });
export const floorConfigSchema = z.strictObject({
  ...floorSchema.shape,
  building: z.string(),
  position: z.int(),
  removed,
});
export const lineConfigSchema = z.strictObject({ ...lineSchema.shape, position: z.int() });
export const accountConfigSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  phone: z.string().nullable(),
  /** Rooms it has now; none before opening and after closing. */
  rooms: z.array(z.string()),
  wallets: z.array(z.string()),
  ...accountDetailsSchema.partial().shape,
  /** Where its money is kept; absent: with us. */
  payment: z.enum(payments).optional(),
  /** The end of the contract of which the tenant was reminded last. */
  contractToldMs: z.int().optional(),
  /** How the tenant wants to be told. */
  notices: accountNoticesSchema.optional(),
  /** Granted anew each period; one of each unit. */
  allowances: z.array(allowanceRuleSchema).optional(),
  /** Another system has kept it before: what of it was taken over, when, by which takeover. */
  takenOver: z.strictObject({ takeover: z.string(), atMs: z.int(), what: takenAccountSchema }).optional(),
  /** The account its meters were handed over to, and the one it had them from. */
  successor: z.string().optional(),
  predecessor: z.string().optional(),
  /** Which utilities its empty wallets cut; absent: as the site has it. */
  arrearsCut: z.array(z.enum(utilities)).optional(),
  /** Entered beforehand, for one-click opening; gone once opened. */
  plan: openingPlanSchema.optional(),
});
export const operatorConfigSchema = z.strictObject({
  ...operatorSchema.shape,
  /** null: no password is set; the link of the invitation sets one. */
  passwordHash: operatorSchema.shape.passwordHash.nullable(),
  disabled: z.boolean(),
  /** The one-time link; real time, epoch ms. Gone once used. */
  invitation: z.strictObject({ tokenHash: z.string(), untilMs: z.int() }).optional(),
});
/** The one-time link of the first administrator; null once used. */
export const setupConfigSchema = z.strictObject({ tokenHash: z.string().nullable() });

/** Taken back, it stays known. */
export const riserConfigSchema = z.strictObject({ ...riserSchema.shape, removed });
export const controlPlanConfigSchema = z.strictObject({ ...controlPlanSchema.shape, removed });

export const configSchemas = {
  site: siteConfigSchema,
  building: buildingConfigSchema,
  floor: floorConfigSchema,
  line: lineConfigSchema,
  tariff: tariffSchema,
  account: accountConfigSchema,
  operator: operatorConfigSchema,
  setup: setupConfigSchema,
  notices: noticeSettingsSchema,
  riser: riserConfigSchema,
  controlPlan: controlPlanConfigSchema,
} as const;
export type ConfigKind = keyof typeof configSchemas;
export type ConfigValue<K extends ConfigKind> = z.infer<(typeof configSchemas)[K]>;
export const CONFIG_SCHEMA = 1;
export const configKinds = Object.keys(configSchemas) as ConfigKind[];
/** Type of the event that sets an entity of a kind: `SiteSet`, `FloorSet` … */
export const setEvent = (kind: ConfigKind): string => `${kind[0]?.toUpperCase()}${kind.slice(1)}Set`;
