/** The gateway's end of the channel to the core: questions with ids and deadlines, never more under way than a bound. */
import type { CoreToGateway, GatewayToCore, Internal, InternalAnswer, Who } from '../../protocol/ipc.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { answerSchemas } from './link-messages.ts';

/** The core did not answer. `sent` tells whether it may have heard: then a command may have been done. */
export class CoreAway extends Error {
  override readonly name: string = 'CoreAway';
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.sent = sent;
  }
}

/** The core is there and its store is not: what has to be read or kept there is refused. */
export class StoreAway extends CoreAway {
  override readonly name = 'StoreAway';

  constructor(message: string) {
    super(message, false);
  }
}

export type LinkLimits = {
  /** Questions under way; one more is refused at once. */
  readonly pendingMax: number;
  readonly timeoutMs: number;
  /** Silence of the core after which the wall says it is away. It reports its status every second. */
  readonly silenceMs: number;
};
export const linkLimits: LinkLimits = { pendingMax: 256, timeoutMs: 10_000, silenceMs: 3_000 };

type Pending = {
  readonly type: 'op' | 'internal';
  readonly settle: (value: unknown) => void;
  readonly fail: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
};
type Answer = Extract<CoreToGateway, { readonly type: 'answer' | 'outcome' }>;

export class CoreLink {
  readonly #send: (message: GatewayToCore) => void;
  readonly #monoMs: () => number;
  readonly #limits: LinkLimits;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #heardMs: number;

  constructor(send: (message: GatewayToCore) => void, monoMs: () => number, limits: LinkLimits = linkLimits) {
    this.#send = send;
    this.#monoMs = monoMs;
    this.#limits = limits;
    this.#heardMs = monoMs();
  }

  /** Any message of the core proves that it lives. */
  heard(): void {
    this.#heardMs = this.#monoMs();
  }

  get alive(): boolean {
    return this.#monoMs() - this.#heardMs <= this.#limits.silenceMs;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** An answer after its deadline finds nobody and is dropped: its asker has been told that it is not known. */
  settle(message: Answer): void {
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return;
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if (message.type === 'answer') pending.settle(message.answer);
    else if (pending.type === 'op') pending.settle(message.outcome);
    else pending.fail(new StoreAway(message.outcome.ok ? '' : message.outcome.detail));
  }

  /** Throws `CoreAway`. */
  async ask<A extends Internal['ask']>(
    question: Extract<Internal, { readonly ask: A }>,
    timeoutMs: number = this.#limits.timeoutMs,
  ): Promise<InternalAnswer[A]> {
    const answer = await this.#request('internal', (id) => ({ type: 'internal', id, question }), timeoutMs);
    const ask: A = question.ask;
    return answerSchemas[ask].parse(answer);
  }

  /** Throws `CoreAway`. */
  async op(who: Who, op: OpName, params: unknown, idempotencyKey: string | null): Promise<OpOutcome> {
    const outcome = await this.#request(
      'op',
      (id) => ({ type: 'op', id, who, op, params, idempotencyKey }),
      this.#limits.timeoutMs,
    );
    // Decoded with its message; only `settle` of an `outcome` leads here.
    return outcome as OpOutcome;
  }

  #request(type: Pending['type'], message: (id: number) => GatewayToCore, timeoutMs: number): Promise<unknown> {
    if (this.#pending.size >= this.#limits.pendingMax) {
      return Promise.reject(new CoreAway('too many questions are under way', false));
    }
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((settle, fail) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        fail(new CoreAway('the core did not answer in time', true));
      }, timeoutMs);
      this.#pending.set(id, { type, settle, fail, timer });
      this.#send(message(id));
    });
  }
}
