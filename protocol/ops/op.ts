/** What an operation is, and the parts their schemas share. */
import { z } from 'zod';
import { roles, type Role } from '../site.ts';

export type OpKind = 'query' | 'command';
/** What lies in a building. */
export type TargetKind =
  | 'building'
  | 'floor'
  | 'room'
  | 'meter'
  | 'line'
  | 'wallet'
  | 'account'
  | 'order'
  | 'alarm'
  | 'notice'
  | 'emergency'
  | 'riser'
  | 'group'
  | 'tag';
export type Op = {
  readonly kind: OpKind;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `{name}` parts come from the path, the rest from the query string (GET) or the JSON body. */
  readonly path: string;
  readonly who: readonly Role[];
  /**
   * For people limited to buildings. Absent: what the parameters name (a room, a meter …) must lie in them, and an
   * operation that names nothing is one of the whole site. `filtered`: the answer leaves out what lies elsewhere.
   * `open`: it has to do with no building. `site`: never for them, whatever it names.
   */
  readonly scope?: 'filtered' | 'open' | 'site';
  /** Parameters that name things under another name than their kind's. */
  readonly targets?: Readonly<Record<string, TargetKind>>;
  /** A change that asks for the password again, if it was not given within `PROOF_MS`. */
  readonly reauth?: true;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly result: z.ZodType;
};
export const op = <const T extends Op>(definition: T): T => definition;

export const id = z.string().min(1).max(80);
export const reason = z.string().trim().min(1, 'a reason').max(200);
/** Positive yuan and cents: payments are in cents (分). */
export const amount = z
  .string()
  .regex(/^\d{1,7}(\.\d{1,2})?$/, 'yuan and at most two decimals, such as "50.00"')
  .refine((text) => Number(text) > 0, 'more than 0');
export const page = { cursor: z.string().optional(), limit: z.coerce.number().int().min(1).max(500).default(50) };
export const ok = z.strictObject({ ok: z.literal(true) });

/**
 * Who may do what, by the work people have. `operator` is the control room's shift and keeps all it could do when there
 * were three roles: it switches, answers alarms and serves the counter.
 */
/** Looks at what is shown. */
export const everyone: readonly Role[] = roles;
/** Sees what is no business of a visitor: colleagues' phones, pushes of the house. */
export const insiders: readonly Role[] = roles.filter((role) => role !== 'viewer');
/** Serves tenants: accounts, payments, deposits. */
export const desk: readonly Role[] = ['administrator', 'manager', 'cashier', 'operator'];
/** Works on meters and breakers and answers their alarms. */
export const field: readonly Role[] = ['administrator', 'manager', 'operator', 'maintenance'];
/** Decides during a shift what was held back by a rule. */
export const controllers: readonly Role[] = ['administrator', 'manager', 'operator'];
/** Describes lines and meters. */
export const engineers: readonly Role[] = ['administrator', 'manager', 'maintenance'];
/** Decides on prices, rules and notices, and approves what others propose. */
export const managers: readonly Role[] = ['administrator', 'manager'];
/** Reads the audit log. */
export const auditors: readonly Role[] = ['administrator', 'manager', 'auditor'];
/** People and the site itself. */
export const admins: readonly Role[] = ['administrator'];
