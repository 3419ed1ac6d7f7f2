/** The home page: how the site is now, and today beside yesterday. */
import { meterStates, type OpOutcome } from '../../../protocol/ops.ts';
import { daysCompared, homeState } from '../../domain/home.ts';
import type { Core } from '../core.ts';
import { buildingOfRoom } from '../scope.ts';
import { durable, found, type Answers } from './answer.ts';

export const homeAnswers: Answers<'getHome'> = {
  getHome: ({ core, who }) => durable(core, () => home(core, who.buildings ?? null)),
};

/** `buildings`: those the asker may see, and then no figures of the whole site; null: all. */
function home(core: Core, buildings: readonly string[] | null): OpOutcome {
  const context = core.context();
  const shown = (room: string | null): boolean => {
    const building = buildings && buildingOfRoom(core, room);
    return buildings === null || (building != null && buildings.includes(building));
  };
  const states = Object.fromEntries(meterStates.map((state) => [state, 0])) as Record<
    (typeof meterStates)[number],
    number
  >;
  let meters = 0;
  for (const { state, live } of core.meters.values()) {
    if (state.config === null || !shown(state.place.room)) continue;
    meters += 1;
    states[homeState(state, live, context)] += 1;
  }
  let lowMoney = 0;
  for (const { state } of core.wallets.values()) if (state.level > 0 && state.rooms.some(shown)) lowMoney += 1;
  const { today, yesterdaySoFar, yesterday } = daysCompared(core.directory.time, context.nowMs);
  const { siteUse } = core.projections;
  return found<'getHome'>({
    ...{ meters, states, lowMoney, siteTimeMs: context.nowMs },
    days:
      buildings === null
        ? {
            today: siteUse.between(...today),
            yesterdaySoFar: siteUse.between(...yesterdaySoFar),
            yesterday: siteUse.between(...yesterday),
          }
        : null,
  });
}
