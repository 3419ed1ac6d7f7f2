/** Meters form trees: each may name the one it hangs behind. Pure. */
export type TreeMeter = { readonly id: string; readonly utility: string; readonly upstream?: string | undefined };

export type UpstreamMistake = 'upstreamSelf' | 'noUpstream' | 'upstreamUtility' | 'upstreamCircle';
type Wrong = { readonly mistake: UpstreamMistake; readonly about?: string };

/** In words for whoever reads a site file or the answer of the API. */
export const upstreamText: Readonly<Record<UpstreamMistake, (about: string) => string>> = {
  upstreamSelf: () => 'another meter than itself',
  noUpstream: () => 'the id of a meter',
  upstreamUtility: (about) => `a meter for ${about}`,
  upstreamCircle: (about) => `not a circle (${about})`,
};

/** What stands against a meter's upstream meter; null: nothing. `known`: every other meter as it is or is to be. */
export function upstreamMistake(meter: TreeMeter, known: (id: string) => TreeMeter | undefined): Wrong | null {
  if (meter.upstream === undefined) return null;
  const above = known(meter.upstream);
  if (meter.upstream === meter.id) return { mistake: 'upstreamSelf' };
  if (!above) return { mistake: 'noUpstream' };
  if (above.utility !== meter.utility) return { mistake: 'upstreamUtility', about: meter.utility };
  const seen = new Set([meter.id]);
  for (
    let one: TreeMeter | undefined = above;
    one;
    one = one.upstream === undefined ? undefined : known(one.upstream)
  ) {
    if (seen.has(one.id)) return { mistake: 'upstreamCircle', about: [...seen, one.id].join(' → ') };
    seen.add(one.id);
  }
  return null;
}
