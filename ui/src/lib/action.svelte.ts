/**
 * One intention of a person: sent once however often the button is pressed, and sent again under the same key when it
 * is not known whether it arrived.
 */
import type { OpName, OpResult } from '../../../protocol/ops.ts';
import { command, newKey, type Answer, type Failure } from '../net/api.ts';

type Params<N extends OpName> = Parameters<typeof command<N>>[1];

export class Action<N extends OpName> {
  busy = $state(false);
  failure = $state.raw<Failure | null>(null);
  readonly #name: N;
  #key = newKey();
  #body = '';

  constructor(name: N) {
    this.#name = name;
  }

  /** null: already on its way. */
  async run(params: Params<N>): Promise<Answer<OpResult<N>> | null> {
    if (this.busy) return null;
    // Another content is another intention.
    const body = JSON.stringify(params);
    if (this.#body !== body && this.#body !== '') this.#key = newKey();
    this.#body = body;
    this.busy = true;
    this.failure = null;
    const answer = await command(this.#name, params, this.#key);
    this.busy = false;
    if (answer.ok) {
      this.#key = newKey();
      this.#body = '';
    } else this.failure = answer;
    return answer;
  }
}
