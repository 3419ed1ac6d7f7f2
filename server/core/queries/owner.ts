/** Answers about the owner's wallets: what vacancy and public meters have used and cost. */
import type { Who } from '../../../protocol/ipc.ts';
import type { OwnerRow } from '../../../protocol/ops/owner.ts';
import { chargeSchema, type Charge, type OpOutcome, type OpParams } from '../../../protocol/ops.ts';
import { ownMicro } from '../../domain/wallet/standing.ts';
import type { WalletState } from '../../domain/wallet/state.ts';
import type { Core } from '../core.ts';
import { buildingsOfWallet } from '../scope.ts';
import { placeOfOwnerWallet } from '../tenancies.ts';
import { durable, found, type Answers } from './answer.ts';
import { openCharges } from './money.ts';
import { paidMicroOf } from './statement.ts';

export const ownerAnswers: Answers<'getOwnerWallets'> = {
  getOwnerWallets: ({ core, who }, params) => ownerWallets(core, who, params),
};

const PAGE = 500;
/** Charges of one wallet that are added up: half a year of one meter that always runs. */
const MOST = 20_000;
type Span = { readonly min?: number; readonly max?: number };
type Used = Pick<OwnerRow, 'energyWh' | 'waterLitres' | 'chargedMicro' | 'whole'>;
type Placed = Omit<OwnerRow, keyof Used>;
const byName = new Intl.Collator('zh', { numeric: true });

function placed(core: Core, wallet: string, state: WalletState): Placed {
  const place = placeOfOwnerWallet(wallet);
  const room = core.directory.rooms.get(place);
  const building = room?.building ?? buildingsOfWallet(core, wallet)?.[0] ?? null;
  return {
    ...{ wallet, room: room ? place : null, roomName: room?.name ?? null, building },
    buildingName: building === null ? null : (core.directory.get('building', building)?.name ?? building),
    meters: state.meters.map(({ id }) => id),
    allMicro: -ownMicro(state),
  };
}

async function ownerWallets(
  core: Core,
  { buildings }: Who,
  { fromMs, toMs, building, cursor, limit }: OpParams<'getOwnerWallets'>,
): Promise<OpOutcome> {
  const all = [...core.wallets].flatMap(([wallet, { state }]) => {
    if (state?.kind !== 'owner' || (state.meters.length === 0 && ownMicro(state) === 0)) return [];
    const within = buildings === undefined && building === undefined ? null : buildingsOfWallet(core, wallet);
    const lies = (wanted: readonly string[] | undefined): boolean =>
      wanted === undefined || (within?.some((each) => wanted.includes(each)) ?? false);
    return lies(buildings) && lies(building === undefined ? undefined : [building])
      ? [placed(core, wallet, state)]
      : [];
  });
  const order = ({ buildingName, roomName, wallet }: Placed): string[] => [buildingName ?? '', roomName ?? '', wallet];
  all.sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    return left.map((text, i) => byName.compare(text, right[i] ?? '')).find((way) => way !== 0) ?? 0;
  });
  const span = { ...(fromMs === undefined ? {} : { min: fromMs }), ...(toMs === undefined ? {} : { max: toMs }) };
  const start = Number(cursor ?? 0);
  const items: OwnerRow[] = [];
  for (const row of all.slice(start, start + limit))
    items.push({ ...row, ...(await usedOver(core, row.wallet, span)) });
  const next = start + items.length;
  const allMicro = all.reduce((sum, row) => sum + row.allMicro, 0);
  return durable(core, () =>
    found<'getOwnerWallets'>({
      ...{ items, total: all.length, allMicro },
      cursor: next < all.length ? String(next) : null,
    }),
  );
}

/** A charge belongs to the time in which it ends, as in a statement. */
async function usedOver(core: Core, wallet: string, span: Span): Promise<Used> {
  const sums = { energyWh: 0, waterLitres: 0, chargedMicro: 0 };
  const add = (charge: Charge): void => {
    // Each component is charged for the same quantity.
    const component = charge.lines[0]?.component;
    const units = charge.lines.reduce((sum, line) => sum + (line.component === component ? line.quantity : 0), 0);
    sums[charge.utility === 'electricity' ? 'energyWh' : 'waterLitres'] += units;
    sums.chargedMicro += paidMicroOf(charge);
  };
  const open = openCharges(core, wallet).filter(({ toMs }) => (span.min ?? toMs) <= toMs && toMs <= (span.max ?? toMs));
  for (const charge of open) add(charge);
  const ofOpen = new Set(open.map(({ id }) => id));
  let cursor: string | null = null;
  for (let read = 0; read < MOST; read += PAGE) {
    const page: Awaited<ReturnType<Core['options']['store']['range']>> = await core.options.store.range({
      ...{ kind: 'charge', index: `wallet:${wallet}`, limit: PAGE, ...span },
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { value } of page.items) if (!ofOpen.has(String(value.id))) add(chargeSchema.parse(value));
    cursor = page.cursor;
    if (cursor === null) return { ...sums, whole: true };
  }
  return { ...sums, whole: false };
}
