/** What the mass-cut interlock holds, with what a person has to know before it is let go. */
import type { Core } from '../core.ts';
import { durable, found, type Answers } from './answer.ts';

export const interlockAnswers: Answers<'getInterlock'> = {
  getInterlock: ({ core }) =>
    durable(core, () =>
      found<'getInterlock'>({
        limit: core.directory.site.rules.massCutLimit,
        items: core.interlock.held.flatMap((meter) => heldOf(core, meter) ?? []),
      }),
    ),
};

function heldOf(core: Core, meter: string) {
  const state = core.meters.get(meter)?.state;
  if (!state?.config) return null;
  const { room, account } = state.place;
  const wallet = state.place.wallet === null ? undefined : core.wallets.get(state.place.wallet)?.state;
  return {
    ...{ meter, utility: state.config.utility, room, account, cutSinceMs: state.cutSinceMs },
    roomName: room === null ? null : (core.directory.rooms.get(room)?.name ?? null),
    tenant: account === null ? null : (core.directory.get('account', account)?.name ?? null),
    ...{ balanceMicro: wallet?.balanceMicro ?? null, warnedMs: wallet?.warnedMs ?? null },
    heldMs: core.interlock.since?.[meter] ?? null,
  };
}
