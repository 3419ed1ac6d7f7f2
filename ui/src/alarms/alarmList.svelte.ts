/* eslint-disable svelte/prefer-svelte-reactivity -- plain Maps on purpose: a reactive one makes a signal per entry, and these are replaced whole or carry their own signals. */
/** All active or unacknowledged alarms, by id, brought up to date by their sequence. */
import type { Alarm, ServerMessage } from '../../../protocol/wall.ts';

export class AlarmList {
  #byId = $state.raw<ReadonlyMap<string, Alarm>>(new Map());
  #seq: number | null = null;
  readonly #watchers = new Set<(alarm: Alarm) => void>();

  /** Most urgent first: priority, unacknowledged, newest. Without what another alarm explains. */
  readonly shown: readonly Alarm[] = $derived(
    [...this.#byId.values()].filter((a) => a.suppressedBy === null).sort(byUrgency),
  );
  readonly active: readonly Alarm[] = $derived(this.shown.filter((a) => a.shelved === null));
  readonly shelved: readonly Alarm[] = $derived(this.shown.filter((a) => a.shelved !== null));
  readonly suppressedCount: number = $derived(this.#byId.size - this.shown.length);
  readonly counts = $derived(countOf(this.active));

  get seq(): number | null {
    return this.#seq;
  }

  /** Alarms as they are raised while connected; not those of a snapshot. */
  watch(run: (alarm: Alarm) => void): () => void {
    this.#watchers.add(run);
    return () => this.#watchers.delete(run);
  }

  take(message: Extract<ServerMessage, { readonly type: 'alarms' | 'alarm' }>): void {
    if (message.type === 'alarms') {
      this.#seq = message.seq;
      this.#byId = new Map(message.alarms.map((alarm) => [alarm.id, alarm]));
      return;
    }
    const { alarm } = message;
    if (this.#seq !== null && alarm.seq <= this.#seq) return;
    this.#seq = alarm.seq;
    const before = this.#byId.get(alarm.id);
    const next = new Map(this.#byId);
    if (alarm.active || alarm.acknowledged === null) next.set(alarm.id, alarm);
    else next.delete(alarm.id);
    this.#byId = next;
    const raised = alarm.active && alarm.acknowledged === null && alarm.suppressedBy === null && alarm.shelved === null;
    if (raised && before?.active !== true) for (const run of this.#watchers) run(alarm);
  }
}

function byUrgency(a: Alarm, b: Alarm): number {
  return (
    a.priority - b.priority ||
    Number(a.acknowledged !== null) - Number(b.acknowledged !== null) ||
    b.sinceMs - a.sinceMs
  );
}

/** Unacknowledged alarms by priority. */
function countOf(alarms: readonly Alarm[]): Readonly<Record<1 | 2 | 3, number>> {
  const counts = { 1: 0, 2: 0, 3: 0 };
  for (const alarm of alarms) if (alarm.acknowledged === null) counts[alarm.priority] += 1;
  return counts;
}
