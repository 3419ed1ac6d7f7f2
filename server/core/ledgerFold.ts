/** The ledger projection while the core runs: fed by sealed commits, written down in shards like any actor. */
import { z } from 'zod';
import { Ledger, transfersOf } from '../domain/ledger.ts';
import type { JsonObject } from '../domain/json.ts';
import { shardOf } from '../runtime/snapshots.ts';
import type { StoredEvent } from '../store/store.ts';

export const LEDGER_SHARDS = 64;
export const ledgerKey = (shard: number): string => `ledger:${shard}`;
const shardSchema = z.strictObject({ balances: z.record(z.string(), z.int()) });

export class LedgerFold {
  readonly ledger = new Ledger();
  readonly #accounts: Set<string>[] = Array.from({ length: LEDGER_SHARDS }, () => new Set());
  /** Wallets whose own fold differed when last compared, by how much. */
  readonly #differences = new Map<string, number>();
  /** Last commit folded into each shard (from snapshots, at recovery). */
  readonly #shardCommit: number[] = new Array<number>(LEDGER_SHARDS).fill(0);

  /** Σ over all accounts, and what the wallets' own folds differ by: 0 or an alarm. */
  get imbalanceMicro(): number {
    let differences = 0;
    for (const difference of this.#differences.values()) differences += Math.abs(difference);
    return Math.abs(this.ledger.sumMicro) + differences;
  }

  loadShard(shard: number, commit: number, state: JsonObject): void {
    const { balances } = shardSchema.parse(state);
    for (const [account, balance] of Object.entries(balances)) this.#add(account, balance);
    this.#shardCommit[shard] = commit;
  }

  /** Returns the shards touched. */
  fold(number: number, event: StoredEvent): Set<number> {
    const touched = new Set<number>();
    for (const { from, to, amountMicro } of transfersOf(event)) {
      for (const [account, signed] of [
        [from, -amountMicro],
        [to, amountMicro],
      ] as const) {
        const shard = shardOf(account, LEDGER_SHARDS);
        if ((this.#shardCommit[shard] ?? 0) >= number) continue;
        this.#add(account, signed);
        touched.add(shard);
      }
    }
    return touched;
  }

  /** A wallet's own balance at the same commit. */
  compare(wallet: string, balanceMicro: number): void {
    const difference = this.ledger.balance(`wallet:${wallet}`) - balanceMicro;
    if (difference === 0) this.#differences.delete(wallet);
    else this.#differences.set(wallet, difference);
  }

  capture(shard: number): JsonObject {
    const balances: Record<string, number> = {};
    for (const account of this.#accounts[shard] ?? []) balances[account] = this.ledger.balance(account);
    return { balances };
  }

  #add(account: string, signed: number): void {
    this.#accounts[shardOf(account, LEDGER_SHARDS)]?.add(account);
    this.ledger.add(account, signed);
  }
}
