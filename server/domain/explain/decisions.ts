/** What a movement of money led to, out of the timelines of the rooms it concerns. */
import type { MoneyDecision } from '../../../protocol/explanations.ts';
import type { TimelineEntry } from '../../../protocol/views.ts';

/** Entries of a wallet about its money; each names the movement it follows from, where there was one. */
const ofWallet: Readonly<Record<string, MoneyDecision['kind']>> = {
  LowMoneyWarned: 'warned',
  MoneyExhausted: 'exhausted',
  MoneyRestored: 'restored',
};

type Around = {
  readonly wallet: string;
  readonly meters: ReadonlySet<string>;
  readonly numberOf: (meter: string) => string;
};

/** By time; of one moment the wallet's come first: its meters follow it. */
const inOrder = (a: TimelineEntry, b: TimelineEntry): number =>
  a.atMs - b.atMs || Number(a.meter !== null) - Number(b.meter !== null);

/**
 * `entries` of any wallets and meters. A wallet's decision belongs to the movement it names; one
 * that names none (its warning became old enough) to the one before. A meter's cut or return belongs to the
 * decision it follows, and its breaker's confirmation to that, unless a person switched it in between.
 */
export function decisionsOf(entries: readonly TimelineEntry[], movement: string, around: Around): MoneyDecision[] {
  const { wallet, meters, numberOf } = around;
  const found: MoneyDecision[] = [];
  let follows = false;
  /** What each breaker is to confirm yet. */
  const awaited = new Map<string, 'cut' | 'closed'>();
  const add = (kind: MoneyDecision['kind'], { atMs, meter, detail }: TimelineEntry): void => {
    const [balance, threshold] = [detail['balanceMicro'], detail['thresholdMicro']];
    found.push({
      ...{ kind, atMs, meter: meter === null ? null : numberOf(meter) },
      balanceMicro: typeof balance === 'number' ? balance : null,
      thresholdMicro: typeof threshold === 'number' ? threshold : null,
    });
  };
  for (const entry of entries.toSorted(inOrder)) {
    const { kind, meter, detail } = entry;
    if (meter === null) {
      const money = Object.hasOwn(ofWallet, kind) ? ofWallet[kind] : undefined;
      if (!entry.id.startsWith(`${wallet}-`) || money === undefined) continue;
      const cause = detail['movement'];
      if (cause !== undefined) follows = cause === movement;
      if (follows) add(money, entry);
      continue;
    }
    if (!meters.has(meter)) continue;
    const due = awaited.get(meter);
    if (kind === 'MoneyCauseSet' && follows) {
      awaited.set(meter, 'cut');
      add('cutWanted', entry);
    } else if (kind === 'MoneyCauseEnded') {
      awaited.delete(meter);
      if (!follows) continue;
      awaited.set(meter, 'closed');
      add('closeWanted', entry);
    } else if (kind === 'Switched' || kind === 'EmergencyCut') awaited.delete(meter);
    else if ((kind === 'BreakerOpened' && due === 'cut') || (kind === 'BreakerClosed' && due === 'closed')) {
      awaited.delete(meter);
      add(due, entry);
    }
  }
  return found;
}
