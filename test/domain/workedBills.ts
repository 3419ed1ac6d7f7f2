/** The worked bills, which an oracle computed apart, read into the product's own tariff format. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { tariffSchema, type Tariff } from '../../protocol/tariff.ts';

const decimal = z.string();
const billSchema = z.object({
  id: z.string(),
  utility: z.enum(['electricity', 'water']),
  timeZone: z.string(),
  holidays: z.record(z.string(), z.string()).optional(),
  tierUseBefore: decimal.optional(),
  multiplier: decimal.optional(),
  versions: z.array(z.record(z.string(), z.unknown())),
  readings: z.array(z.object({ meter: z.string(), time: z.string(), index: decimal })),
  expect: z.object({
    lines: z.array(
      z.object({
        day: z.string(),
        meter: z.string(),
        version: z.string(),
        band: z.string(),
        tier: z.int(),
        component: z.string(),
        price: decimal,
        quantity: decimal,
        amount: decimal,
      }),
    ),
    total: decimal,
  }),
});
export type WorkedBill = z.infer<typeof billSchema> & { readonly tariff: Tariff };

export function workedBills(): WorkedBill[] {
  const file: unknown = JSON.parse(readFileSync(new URL('../data/pricing.json', import.meta.url), 'utf8'));
  return z
    .array(billSchema)
    .parse(file)
    .map((bill) => ({
      ...bill,
      tariff: tariffSchema.parse({
        id: bill.id,
        name: bill.id,
        utility: bill.utility,
        holidays: bill.holidays ?? {},
        versions: bill.versions,
      }),
    }));
}
