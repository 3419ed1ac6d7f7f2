/** The handover in the core: appended with its answer. */
import type { OpOutcome } from '../../protocol/ops.ts';
import { decideHandover, evolveHandover, initialHandover } from '../domain/handover/handover.ts';
import type { HandoverMessage, HandoverState } from '../domain/handover/handover.ts';
import type { JsonObject } from '../domain/json.ts';
import { accept, type Request } from '../domain/messages.ts';
import { sha256 } from './auditLog.ts';
import type { Core } from './core.ts';
import { EVENT_VERSION } from './kinds.ts';

export class Handovers {
  state: HandoverState = initialHandover;
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  take(message: HandoverMessage, request: Request, result: JsonObject): Promise<OpOutcome> {
    const { nowMs } = this.#core.context();
    const decision = decideHandover(this.state, message, { nowMs, digest: sha256 });
    if ('refusal' in decision) return Promise.resolve({ ok: false, ...decision });
    this.state = evolveHandover(this.state, decision.event);
    const { type, ...data } = decision.event;
    const { record } = accept(request, result, nowMs);
    this.#core.committer.append([{ key: 'handover:site', type, v: EVENT_VERSION, data }], [decision.record, record]);
    return new Promise((resolve) => this.#core.committer.whenDurable(() => resolve({ ok: true, result })));
  }
}
