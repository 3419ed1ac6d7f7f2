/** What a recovered state means to people: the few things of each kind that a later program must still say of an old journal. */
import type { Recovered } from '../../server/core/recover.ts';
import { idOf, isKind, kindOf, kinds, type KindName } from '../../server/core/kinds.ts';
import { assert } from '../../server/domain/assert.ts';

type StateOf<K extends KindName> = Exclude<ReturnType<(typeof kinds)[K]['apply']>, null>;

const sayOf: { readonly [K in KindName]: (state: StateOf<K>) => unknown } = {
  site: ({ name, rules }) => [name, rules.massCutLimit],
  building: ({ name, removed }) => [name, removed ?? false],
  floor: ({ name, rooms }) => [name, rooms.map(({ id }) => id)],
  line: ({ name, transport }) => [name, transport.kind],
  tariff: ({ name, utility, versions }) => [name, utility, versions.map(({ from }) => from)],
  account: ({ name, rooms }) => [name, rooms],
  operator: ({ displayName, role, disabled, buildings }) => [displayName, role, disabled ?? false, buildings ?? null],
  setup: () => 'there',
  notices: ({ duty }) => duty.people.map(({ id }) => id),
  riser: ({ name, rooms, meters }) => [name, rooms, meters],
  controlPlan: ({ name }) => name,
  meter: ({ sequence, anchor, place, causes, quarantine, pending, itself, nextTariff, controlPlan }) => [
    ...[sequence, anchor?.index ?? null, place.room, place.wallet, Object.keys(causes).sort()],
    ...[quarantine?.why ?? null, pending.map((one) => one.quantity), itself ?? null],
    ...[nextTariff ?? null, controlPlan ?? null],
  ],
  wallet: ({ balanceMicro, level, exhausted, unbilledMicro, allowances, reserved, charging, settled, temporary }) => ({
    ...{ balanceMicro, level, exhausted, unbilledMicro: unbilledMicro ?? 0, settled: settled ?? null },
    allowances: (allowances ?? []).map(({ unit, lots }) => [unit, lots]),
    reserved: reserved ?? {},
    charging: charging ? [charging.phase, charging.last, charging.queue.map(({ id }) => id)] : null,
    temporary: temporary ?? null,
  }),
  tenancy: ({ status, rooms, depositMicro, settling, settlement }) => [
    ...[status, rooms, depositMicro, settling, settlement !== null],
  ],
  openings: ({ taken, list }) => [taken, list?.items.map(({ account, state }) => [account, state]) ?? null],
  takeover: ({ taken, under }) => [taken, under?.parts ?? null],
  siteImport: ({ taken, under }) => [taken, under && [under.parts, under.rows, under.refused, under.cancelledBy]],
  outbox: ({ taken, pending }) => [
    taken,
    Object.entries(pending).map(([id, { kind, channel }]) => [id, kind, channel]),
  ],
  duty: ({ calls }) => Object.keys(calls).sort(),
  announcements: ({ open }) => open.map(({ id, after }) => [id, after]),
  audit: ({ sequence, hash }) => [sequence, hash],
  approval: ({ taken, open }) => [taken, Object.entries(open).map(([id, { state, op }]) => [id, op, state])],
  handover: ({ taken, waiting }) => [taken, waiting?.id ?? null],
  emergency: ({ taken, jobs }) => [taken, Object.values(jobs).map(({ id, items }) => [id, items])],
  group: ({ taken, jobs }) => [taken, Object.values(jobs).map(({ id, items }) => [id, items])],
  tags: ({ tags }) => Object.keys(tags).sort(),
  links: ({ key }) => key,
  parameters: ({ values, wanted, writing }) => [values, wanted, Object.keys(writing)],
  cashbook: ({ lastReceipt, suspense }) => [lastReceipt, suspense],
  interlock: ({ granted, held }) => [granted.length, held],
  alarms: ({ alarms }) => Object.keys(alarms).sort(),
};

/** By key, and the ledger's balances under `ledger`. */
export function meaningOf({ states, projections }: Recovered): Record<string, unknown> {
  const said = [...states].map(([key, state]) => {
    const kind = kindOf(key);
    assert(isKind(kind), `${idOf(key)} is of no known kind`);
    // Kind and state belong together by the key; the table's union cannot say so.
    const say = sayOf[kind] as (state: unknown) => unknown;
    return [key, say(state)] as const;
  });
  const ledger = Object.fromEntries([...projections.ledger.ledger.balances].filter(([, micro]) => micro !== 0));
  return JSON.parse(JSON.stringify({ ...Object.fromEntries(said), ledger })) as Record<string, unknown>;
}
