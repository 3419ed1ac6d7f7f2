/** Meters form trees: each may name the one it hangs behind. Pure. */
export type TreeMeter = { readonly id: string; readonly utility: string; readonly upstream?: string | undefined };

/** What stands against a meter's upstream meter; null: nothing. `known`: every other meter as it is or is to be. */
export function upstreamMistake(meter: TreeMeter, known: (id: string) => TreeMeter | undefined): string | null {
  if (meter.upstream === undefined) return null;
  const above = known(meter.upstream);
  if (meter.upstream === meter.id) return 'another meter than itself';
  if (!above) return 'the id of a meter';
  if (above.utility !== meter.utility) return `a meter for ${meter.utility}`;
  const seen = new Set([meter.id]);
  for (
    let one: TreeMeter | undefined = above;
    one;
    one = one.upstream === undefined ? undefined : known(one.upstream)
  ) {
    if (seen.has(one.id)) return `not a circle (${[...seen, one.id].join(' → ')})`;
    seen.add(one.id);
  }
  return null;
}
