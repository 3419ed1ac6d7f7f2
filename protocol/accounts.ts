/** Accounts: the tenant's contract, what is entered beforehand for opening, and what the account page shows. */
import { z } from 'zod';
import { drawSchema } from './allowances.ts';
import { payments } from './meterMoney.ts';
import { channels } from './orders.ts';
import { walletViewSchema } from './views.ts';
import { desk } from './ops/op.ts';
import { type Role, utilities, yuan } from './site.ts';
import { takenAccountSchema } from './takeover.ts';

export const accountKinds = ['person', 'company'] as const;
const text = (max: number): z.ZodString => z.string().trim().max(max);
const entityId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, . _ - (at most 64)');
const cents = z.string().regex(/^\d{1,7}(\.\d{1,2})?$/, 'yuan and at most two decimals, such as "50.00"');

/** What is known of the tenant. */
export const accountDetailsSchema = z.strictObject({
  kind: z.enum(accountKinds),
  contact: text(80),
  email: z.union([z.literal(''), z.email()]),
  language: z.enum(['zh', 'en']),
  /** Identity card or unified social credit code. */
  idNumber: text(40),
  invoiceTitle: text(120),
  contractFromMs: z.int().nullable(),
  contractUntilMs: z.int().nullable(),
  note: text(500),
});

export const walletName = text(40);

export const openingPlanSchema = z.strictObject({
  rooms: z.array(entityId).min(1, 'at least one room').max(200),
  wallets: z
    .array(
      z.strictObject({
        id: entityId,
        /** As people call it; empty: by its number. */
        name: walletName.default(''),
        /** fee: money for fees alone. No meter draws on it, so it has no levels and never cuts. */
        purpose: z.enum(['use', 'fee']).default('use'),
        overdraft: cents.default('0'),
        /** Warning levels, highest first. */
        thresholds: z.array(yuan).min(1).max(10).default(['50', '20', '0']),
        firstRecharge: z
          .strictObject({ amount: cents, channel: z.enum(channels) })
          .nullable()
          .default(null),
      }),
    )
    .min(1, 'at least one wallet')
    .max(20),
  /** Paid beforehand here or in the meter, or afterwards. */
  payment: z.enum(payments).default('prepaid'),
  /** Post-paid: unbilled use of a wallet that warns, yuan; 0: none. It cuts nothing. */
  creditLimit: cents.default('0'),
  meters: z
    .array(z.strictObject({ meter: entityId, wallet: entityId, tariff: entityId.nullable().default(null) }))
    .max(500),
  deposit: z
    .strictObject({ amount: cents, channel: z.enum(channels) })
    .nullable()
    .default(null),
});
export type OpeningPlan = z.infer<typeof openingPlanSchema>;

/** A register reading typed in, decimal kWh or m³ as the meter shows it, because the meter does not answer. */
export const typedReadingSchema = z.strictObject({
  meter: entityId,
  reading: z.string().regex(/^\d{1,9}(\.\d{1,3})?$/, 'decimal kWh or m³, such as "1234.56"'),
  reason: z.string().trim().min(1, 'a reason').max(200),
});

export const accountStatuses = ['draft', 'opening', 'open', 'closing', 'settling', 'closed'] as const;
/** What a list of accounts can be sorted by. */
export const accountSorts = ['name', 'id', 'rooms', 'phone', 'status', 'balance', 'deposit', 'contractUntil'] as const;
export type AccountSort = (typeof accountSorts)[number];
export type AccountStatus = (typeof accountStatuses)[number];

export const accountRowSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.enum(accountKinds),
  phone: z.string().nullable(),
  status: z.enum(accountStatuses),
  rooms: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  balanceMicro: z.number(),
  depositMicro: z.number(),
  /** The worst warning level of its wallets. */
  level: z.int(),
  contractUntilMs: z.number().nullable(),
  /** It is open, and this end is near by the rule of the reminder, or past. */
  contractEnding: z.boolean(),
});
export type AccountRow = z.infer<typeof accountRowSchema>;

export const movingMeterSchema = z.strictObject({
  meter: z.string(),
  wallet: z.string(),
  typed: z.boolean(),
  trouble: z.enum(['quarantined', 'belowLastReading', 'implausible']).nullable(),
  /** Its money is on its way back first. */
  keepsMoney: z.boolean(),
  placed: z.strictObject({ index: z.number().nullable(), atMs: z.number() }).nullable(),
});

export const accountViewSchema = z.strictObject({
  ...accountRowSchema.shape,
  details: accountDetailsSchema,
  wallets: z.array(walletViewSchema),
  /** Which utilities its empty wallets cut; null: as the site has it. */
  arrearsCut: z.array(z.enum(utilities)).nullable(),
  meters: z.array(
    z.strictObject({
      id: z.string(),
      utility: z.enum(['electricity', 'water']),
      room: z.string().nullable(),
      wallet: z.string(),
      tariff: z.string(),
      index: z.number().nullable(),
    }),
  ),
  plan: openingPlanSchema.nullable(),
  payment: z.enum(payments),
  /** Meters changing hands now. */
  move: z
    .strictObject({
      kind: z.enum(['open', 'close']),
      whole: z.boolean(),
      sinceMs: z.number(),
      meters: z.array(movingMeterSchema),
    })
    .nullable(),
  /** Agreed, and the next account still to open: its own closing has not begun. Absent: none. */
  handOver: z.strictObject({ id: z.string(), name: z.string(), sinceMs: z.number() }).optional(),
  /** Closing: wallets not settled yet, and what each owes beyond the deposit. */
  settling: z.array(z.strictObject({ wallet: z.string(), balanceMicro: z.number(), dueMicro: z.number() })),
  /** The last settlement would have paid out more than it might. */
  settlementHeld: z.boolean(),
  /** Whom its meters were handed over to, and whom it had them from. */
  successor: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  predecessor: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  openedMs: z.number().nullable(),
  closedMs: z.number().nullable(),
  /** What another system had kept of it. */
  takenOver: z
    .strictObject({
      takeover: z.string(),
      atMs: z.number(),
      ...takenAccountSchema.pick({ wallets: true, depositMicro: true, purchases: true, meters: true }).shape,
    })
    .optional(),
});
export type AccountView = z.infer<typeof accountViewSchema>;

/** What a room without an account wants: the site's rule, or what whoever closed it chose until the next one opens. */
export const vacantChoices = ['siteRule', 'closed', 'open'] as const;

/** What closing an account would do now. */
export const closingPreviewSchema = z.strictObject({
  wallets: z.array(
    z.strictObject({
      wallet: z.string(),
      balanceMicro: z.number(),
      /** Of it, what has not been billed: settling takes it. */
      unbilledMicro: z.number(),
      /** Paid out, paid by the deposit, due before anything moves, and dropped below the cent (negative: of a debt). */
      refundMicro: z.number(),
      depositMicro: z.number(),
      dueMicro: z.number(),
      remainderMicro: z.number(),
    }),
  ),
  depositMicro: z.number(),
  depositBackMicro: z.number(),
  dueMicro: z.number(),
  payoutMicro: z.number(),
  /** More than one person may still pay out to this account; null: one person does. */
  secondAboveMicro: z.number().nullable(),
  meters: z.array(
    z.strictObject({
      meter: z.string(),
      room: z.string().nullable(),
      utility: z.enum(['electricity', 'water']),
      /** Primary side, Wh or litres; null before the first reading. */
      index: z.number().nullable(),
      lastReadingMs: z.number().nullable(),
      online: z.boolean(),
      quarantined: z.boolean(),
      /** Measured and not charged yet, Wh or litres. */
      owed: z.number(),
      hasBreaker: z.boolean(),
    }),
  ),
  /** Refunds still to be paid out or cancelled, or to come back from a meter: the account cannot end before. */
  refunds: z.array(z.strictObject({ wallet: z.string(), amountMicro: z.number() })),
  /** What still waits for a second person and names this account, its wallets or its orders. */
  waiting: z.array(z.strictObject({ id: z.string(), op: z.string(), amountMicro: z.number().nullable() })),
  vacantState: z.enum(['closed', 'open']),
});
export type ClosingPreview = z.infer<typeof closingPreviewSchema>;

/** One line of a wallet's statement: what moved and what was left. */
export const statementLineSchema = z.strictObject({
  id: z.string(),
  atMs: z.number(),
  kind: z.string(),
  amountMicro: z.number(),
  /** Of a meter that charges itself: our price of the same use, which moved nothing; `amountMicro` is what it took. */
  shadowMicro: z.number().optional(),
  balanceAfterMicro: z.number(),
  meter: z.string().nullable(),
  quantity: z.number().nullable(),
  estimated: z.boolean(),
  note: z.string(),
  /** Of a transfer: the account's other wallet. */
  other: z.string().nullable(),
  /** What allowances paid of a charge; or what was granted, or went. */
  allowance: z.array(drawSchema),
});
export type StatementLine = z.infer<typeof statementLineSchema>;

/** Who sees a tenant's phone and identity number whole. */
export const seesPersonalData = (role: Role): boolean => desk.includes(role);

/** `138****5678`: enough to recognise, not enough to use. */
export function masked(text: string): string {
  if (text.length <= 4) return '*'.repeat(text.length);
  const shown = text.length >= 9 ? 4 : 1;
  return `${text.slice(0, shown === 4 ? 3 : 1)}${'*'.repeat(text.length - shown - (shown === 4 ? 3 : 1))}${text.slice(-shown)}`;
}
