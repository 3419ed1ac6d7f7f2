/** What a command becomes: a message to the actor that decides, configuration, or a refusal. */
import type { CommandName, OpOutcome, OpParams, Refusal } from '../../../protocol/ops.ts';
import type { JsonObject } from '../../domain/json.ts';
import { accept, type Request, type Send } from '../../domain/messages.ts';
import type { ConfigKind, ConfigValue } from '../../domain/config.ts';
import type { Core } from '../core.ts';

/** Routes of a group of commands, by operation. */
export type Routes<N extends CommandName> = {
  readonly [C in N]: (core: Core, params: OpParams<C>, request: Request) => Routed | Promise<Routed>;
};
export type Routed = Send | OpOutcome | Promise<OpOutcome>;

export const refusal = (reason: Refusal, detail: string): OpOutcome => ({ ok: false, refusal: reason, detail });

export function forMeter(core: Core, meter: string, send: Send): Send | OpOutcome {
  return core.meters.has(meter) ? send : refusal('notFound', 'there is no such meter');
}

/** Turns of the event loop that a few messages between actors take at the very most. */
const TURNS_MAX = 20_000;

/** Waits until actors that were told something have done it; a parked one never does, and is named. */
export async function whenDone(core: Core, done: () => boolean): Promise<OpOutcome | null> {
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    if (done()) return null;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return refusal('parked', `not all was taken in; ask again. Stopped: ${core.actors.parked.join(', ')}`);
}

export type ConfigChange = {
  readonly [K in ConfigKind]: { readonly kind: K; readonly id: string; readonly value: ConfigValue<K> };
}[ConfigKind];

/** Sets configuration entities in one commit with the answer; resolves when it is durable. */
export function configure(
  core: Core,
  request: Request,
  changes: readonly ConfigChange[],
  result: JsonObject,
): Promise<OpOutcome> {
  const { record } = accept(request, result, core.context().nowMs);
  for (const { kind, id, value } of changes)
    core.audit.changed(request.key, `${kind}:${id}`, core.directory.get(kind, id) ?? null, value);
  core.committer.together(() => {
    for (const { kind, id, value } of changes) core.setConfig(kind, id, value);
    // Kept, and audited, also where nothing of the configuration changes.
    core.committer.append([], [record]);
  });
  return new Promise((resolve) => core.committer.whenDurable(() => resolve({ ok: true, result })));
}
