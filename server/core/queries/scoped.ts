/** Answers of the whole site as people see them who are limited to buildings: what lies elsewhere is left out. */
import { ops, type OpOutcome, type OpResult, type QueryName } from '../../../protocol/ops.ts';
import type { Op } from '../../../protocol/ops/op.ts';
import { assert } from '../../domain/assert.ts';
import type { Core } from '../core.ts';
import {
  buildingOfRoom,
  buildingsOfAccount,
  buildingsOfLine,
  buildingsOfMeter,
  buildingsOfRiser,
  buildingsOfTag,
} from '../scope.ts';

type Within = (buildings: readonly (string | undefined)[] | null) => boolean;
type Filters = {
  readonly [Q in QueryName]?: (core: Core, within: Within, result: OpResult<Q>) => OpResult<Q>;
};

/** What is said of no room concerns the whole site, and everyone. */
const ofRoomOrSite = (core: Core, within: Within, room: string | null): boolean =>
  room === null || within([buildingOfRoom(core, room)]);

const ofAccount = (core: Core, within: Within, account: string | null): boolean =>
  account !== null && within(buildingsOfAccount(core, account));

const filters: Filters = {
  // Counted and paged where they are found, so filtered there.
  getAccounts: (_core, _within, found) => found,
  getOwnerWallets: (_core, _within, found) => found,
  getHome: (_core, _within, found) => found,
  getSiteOrders: (_core, _within, found) => found,
  getOrderTotals: (_core, _within, found) => found,
  // By person, too.
  getApprovals: (_core, _within, found) => found,
  getApprovalHistory: (_core, _within, found) => found,
  getEmergencies: (_core, within, { items, rules }) => ({
    items: items.filter(({ place }) => within([place.building])),
    rules,
  }),
  getEmergencyHistory: (_core, within, { items, cursor }) => ({
    items: items.filter(({ place }) => within([place.building])),
    cursor,
  }),
  getOpenings: (core, within, { items, cursor }) => ({
    items: items.map((list) => ({
      ...list,
      items: list.items.filter(({ account }) => ofAccount(core, within, account)),
    })),
    cursor,
  }),
  getControlMeters: (core, within, { items }) => ({
    items: items.filter(({ meter }) => within(buildingsOfMeter(core, meter))),
  }),
  getInterlock: (core, within, { limit, items }) => ({
    limit,
    items: items.filter(({ room }) => within([buildingOfRoom(core, room)])),
  }),
  getGroups: (_core, within, { items }) => ({ items: items.filter(({ buildings }) => within(buildings)) }),
  getGroupHistory: (_core, within, { items, cursor }) => ({
    items: items.filter(({ buildings }) => within(buildings)),
    cursor,
  }),
  getTags: (core, within, { items }) => ({ items: items.filter((tag) => within(buildingsOfTag(core, tag))) }),
  getRisers: (core, within, { items }) => ({ items: items.filter(({ id }) => within(buildingsOfRiser(core, id))) }),
  getMeterUse: (core, within, { dayMs, items }) => ({
    dayMs,
    items: items.filter(({ meter }) => within(buildingsOfMeter(core, meter))),
  }),
  getLayout: (_core, within, layout) => ({ ...layout, buildings: layout.buildings.filter(({ id }) => within([id])) }),
  getLines: (core, within, { items }) => ({ items: items.filter(({ id }) => within(buildingsOfLine(core, id))) }),
  // What the site as a whole has earned and owes is no business of one building.
  getSystem: (_core, _within, system) => ({ ...system, ledger: { ...system.ledger, accounts: [] } }),
  getAllowances: (core, within, { items }) => ({
    items: items.filter(({ account }) => ofAccount(core, within, account)),
  }),
  getLowMoney: (core, within, { items }) => ({
    items: items.filter(({ wallet }) => ofAccount(core, within, wallet.account)),
  }),
  getMeterMoney: (core, within, { items }) => ({
    items: items.filter(({ account }) => ofAccount(core, within, account)),
  }),
  getAlarms: (core, within, { seq, alarms }) => ({
    seq,
    alarms: alarms.filter(({ room }) => ofRoomOrSite(core, within, room)),
  }),
  getAlarmHistory: (core, within, { items, cursor }) => ({
    items: items.filter(({ room }) => ofRoomOrSite(core, within, room)),
    cursor,
  }),
  getNotices: (core, within, { items, cursor }) => ({
    items: items.filter(({ account }) => ofAccount(core, within, account)),
    cursor,
  }),
  getNoticeSettings: (core, within, view) => ({
    ...view,
    calls: view.calls.filter(({ alarm: id }) => {
      const alarm = core.alarms.alarms[id];
      return alarm !== undefined && ofRoomOrSite(core, within, alarm.room);
    }),
  }),
  getOutbox: (core, within, outbox) => ({
    ...outbox,
    items: outbox.items.filter(({ account }) => ofAccount(core, within, account)),
  }),
  getDeadNotices: (core, within, { items, cursor }) => ({
    items: items.filter(({ account }) => ofAccount(core, within, account)),
    cursor,
  }),
  findMeters: (core, within, { items }) => ({
    items: items.filter(({ room }) => within([buildingOfRoom(core, room)])),
  }),
  getQuarantined: (core, within, { items }) => ({
    items: items.filter(({ id }) => within(buildingsOfMeter(core, id))),
  }),
  getTariffMeters: (core, within, { items }) => ({
    items: items.filter(({ meter }) => within(buildingsOfMeter(core, meter))),
  }),
};

export function onlyWithin<Q extends QueryName>(
  core: Core,
  op: Q,
  buildings: readonly string[],
  outcome: OpOutcome,
): OpOutcome {
  const filter = filters[op];
  const { scope }: Op = ops[op];
  assert(scope !== 'filtered' || filter !== undefined, `${op} promises to leave out what lies elsewhere`);
  if (!outcome.ok || filter === undefined) return outcome;
  const within: Within = (places) =>
    places !== null && places.some((each) => each !== undefined && buildings.includes(each));
  // The table's result type belongs to the name: TypeScript loses that link in a generic index.
  const run = filter as (core: Core, within: Within, result: OpResult<Q>) => OpResult<Q>;
  return { ok: true, result: run(core, within, outcome.result as OpResult<Q>) };
}
