/** Answers about meters that keep the money themselves. */
import type { MeterMoney } from '../../../protocol/meterMoney.ts';
import { driftOf } from '../../domain/charging/alarms.ts';
import { pendingMicro } from '../../domain/charging/orders.ts';
import type { Standing } from '../../domain/charging/state.ts';
import { keepsLitres, litreMicro } from '../../domain/charging/volume.ts';
import { ownMoneyReasonsOf } from '../commands/charging.ts';
import type { Core } from '../core.ts';
import { tablesNow } from '../meterTables.ts';
import { durable, found, notFound, type Answers } from './answer.ts';

export const chargingAnswers: Answers<'getMeterMoney' | 'checkOwnMoney'> = {
  getMeterMoney: async ({ core }) => {
    const checks = await core.charging.checks.last();
    return durable(core, () => {
      const items = [...core.wallets].flatMap(([wallet, { state }]) => {
        const money = meterMoneyOf(core, wallet);
        if (!money || state.settled) return [];
        const room = state.rooms[0] ?? null;
        const roomName = room === null ? null : (core.directory.rooms.get(room)?.name ?? null);
        const { account, holder } = state;
        return [{ wallet, account, holder, room, roomName, money, check: checks.get(wallet) ?? null }];
      });
      // What needs a person first.
      items.sort((a, b) => Number(b.money.held !== null) - Number(a.money.held !== null));
      return found<'getMeterMoney'>({ items });
    });
  },
  checkOwnMoney: ({ core }, { room }) => {
    if (!core.directory.rooms.has(room)) return notFound('room');
    const meters = [...core.meters].flatMap(([meter, { state }]) =>
      state.place.room === room && state.config?.role === 'tenant'
        ? [{ meter, reasons: ownMoneyReasonsOf(core, meter, null) }]
        : [],
    );
    return found<'checkOwnMoney'>({ meters });
  },
};

const shown = ({ count, remainingMicro, atMs }: Pick<Standing, 'count' | 'remainingMicro' | 'atMs'>) => ({
  ...{ count, remainingMicro, atMs },
});

export function meterMoneyOf(core: Core, wallet: string): MeterMoney | null {
  const charging = core.wallets.get(wallet)?.state.charging;
  if (!charging) return null;
  const { meter, phase, released, last, current, queue, held } = charging;
  const seen = core.charging.seen(charging);
  return {
    ...{ meter, phase, released, pendingMicro: pendingMicro(charging), driftMicro: driftOf(charging) },
    booked: last && shown(last),
    backMicro: charging.backMicro ?? null,
    seen: seen && shown(seen),
    orders: [...(current ? [current] : []), ...queue].map(({ id, kind, amountMicro }) => ({
      ...{ id, kind, amountMicro, count: current?.id === id ? current.count : null },
    })),
    held: held && { ...held, seen: { ...shown(held.seen), count: Math.max(0, held.seen.count) } },
    litreMicro: keepsLitres(charging.settings) ? litreMicro(charging.settings) : null,
    tables: tablesNow(core, charging),
    trouble: core.charging.trouble(wallet),
  };
}
