/** Meters as a tree, and the lines of it that are in sight. */
import type { SetMeter } from './site.ts';

export type Use = { readonly today: number | null; readonly sinceMs: number | null };
export type TreeRow = {
  readonly meter: SetMeter;
  readonly depth: number;
  readonly children: readonly SetMeter[];
  readonly open: boolean;
  readonly place: number;
  readonly siblings: number;
};
export type Tree = { readonly roots: readonly SetMeter[]; readonly loose: readonly SetMeter[]; readonly below: Below };
type Below = ReadonlyMap<string, readonly SetMeter[]>;

/** `loose`: neither behind a meter nor before one, and no main meter. An upstream that is not shown counts as none. */
export function treeOf(meters: readonly SetMeter[], compare: (a: string, b: string) => number): Tree {
  const known = new Set(meters.map(({ id }) => id));
  const below = new Map<string, SetMeter[]>();
  for (const meter of meters.toSorted((a, b) => compare(a.id, b.id))) {
    if (meter.upstream === undefined || !known.has(meter.upstream)) continue;
    const list = below.get(meter.upstream);
    if (list) list.push(meter);
    else below.set(meter.upstream, [meter]);
  }
  const top = meters.filter(({ upstream }) => upstream === undefined || !known.has(upstream));
  const isRoot = ({ id, role }: SetMeter): boolean => below.has(id) || role === 'main';
  const sorted = top.toSorted((a, b) => compare(a.id, b.id));
  return { roots: sorted.filter(isRoot), loose: sorted.filter((meter) => !isRoot(meter)), below };
}

/** Lines in sight, top to bottom. `open`: whose branch is shown; `shown`: only these, with all above them; null: all. */
export function linesOf(
  { roots, below }: Tree,
  open: ReadonlySet<string>,
  shown: ReadonlySet<string> | null,
): TreeRow[] {
  const lines: TreeRow[] = [];
  const walk = (all: readonly SetMeter[], depth: number): void => {
    const list = shown === null ? all : all.filter(({ id }) => shown.has(id));
    list.forEach((meter, place) => {
      const children = below.get(meter.id) ?? [];
      const isOpen = children.length > 0 && (shown !== null || open.has(meter.id));
      lines.push({ meter, depth, children, open: isOpen, place: place + 1, siblings: list.length });
      if (isOpen) walk(children, depth + 1);
    });
  };
  walk(roots, 0);
  return lines;
}

/** What fits a search, with everything above it. */
export function withAbove(meters: readonly SetMeter[], fits: (meter: SetMeter) => boolean): ReadonlySet<string> {
  const byId = new Map(meters.map((meter) => [meter.id, meter]));
  const found = new Set<string>();
  for (const meter of meters) {
    if (!fits(meter)) continue;
    for (let one: SetMeter | undefined = meter; one && !found.has(one.id);) {
      found.add(one.id);
      one = one.upstream === undefined ? undefined : byId.get(one.upstream);
    }
  }
  return found;
}

/** Sum of what hangs directly behind; `whole`: all of it is known. */
export function sumOf(children: readonly SetMeter[], useOf: (meter: string) => Use | undefined) {
  let sum = 0;
  let whole = true;
  for (const { id } of children) {
    const today = useOf(id)?.today ?? null;
    if (today === null) whole = false;
    else sum += today;
  }
  return { sum, whole };
}
