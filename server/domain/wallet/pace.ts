/** How fast a wallet is used: money per hour of the last 24, for "runs out in about 6 h". */

/** hour = epoch hours of the newest slot; micro[i] = used i hours before it. */
export type Pace = { readonly hour: number; readonly micro: number[] };
const SLOTS = 24;

export function addUse(pace: Pace, atMs: number, amountMicro: number): Pace {
  const hour = Math.floor(atMs / 3_600_000);
  const shift = pace.micro.length === 0 ? 0 : hour - pace.hour;
  if (shift < 0) {
    const back = -shift;
    if (back >= pace.micro.length) return pace;
    return { hour: pace.hour, micro: pace.micro.map((used, i) => (i === back ? used + amountMicro : used)) };
  }
  if (shift === 0) {
    if (pace.micro.length === 0) return { hour, micro: [amountMicro] };
    const micro = pace.micro.slice();
    micro[0] = (micro[0] ?? 0) + amountMicro;
    return { hour: pace.hour, micro };
  }
  const gap = new Array<number>(Math.min(shift - 1, SLOTS)).fill(0);
  return { hour, micro: [amountMicro, ...gap, ...pace.micro].slice(0, SLOTS) };
}

/** Hours until the money down to `floorMicro` is used at the pace seen; null when nothing is used or it is too early to say. */
export function hoursLeft(pace: Pace, nowMs: number, balanceMicro: number, floorMicro: number): number | null {
  const age = Math.floor(nowMs / 3_600_000) - pace.hour;
  const slots = pace.micro.length + age;
  if (pace.micro.length === 0 || age >= SLOTS) return null;
  const used = pace.micro.slice(0, SLOTS - age).reduce((sum, micro) => sum + micro, 0);
  const partOfHour = (nowMs % 3_600_000) / 3_600_000;
  const hours = Math.max(0.25, Math.min(SLOTS, slots) - 1 + partOfHour);
  if (used <= 0) return null;
  return Math.max(0, (balanceMicro - floorMicro) / (used / hours));
}
