/** An account that was taken over, as rows like those of the file: their money adds up to what was signed. */
import type { TakenAccount, TakenRow } from '../../../protocol/takeover.ts';

type Line = Pick<TakenRow, 'wallet' | 'room' | 'meter' | 'index' | 'tierUsed'>;
const unmetered = { meter: null, index: null, tierUsed: null };

export function takenRows(account: TakenAccount, building: string): TakenRow[] {
  const { id, name, phone, sinceMs, rooms, wallets, depositMicro, purchases, meters } = account;
  const metered = new Set(meters.map(({ room }) => room));
  const drawnOn = new Set(meters.map(({ wallet }) => wallet));
  // Of a wallet without a meter is not kept which room it was for.
  const spare = wallets.map((wallet) => wallet.id).filter((wallet) => !drawnOn.has(wallet));
  const lines: Line[] = meters.map(({ meter, room, wallet, index, tierUsed }) => ({
    ...{ meter, room, wallet, index, tierUsed },
  }));
  for (const room of rooms)
    if (!metered.has(room)) lines.push({ ...unmetered, room, wallet: spare.shift() ?? wallets[0]?.id ?? '' });
  for (const wallet of spare) lines.push({ ...unmetered, room: '', wallet });
  const left = new Map(wallets.map((wallet) => [wallet.id, wallet.balanceMicro]));
  return lines.map((line, i) => {
    const balanceMicro = left.get(line.wallet) ?? null;
    left.delete(line.wallet);
    const own = i === 0 ? { depositMicro, purchases } : { depositMicro: null, purchases: null };
    return { id: `${id}/${i}`, account: id, name, phone, sinceMs, building, ...own, ...line, balanceMicro };
  });
}
