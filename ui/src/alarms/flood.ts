/** Flood mode: alarms collapse by kind, priority 1 stays apart, the first one of each kind is named. Pure. */
import type { Alarm, AlarmKind } from '../../../protocol/wall.ts';

export type AlarmGroup = {
  readonly kind: AlarmKind;
  readonly priority: Alarm['priority'];
  /** The earliest: in a flood usually the cause. */
  readonly first: Alarm;
  readonly alarms: readonly Alarm[];
};
export type Flooded = {
  readonly apart: readonly Alarm[];
  readonly groups: readonly AlarmGroup[];
  readonly firstOut: Alarm | null;
};

const earlier = (a: Alarm, b: Alarm): Alarm => (b.sinceMs < a.sinceMs ? b : a);

export function collapse(alarms: readonly Alarm[]): Flooded {
  const apart = alarms.filter(({ priority }) => priority === 1);
  const byKind = new Map<AlarmKind, Alarm[]>();
  for (const alarm of alarms) {
    if (alarm.priority === 1) continue;
    byKind.set(alarm.kind, [...(byKind.get(alarm.kind) ?? []), alarm]);
  }
  const groups = [...byKind].flatMap(([kind, members]) => {
    const [head] = members;
    if (head === undefined) return [];
    return [{ kind, priority: head.priority, first: members.reduce(earlier), alarms: members }];
  });
  groups.sort((a, b) => a.priority - b.priority || b.alarms.length - a.alarms.length);
  const unsettled = alarms.filter(({ active }) => active);
  return { apart, groups, firstOut: unsettled.length === 0 ? null : unsettled.reduce(earlier) };
}
