/** Carries out the switching of a line's meters: asks switching.ts what to do, does it through the line, tells it the result. */
import { assert, assertNever } from '../domain/assert.ts';
import { numberOf } from './decode.ts';
import { fieldView } from './field.ts';
import type { Answer, Operation } from './master.ts';
import { blocksOf, forgetReading, freeAtMs, imageOf, isWrongMeter, type MeterMemory } from './meter.ts';
import type { Block, ControlSpec } from './profiles/profile.ts';
import {
  afterAbsence,
  afterLook,
  afterNumber,
  afterWrite,
  decideSwitch,
  newPlan,
  type Followed,
  type SwitchPlan,
  type SwitchReport,
  type SwitchRules,
} from './switching.ts';
import type { WantedNow, WantedState } from './types.ts';

export type Failure = Extract<Answer, { readonly ok: false }>;

/** What the switcher needs of its line. */
export type SwitchHost = {
  readonly mono: () => number;
  readonly wantedNow: (meterId: string) => WantedNow | null;
  /** The next step is due then; null: nothing to do. */
  readonly due: (meterId: string, atMs: number | null) => void;
  readonly ask: (memory: MeterMemory, operation: Operation, done: (answer: Answer) => void) => void;
  readonly readBlock: (memory: MeterMemory, block: Block, done: (answer: Answer) => void) => void;
  /** A whole reading is in the memory's image. */
  readonly accept: (memory: MeterMemory) => void;
  readonly readFailed: (memory: MeterMemory, failure: Failure) => void;
  readonly report: (meterId: string, report: SwitchReport) => void;
};

/** The register pair [enable, state] of Acrel meters. */
const acrelForcedControl = 0x0057;

export type SwitchPauses = Pick<SwitchRules, 'tripTriesMax' | 'retryPauseMs' | 'retryPauseMsMax'>;

export class Switcher {
  readonly #host: SwitchHost;
  readonly #pauses: SwitchPauses;
  readonly #plans = new Map<string, SwitchPlan>();

  constructor(host: SwitchHost, pauses: SwitchPauses) {
    this.#host = host;
    this.#pauses = pauses;
  }

  /** Marks the meter; true when that is news. */
  mark(meterId: string): boolean {
    const plan = this.#plans.get(meterId);
    const nowMs = this.#host.mono();
    if (plan === undefined) {
      this.#set(meterId, newPlan(meterId, nowMs));
      return true;
    }
    // A plan at work keeps its pauses, unless it works towards the opposite of what is wanted now.
    if (plan.wanted === null || plan.wanted === this.#host.wantedNow(meterId)?.state) return false;
    this.#set(meterId, { ...plan, dueAtMs: nowMs });
    return true;
  }

  forget(meterId: string): void {
    this.#plans.delete(meterId);
  }

  /** The unit cannot be reached: on its return it is looked at before anything is written. */
  lost(meterId: string): void {
    const plan = this.#plans.get(meterId);
    if (plan !== undefined) this.#set(meterId, afterAbsence(plan, this.#host.mono()));
  }

  /** Takes the step that is due; at most one request. */
  step(memory: MeterMemory): void {
    const { meterId } = memory.meter;
    const plan = this.#plans.get(meterId);
    const control = controlOf(memory);
    assert(plan !== undefined && control !== null, `nothing to switch at meter ${meterId}`);
    const rules = this.#rules(memory, control);
    const wantedNow = this.#host.wantedNow(meterId);
    const view = wantedNow === null ? 'unknown' : fieldView(memory.lastReading, wantedNow.state, control);
    const decision = decideSwitch(plan, view, wantedNow, isWrongMeter(memory), rules, this.#host.mono());
    this.#follow(meterId, decision);
    if (decision.step === null || decision.plan === null) return;
    switch (decision.step.do) {
      case 'read':
        return this.#look(memory, decision.plan, control, rules);
      case 'readNumber':
        return this.#verify(memory, decision.plan, rules);
      case 'write':
        return this.#write(memory, decision.plan, control, rules, decision.step.state);
      default:
        return assertNever(decision.step);
    }
  }

  #set(meterId: string, plan: SwitchPlan | null): void {
    if (plan === null) this.#plans.delete(meterId);
    else this.#plans.set(meterId, plan);
    this.#host.due(meterId, plan?.dueAtMs ?? null);
  }

  #follow(meterId: string, followed: Followed): void {
    this.#set(meterId, followed.plan);
    if (followed.report !== null) this.#host.report(meterId, followed.report);
  }

  /** True when the block must rest; the step then waits for it. */
  #resting(memory: MeterMemory, plan: SwitchPlan, block: Block): boolean {
    const freeMs = freeAtMs(memory, block);
    if (freeMs <= this.#host.mono()) return false;
    this.#set(memory.meter.meterId, { ...plan, dueAtMs: freeMs });
    return true;
  }

  #look(memory: MeterMemory, plan: SwitchPlan, control: ControlSpec, rules: SwitchRules): void {
    const [block] = blocksOf(memory.profile, 'fast');
    assert(block !== undefined, 'a model that can be switched has its status in its one fast block');
    if (this.#resting(memory, plan, block)) return;
    forgetReading(memory);
    this.#host.readBlock(memory, block, (answer) => {
      if (answer.ok) this.#host.accept(memory);
      this.#finish(memory, plan, answer, () => {
        const view = plan.wanted === null ? 'unknown' : fieldView(memory.lastReading, plan.wanted, control);
        return afterLook(plan, answer.ok ? view : 'failed', rules, this.#host.mono());
      });
    });
  }

  #verify(memory: MeterMemory, plan: SwitchPlan, rules: SwitchRules): void {
    const [block] = blocksOf(memory.profile, 'number');
    assert(block !== undefined, 'a number is checked where there is one');
    if (this.#resting(memory, plan, block)) return;
    this.#host.readBlock(memory, block, (answer) => {
      if (answer.ok) memory.numberRead = numberOf(memory.profile, imageOf(memory));
      const right = isWrongMeter(memory) ? 'mismatch' : 'match';
      this.#finish(memory, plan, answer, () =>
        afterNumber(plan, answer.ok ? right : 'failed', rules, this.#host.mono()),
      );
    });
  }

  /** A failed step is a failed try of the plan and a failed reading of the meter. */
  #finish(memory: MeterMemory, plan: SwitchPlan, answer: Answer, follow: () => Followed): void {
    const { meterId } = memory.meter;
    if (!answer.ok && answer.reason === 'lineDown') return;
    // Marked anew meanwhile: the result belongs to a question nobody asks any more.
    if (this.#plans.get(meterId) === plan) this.#follow(meterId, follow());
    if (!answer.ok) this.#host.readFailed(memory, answer);
  }

  #write(memory: MeterMemory, plan: SwitchPlan, control: ControlSpec, rules: SwitchRules, state: WantedState): void {
    const { meterId, unitId } = memory.meter;
    const stillWanted = (): boolean => {
      const latest = this.#host.wantedNow(meterId);
      return latest !== null && latest.mayWrite && latest.state === state;
    };
    const { fn, address } = control;
    const values = state === 'own' ? control.release : control.values[state];
    assert(values !== null, 'a model without forced control is never released');
    // Enable 0 hands the breaker to the meter's own balance, and would black out whoever has paid the platform.
    const held = address !== acrelForcedControl || values[0] === 1;
    assert(held || memory.meter.chargesItself === true, 'a release of a meter that does not charge itself');
    this.#host.ask(memory, { kind: 'write', unitId, fn, address, values, stillWanted }, (answer) => {
      if (!answer.ok && answer.reason === 'lineDown') return;
      const nowMs = this.#host.mono();
      if (!answer.ok && answer.reason === 'withdrawn') return this.#set(meterId, afterAbsence(plan, nowMs));
      const written = afterWrite(plan, rules, nowMs);
      const hurried = this.#plans.get(meterId) !== plan;
      this.#set(meterId, hurried ? { ...written, dueAtMs: nowMs } : written);
    });
  }

  #rules(memory: MeterMemory, control: ControlSpec): SwitchRules {
    const checkNumber = memory.meter.number !== null && memory.profile.number !== null;
    return { ...this.#pauses, checkNumber, settleMs: control.settleMs, confirmMs: control.confirmMs };
  }
}

/** Null: there is nothing to switch at this meter. */
export function controlOf(memory: MeterMemory): ControlSpec | null {
  return memory.meter.hasBreaker ? memory.profile.control : null;
}
