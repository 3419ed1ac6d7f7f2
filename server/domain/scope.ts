/** People limited to buildings: what an operation touches, and whether it lies within. */
import { ops, type OpName } from '../../protocol/ops.ts';
import type { Op, TargetKind } from '../../protocol/ops/op.ts';

export type Target = { readonly kind: TargetKind; readonly id: string };

/** Names under which parameters carry ids, at any depth. */
const named: Readonly<Record<string, TargetKind>> = {
  ...{ building: 'building', buildings: 'building', floor: 'floor', floors: 'floor' },
  ...{ room: 'room', rooms: 'room', meter: 'meter', meters: 'meter', upstream: 'meter', line: 'line', lines: 'line' },
  ...{ wallet: 'wallet', account: 'account', accounts: 'account' },
  ...{ order: 'order', orders: 'order', alarm: 'alarm', notice: 'notice', emergency: 'emergency', tag: 'tag' },
  riser: 'riser',
  ...{ group: 'group' },
};

/** Everything the parameters name, each once, in order. */
export function targetsOf(op: OpName, params: unknown): Target[] {
  const definition: Op = ops[op];
  const names: Readonly<Record<string, TargetKind>> = { ...named, ...definition.targets };
  const found = new Map<string, Target>();
  const walk = (value: unknown, kind: TargetKind | undefined): void => {
    if (typeof value === 'string') {
      if (kind !== undefined) found.set(`${kind}:${value}`, { kind, id: value });
    } else if (Array.isArray(value)) {
      for (const each of value) walk(each, kind);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, each] of Object.entries(value)) walk(each, Object.hasOwn(names, key) ? names[key] : undefined);
    }
  };
  walk(params, undefined);
  return [...found.values()];
}

/**
 * Whether someone limited to `buildings` may do this. `places`: of each target its buildings; none: it belongs to the
 * site as a whole; null: there is no such thing. A change must lie within them whole, for a look it is enough
 * that a part of it does. What lies elsewhere and what does not exist are refused alike.
 */
export function withinScope(
  op: OpName,
  places: readonly (readonly string[] | null)[],
  buildings: readonly string[],
): boolean {
  const { kind, scope }: Op = ops[op];
  if (scope === 'site') return false;
  const known = places.filter((place) => place !== null);
  if (known.length === 0) return scope !== undefined && (kind === 'query' || places.length === 0);
  const inside = (building: string): boolean => buildings.includes(building);
  if (kind === 'query') return known.every((place) => place.some(inside));
  return known.every((place) => place.length > 0 && place.every(inside));
}
