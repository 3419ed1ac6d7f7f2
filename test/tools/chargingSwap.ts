/** Another meter on the same wires: with a count of its own, and somebody else's money in it. */
import { ownMoneyMeter, type ChargingSite, type MeterLine } from './chargingSite.ts';
import type { Stepped } from './siteInMemory.ts';

export const swapParams = {
  ...{ meter: 'm1', number: '77', profile: 'acrel-ddsy1352', unitId: 1, ct: 1, pt: 1 },
  ...{ first: '0', reason: 'its display is broken' },
};

export function hang(line: MeterLine, clock: Stepped): void {
  const next = ownMoneyMeter(clock);
  for (let count = 1; count <= 7; count += 1) next.write(16, 0x4e, [count, 0, 12_345]);
  line.meters.set('m1', next);
}
export const otherMeter = (site: ChargingSite): void => hang(site.line, site.clock);
