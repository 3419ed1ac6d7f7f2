/**
 * What sources do not settle about a meter model (confidence MED and below): to be checked on the first meter of a delivery
 * and set here, for all meters of that model on the site. HIGH facts are no options. In brackets: confidence, source.
 */
import { z } from 'zod';

const settle = (text: string, defaultMs: number) => z.int().min(1).max(60_000).default(defaultMs).describe(text);
const confirm = (text: string, defaultMs: number) => z.int().min(1).max(600_000).default(defaultMs).describe(text);

/** The switch is read back first after the one time, and written again after the other. */
const inOrder = {
  error: 'a time not below that of the first read-back',
  path: ['confirmMs'],
};

export const acrelOptionsSchema = z
  .strictObject({
    relayByte: z
      .enum(['high', 'low'])
      .default('high')
      .describe(
        'Byte of 0x0224 with relay bits and fault; the other one has forced control (MED, VTOOL: the high one)',
      ),
    deepValley: z
      .boolean()
      .default(false)
      .describe('Eight-rate firmware: deep valley energy in the 2 registers at 0x5030 (MED, EMS4J); others refuse it'),
    ownMoney: z
      .enum(['plain', 'no'])
      .default('plain')
      .describe(
        'A meter that keeps the money itself: balance and purchase count by plain FC16 at 0x004E (MED: our own convention, VTOOL uses the private function 0x20), or "no": such accounts are not opened',
      ),
    dateTable: z
      .enum(['monthDayPlan', 'planDayMonth'])
      .default('monthDayPlan')
      .describe('Bytes of an entry of the date table (MED: EMS4J month, day, plan; VTOOL plan, day, month)'),
    settleMs: settle('From the write to the first read-back of the relay, ms (no source: a guess)', 300),
    confirmMs: confirm('Relay not there after this long: written again, ms (no source: a guess)', 3_000),
    openAmpsMax: z
      .number()
      .min(0)
      .max(10)
      .default(0.05)
      .describe('Most current through an open relay, A (no source; one count of the register is 0.01 A, HIGH)'),
  })
  .refine(({ settleMs, confirmMs }) => settleMs <= confirmMs, inOrder);

export const xintaiOptionsSchema = z
  .strictObject({
    order: z
      .enum(['ABCD', 'CDAB', 'BADC', 'DCBA'])
      .default('DCBA')
      .describe(
        'Order of the four bytes of a number; A is the most significant (MED-HIGH, XINTAI: 1E 85 0B 3F is 0.545)',
      ),
    addressShift: z
      .literal([0, -1])
      .default(0)
      .describe('Where the document counts registers from 1: -1 shifts all of them (MED-HIGH, XINTAI is ambiguous)'),
    ownMoney: z
      .enum(['plain', 'no'])
      .default('plain')
      .describe(
        'A meter that keeps m³ itself: remaining m³ at 0x0008 by FC06, one register after the other (LOW: XINTAI names register and function, and no procedure; there is no purchase count), or "no": such accounts are not opened',
      ),
    settleMs: settle('A valve moves from end to end in this time, ms (no source: a guess)', 8_000),
    confirmMs: confirm('Valve not there after this long: written again, ms (no source: a guess)', 60_000),
  })
  .refine(({ settleMs, confirmMs }) => settleMs <= confirmMs, inOrder);

/** By profile; a model that is not named here has nothing to choose. */
export const profileOptionsSchema = z.strictObject({
  'acrel-ddsy1352': acrelOptionsSchema.prefault({}),
  'acrel-dtsy1352': acrelOptionsSchema.prefault({}),
  'xintai-valve-water': xintaiOptionsSchema.prefault({}),
});

export type AcrelOptions = z.infer<typeof acrelOptionsSchema>;
export type XintaiOptions = z.infer<typeof xintaiOptionsSchema>;
export type ProfileOptions = z.infer<typeof profileOptionsSchema>;
export type ProfileOptionsInput = z.input<typeof profileOptionsSchema>;

/** With the values of the sources where nothing is chosen. Throws zod's error where a value cannot be. */
export const profileOptions = (chosen: ProfileOptionsInput = {}): ProfileOptions => profileOptionsSchema.parse(chosen);
