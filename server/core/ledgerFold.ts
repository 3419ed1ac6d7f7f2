/** The ledger projection while the core runs: fed by sealed commits, written down in shards like any actor. */
import { z } from 'zod';
import { onMeter } from '../domain/charging/decide.ts';
import { Ledger, type Transfer } from '../domain/ledger.ts';
import type { JsonObject } from '../domain/json.ts';
import { shardOf } from '../runtime/snapshots.ts';

export const LEDGER_SHARDS = 64;
export const ledgerKey = (shard: number): string => `ledger:${shard}`;
const NONE: readonly number[] = [];
const shardSchema = z.compile(z.strictObject({ balances: z.record(z.string(), z.int()) }));

export class LedgerFold {
  readonly ledger = new Ledger();
  readonly #accounts: Set<string>[] = Array.from({ length: LEDGER_SHARDS }, () => new Set());
  /** Ledger accounts of wallets and meters whose own fold differed when last compared, by how much. */
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
    for (const [account, balance] of Object.entries(balances)) {
      this.#accounts[shard]?.add(account);
      this.ledger.add(account, balance);
    }
    this.#shardCommit[shard] = commit;
  }

  /** Returns the shards touched, some of them more than once. */
  fold(number: number, transfers: readonly Transfer[]): readonly number[] {
    if (transfers.length === 0) return NONE;
    const touched: number[] = [];
    for (const { from, to, amountMicro } of transfers) {
      this.#move(number, from, -amountMicro, touched);
      this.#move(number, to, amountMicro, touched);
    }
    return touched;
  }

  /** A snapshot of the account's shard may hold the movement already. */
  #move(number: number, account: string, signed: number, touched: number[]): void {
    const shard = shardOf(account, LEDGER_SHARDS);
    if ((this.#shardCommit[shard] ?? 0) >= number) return;
    this.#accounts[shard]?.add(account);
    this.ledger.add(account, signed);
    touched.push(shard);
  }

  /** A wallet's own balance at the same commit. */
  compare(wallet: string, balanceMicro: number): void {
    this.#compare(`wallet:${wallet}`, balanceMicro);
  }

  /** Our book of a meter that keeps its money. */
  compareMeter(meter: string, remainingMicro: number): void {
    this.#compare(onMeter(meter), remainingMicro);
  }

  #compare(account: string, balanceMicro: number): void {
    const difference = this.ledger.balance(account) - balanceMicro;
    if (difference === 0) this.#differences.delete(account);
    else this.#differences.set(account, difference);
  }

  capture(shard: number): JsonObject {
    const balances: Record<string, number> = {};
    for (const account of this.#accounts[shard] ?? []) balances[account] = this.ledger.balance(account);
    return { balances };
  }
}
