/** Load snapshots, replay the tail, verify. Missing, old, corrupt or newer ones end in a clear message, never in a guess. */
import { z } from 'zod';
import type { MeterState } from '../domain/meter/state.ts';
import { chargedUpTo } from '../domain/wallet/decide.ts';
import type { WalletState } from '../domain/wallet/state.ts';
import { BOUNDS, SNAPSHOT_INDEX, SnapshotPlan } from '../runtime/snapshots.ts';
import { StoreError, type Head, type Snapshot, type Store } from '../store/store.ts';
import { idOf, isKind, kindOf, kinds, SchemaError, type KindName } from './kinds.ts';
import type { LedgerFold } from './ledgerFold.ts';
import { Projections, projectionSchema } from './projections.ts';

export type Recovered = {
  readonly head: Head;
  readonly states: ReadonlyMap<string, unknown>;
  readonly projections: Projections;
  readonly plan: SnapshotPlan;
  /** Site time of the last commit; null for an empty journal. */
  readonly lastMs: number | null;
  readonly replayed: number;
};

const indexSchema = z.compile(z.record(z.string(), z.int()));

function refuseSnapshot(key: string, why: string): never {
  throw new StoreError(
    'corrupt',
    `snapshot of ${key}: ${why}, and the journal no longer goes back far enough; restore a backup`,
  );
}

/** A state, or a part of a projection. Throws SchemaError for what this program cannot read. */
function load(snapshot: Snapshot, states: Map<string, unknown>, projections: Projections): void {
  const { key, schema, state } = snapshot;
  const kind = kindOf(key);
  const newest = isKind(kind) ? kinds[kind].schema : (projectionSchema(kind) ?? 0);
  if (schema > newest)
    throw new SchemaError(
      `snapshot of ${key} has schema ${schema}; this program knows ${newest}: run the newer program`,
    );
  if (projectionSchema(kind) !== undefined) projections.load(snapshot);
  else if (isKind(kind)) states.set(key, kinds[kind].parseState(key, state));
  else throw new SchemaError(`snapshot of an unknown kind: ${key}`);
}

/** The journal that went with them is gone: each snapshot that was written must be there, and not older. */
async function proveWritten(store: Store, written: ReadonlyMap<string, number>): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await store.range({
      kind: SNAPSHOT_INDEX,
      index: 'all',
      limit: 100,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { value } of page.items) {
      for (const [key, commit] of Object.entries(indexSchema.parse(value))) {
        const found = written.get(key);
        if (found === undefined) refuseSnapshot(key, 'missing');
        if (found < commit) refuseSnapshot(key, `old (commit ${found}, ${commit} was written)`);
      }
    }
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
}

/** Rejects with StoreError or SchemaError. */
export async function recover(store: Store, head: Head, bounds = BOUNDS): Promise<Recovered> {
  const oldest = await store.oldest();
  const trimmed = oldest > 1;
  const states = new Map<string, unknown>();
  const written = new Map<string, number>();
  const projections = new Projections();
  for await (const page of store.snapshots()) {
    for (const snapshot of page) {
      if (!('reason' in snapshot)) {
        load(snapshot, states, projections);
        written.set(snapshot.key, snapshot.commit);
      } else if (trimmed) refuseSnapshot(snapshot.key, snapshot.reason);
      // else replay makes it anew
    }
  }
  if (trimmed) await proveWritten(store, written);
  const plan = new SnapshotPlan(bounds, oldest, written);
  let lastMs: number | null = null;
  let replayed = 0;
  for await (const entry of store.journal(oldest)) {
    lastMs = entry.atMs;
    for (const event of entry.events) {
      for (const key of projections.fold(entry.number, event, entry.atMs)) plan.replayed(key, entry.number);
      if ((written.get(event.key) ?? 0) >= entry.number) continue;
      const kind = kindOf(event.key);
      if (!isKind(kind)) throw new SchemaError(`event ${event.type} of an unknown kind: ${event.key}`);
      states.set(event.key, applyTo(kind, states.get(event.key), event));
      plan.replayed(event.key, entry.number);
      replayed += 1;
    }
  }
  verify(states, projections.ledger);
  return { head, states, projections, plan, lastMs, replayed };
}

function applyTo(kind: KindName, state: unknown, event: Parameters<(typeof kinds)[KindName]['apply']>[1]): unknown {
  // Kind and state belong together by the key; the table's union cannot say so.
  const entry = kinds[kind] as { initial: unknown; apply: (state: unknown, stored: typeof event) => unknown };
  return entry.apply(state ?? entry.initial, event);
}

/** Laws 1 and 2 at rest. Throws StoreError `corrupt`. */
function verify(states: ReadonlyMap<string, unknown>, ledger: LedgerFold): void {
  for (const [key, state] of states) {
    if (kindOf(key) === 'wallet') {
      const { balanceMicro, charging } = state as WalletState;
      ledger.compare(idOf(key), balanceMicro);
      if (charging && charging.phase !== 'ended')
        ledger.compareMeter(charging.meter, charging.last?.remainingMicro ?? 0);
    }
    if (kindOf(key) === 'meter') verifyMeter(key, state as MeterState, states);
  }
  if (ledger.imbalanceMicro !== 0) {
    throw new StoreError('corrupt', `the ledger and the wallets differ by ${ledger.imbalanceMicro} micro-yuan (law 1)`);
  }
}

function verifyMeter(key: string, meter: MeterState, states: ReadonlyMap<string, unknown>): void {
  if (meter.place.wallet === null) return;
  const wallet = states.get(`wallet:${meter.place.wallet}`) as WalletState | undefined;
  const own = wallet?.meters.find(({ id }) => id === idOf(key));
  // A crash came between changing hands, or tariffs, and the wallet's taking over: what was before had been charged.
  const before = (meter.pending[0]?.sequence ?? meter.sequence + 1) - 1;
  const charged = own && own.tariff === meter.config?.tariff ? chargedUpTo(wallet, idOf(key)) : before;
  if (charged > meter.sequence)
    throw new StoreError(
      'corrupt',
      `${key} was charged up to #${charged} but measured up to #${meter.sequence} (law 2)`,
    );
  const oldestPending = meter.pending.find((one) => one.sequence > charged)?.sequence;
  if (charged < meter.sequence && oldestPending !== charged + 1) {
    throw new StoreError('corrupt', `${key}: charge #${charged + 1} is lost (law 2)`);
  }
}
