/** How much of what the wire allows a line gets out of it, healthy and with a tenth of its meters dead. */
import type { Bench } from './bench.ts';
import { plainShare, serverShare, simulatedLine, TURNAROUND_MS } from './wireRig.ts';

const GOALS = { 9_600: 0.95, 19_200: 0.9, 115_200: 0.85 } as const;
const GOAL_DEAD = 0.8;
const BAUDS = [9_600, 19_200, 115_200] as const;

type Shares = { readonly live: number; readonly dead: number; readonly plain: number; readonly plainDead: number };

/** Shares of what the wire allows; with dead meters, of what it would carry for the live ones alone. */
async function measure(baud: number, meters: number, ms: number): Promise<Shares> {
  const dead = Math.ceil(meters / 10);
  const healthy = await simulatedLine(baud, meters, 0);
  const live = await serverShare(healthy, meters, ms);
  const plain = await plainShare(healthy, ms);
  await healthy.stop();
  const sick = await simulatedLine(baud, meters, dead);
  const withDead = await serverShare(sick, meters - dead, 2 * ms);
  const plainDead = await plainShare(sick, ms);
  await sick.stop();
  return { live, dead: withDead, plain, plainDead };
}

export const bench: Bench = {
  name: 'line',
  summary: 'share of what the wire allows, at three speeds, RTU over TCP',
  run: async ({ smoke }) => {
    const meters = 10;
    const ms = smoke ? 100 : 6_000;
    const parameters: Record<string, number> = { meters, windowMs: ms, turnaroundMs: TURNAROUND_MS };
    let met = true;
    let [value, baseline] = [0, 0];
    for (const baud of smoke ? ([115_200] as const) : BAUDS) {
      const shares = await measure(baud, meters, ms);
      for (const [name, share] of Object.entries(shares)) parameters[`${name}@${baud}`] = share;
      met &&= shares.live >= GOALS[baud] && shares.dead >= GOAL_DEAD;
      if (value === 0) [value, baseline] = [shares.live, shares.plain];
    }
    return {
      ...{ name: 'line', parameters, value, unit: 'of the wire limit' },
      baseline: { name: 'plain modbus-serial loop', value: baseline },
      ratio: value / baseline,
      goal: `${BAUDS.map((baud) => `live@${baud} >= ${GOALS[baud]}`).join(', ')}, dead@ each >= ${GOAL_DEAD} of the live-only limit`,
      met,
    };
  },
};
