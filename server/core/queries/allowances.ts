/** Who gets which allowance, and what is left of it. */
import type { Core } from '../core.ts';
import { accountStatus } from './accounts.ts';
import { durable, found, type Answers } from './answer.ts';
import { allowanceViews } from './views.ts';

export const allowanceAnswers: Answers<'getAllowances'> = {
  getAllowances: ({ core }) => durable(core, () => found<'getAllowances'>({ items: all(core) })),
};

function all(core: Core) {
  const { nowMs, localDay } = core.context();
  const day = localDay(nowMs);
  return core.directory
    .all('account')
    .filter(({ allowances, id }) => allowances !== undefined && accountStatus(core, id) === 'open')
    .flatMap(({ id, name, rooms, wallets }) =>
      wallets
        .flatMap((wallet) => allowanceViews(core, wallet, day))
        .map((allowance) => ({
          ...{ account: id, name, allowance },
          rooms: rooms.map((room) => core.directory.rooms.get(room)?.name ?? room),
        })),
    );
}
