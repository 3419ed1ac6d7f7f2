/** What waits for a second person, asked for anew whenever the status says that something has changed. */
import type { OpResult } from '../../../protocol/ops.ts';
import { query, type Failure } from '../net/api.ts';

class Approvals {
  value = $state.raw<OpResult<'getApprovals'> | null>(null);
  failure = $state.raw<Failure | null>(null);
  #asking = false;
  #again = false;

  /** For this person to decide on. */
  get mine(): number {
    return this.value?.items.filter(({ mayApprove }) => mayApprove).length ?? 0;
  }

  async refresh(): Promise<void> {
    // A change during the question is asked about again.
    this.#again = this.#asking;
    if (this.#asking) return;
    this.#asking = true;
    const answer = await query('getApprovals', {});
    this.#asking = false;
    if (answer.ok) this.value = answer.value;
    this.failure = answer.ok ? null : answer;
    if (this.#again) await this.refresh();
  }
}

export const approvals = new Approvals();
