/** Energy in W × ms, that is millijoules: whole watts over whole milliseconds add up exactly. */
export const MILLIJOULES_A_WH = 3_600_000;

/** One step of an Acrel energy register, 0.01 kWh. */
export const STEP_MILLIJOULES = 10 * MILLIJOULES_A_WH;

export function totalOf(bandsMilliJoules: readonly number[]): number {
  return bandsMilliJoules.reduce((sum, band) => sum + band, 0);
}
