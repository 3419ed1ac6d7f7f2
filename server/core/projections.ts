/**
 * What follows from the journal without being anyone's state: fed by sealed commits while the core runs and by the
 * journal at recovery, written down like any actor. A snapshot may hold a commit already: each is folded once.
 */
import { LEDGER_SCHEMA, transfersOf } from '../domain/ledger.ts';
import type { JsonObject } from '../domain/json.ts';
import { SITE_USE_SCHEMA, SiteUse } from '../domain/siteUse.ts';
import type { Snapshot, StoredEvent } from '../store/store.ts';
import { idOf, kindOf } from './kinds.ts';
import { LedgerFold, ledgerKey } from './ledgerFold.ts';

const SITE_USE = 'siteUse:site';
const schemas: Readonly<Record<string, number>> = { ledger: LEDGER_SCHEMA, siteUse: SITE_USE_SCHEMA };
const NONE: readonly string[] = [];

/** Schema of a projection's snapshots; undefined for what is none. */
export const projectionSchema = (kind: string): number | undefined => schemas[kind];

export class Projections {
  readonly ledger = new LedgerFold();
  readonly siteUse = new SiteUse();
  #siteUseCommit = 0;

  load({ key, commit, state }: Pick<Snapshot, 'key' | 'commit' | 'state'>): void {
    if (key === SITE_USE) {
      this.siteUse.load(state);
      this.#siteUseCommit = commit;
    } else this.ledger.loadShard(Number(idOf(key)), commit, state);
  }

  /** Keys of what changed, some more than once. `atMs`: site time of the commit. */
  fold(number: number, event: StoredEvent, atMs: number): readonly string[] {
    const transfers = transfersOf(event);
    // What a meter charges itself is use without a transfer.
    if (transfers.length === 0 && event.type !== 'ConsumptionShadowed') return NONE;
    const touched = this.ledger.fold(number, transfers).map(ledgerKey);
    if (number > this.#siteUseCommit) {
      this.siteUse.fold(event, transfers, atMs);
      touched.push(SITE_USE);
    }
    return touched;
  }

  /** State for a snapshot; null for what is no projection. */
  capture(key: string): { readonly schema: number; readonly state: JsonObject } | null {
    const schema = schemas[kindOf(key)];
    if (schema === undefined) return null;
    return { schema, state: key === SITE_USE ? this.siteUse.capture() : this.ledger.capture(Number(idOf(key))) };
  }
}
