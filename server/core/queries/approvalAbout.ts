/** Whom a proposal concerns: its frozen content names a wallet, a meter, a room, an account or an order by id. */
import type { ApprovalAbout } from '../../../protocol/approvals.ts';
import { orderSchema } from '../../../protocol/orders.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Core } from '../core.ts';

export async function aboutOf(core: Core, params: JsonObject): Promise<ApprovalAbout> {
  const order = typeof params.order === 'string' ? await core.options.store.get('order', params.order) : null;
  const ids = order ? orderSchema.parse(order) : params;
  const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const wallet = core.wallets.get(textOf(ids.wallet) ?? '')?.state;
  const account = core.directory.get('account', textOf(ids.account) ?? wallet?.account ?? '');
  const meterRoom = core.meters.get(textOf(params.meter) ?? '')?.state.place.room;
  const rooms = [textOf(ids.room) ?? meterRoom].filter((room) => room != null);
  const shown = rooms.length > 0 ? rooms : (wallet?.rooms ?? account?.rooms ?? []);
  const [first] = shown;
  return {
    tenant: wallet?.holder ?? account?.name ?? (first === undefined ? null : core.directory.tenantOf(first)),
    rooms: shown.map((room) => core.directory.rooms.get(room)?.name ?? room),
    balanceMicro: wallet?.balanceMicro ?? null,
  };
}
