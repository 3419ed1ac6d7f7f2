/**
 * The ledger as a projection of the journal: every movement of money is a transfer from one account to another, so the
 * sum over all accounts is always 0 (law 1). It reads stored events alone and shares nothing with the wallets' own fold.
 */
import { z } from 'zod';
import { assert } from './assert.ts';

export const transferSchema = z.strictObject({ from: z.string(), to: z.string(), amountMicro: z.int() });
export type Transfer = z.infer<typeof transferSchema>;

export const ledgerStateSchema = z.strictObject({ balances: z.record(z.string(), z.int()) });
export const LEDGER_SCHEMA = 1;

const none: readonly Transfer[] = [];

/** Money events carry their transfers; no other event moves money. Looked at where they are: a schema would copy each of them. */
export function transfersOf(event: { readonly data: unknown }): readonly Transfer[] {
  const { data } = event;
  if (typeof data !== 'object' || data === null || !('transfers' in data)) return none;
  const { transfers } = data;
  return Array.isArray(transfers) && transfers.every(isTransfer) ? transfers : none;
}

function isTransfer(value: unknown): value is Transfer {
  if (typeof value !== 'object' || value === null) return false;
  if (!('from' in value && 'to' in value && 'amountMicro' in value)) return false;
  const { from, to, amountMicro } = value;
  return typeof from === 'string' && typeof to === 'string' && Number.isSafeInteger(amountMicro);
}

/** Balances by account. Amounts are never negative: the direction says which way money goes. */
export class Ledger {
  readonly balances = new Map<string, number>();
  /** Over all accounts; anything but 0 is an alarm. */
  sumMicro = 0;

  apply(transfer: Transfer): void {
    assert(
      Number.isSafeInteger(transfer.amountMicro) && transfer.amountMicro >= 0,
      'a transfer moves a whole, positive amount',
    );
    this.add(transfer.from, -transfer.amountMicro);
    this.add(transfer.to, transfer.amountMicro);
  }

  add(account: string, amountMicro: number): void {
    this.balances.set(account, (this.balances.get(account) ?? 0) + amountMicro);
    this.sumMicro += amountMicro;
  }

  balance(account: string): number {
    return this.balances.get(account) ?? 0;
  }
}
