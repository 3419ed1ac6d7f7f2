/** What one message to a meter leads to. */
import type { TimelineKind } from '../../../protocol/timeline.ts';
import {
  accept,
  timeline,
  type Context,
  type Effect,
  type RecordChange,
  type Request,
  type Send,
} from '../messages.ts';
import type { Charging } from '../charging/state.ts';
import type { Controlled } from './control.ts';
import type { WalletEvent } from '../wallet/state.ts';
import { evolveMeter } from './evolve.ts';
import type { MeterEvent, MeterLive, MeterState } from './state.ts';

export type MeterContext = Context & {
  readonly id: string;
  /** Last sequence of this meter that its wallet has charged. */
  readonly charged: number;
  /** Site time read as local time, epoch ms as if UTC. */
  readonly localNowMs: number;
  /** 0…1, the same for the meter always: where in a spread it stands. */
  readonly spread: number;
  readonly control: Controlled;
  /** What a wallet holds in a meter; null: nothing. parked: it has stopped after an error. */
  readonly charging: (wallet: string) => Charging | 'parked' | null;
};

/** Collects what a message leads to; `state` is evolved along the way so that later steps see earlier ones. */
export class Outcome {
  readonly events: MeterEvent[] = [];
  readonly sends: Send[] = [];
  readonly effects: Effect[] = [];
  readonly records: RecordChange[] = [];
  across?: { readonly wallet: string; readonly event: WalletEvent };
  state: MeterState;
  readonly live: MeterLive;
  readonly context: MeterContext;
  constructor(state: MeterState, live: MeterLive, context: MeterContext) {
    this.state = state;
    this.live = live;
    this.context = context;
  }
  emit(event: MeterEvent): void {
    this.events.push(event);
    this.state = evolveMeter(this.state, event);
  }
  note(kind: TimelineKind, by: string | null, detail: Record<string, string | number | boolean>): void {
    const { id, nowMs } = this.context;
    const entry = { id: `${id}-${nowMs}-${kind}`, kind, by, meter: id, detail };
    this.records.push(...timeline(this.state.place.room, nowMs, entry));
  }
  answer(request: Request, result: Record<string, string | boolean>): void {
    const { effect, record } = accept(request, result, this.context.nowMs);
    this.effects.push(effect);
    this.records.push(record);
  }
}
