/** Select before operate: a breaker is taken in hand while a dialog about it is open, and let go with it. */
import { query } from '../net/api.ts';

/** Well within the time after which the core lets go by itself. */
const RENEW_MS = 5_000;

export class InHand {
  /** Who else has it; null: nobody, or it is not known. */
  other = $state<string | null>(null);

  /** Returns the way out. */
  hold(meter: string): () => void {
    const take = async (): Promise<void> => {
      const answer = await query('selectMeter', { meter });
      if (answer.ok) this.other = answer.value.mine ? null : answer.value.by;
    };
    void take();
    const timer = setInterval(() => void take(), RENEW_MS);
    return () => {
      clearInterval(timer);
      void query('selectMeter', { meter, release: true });
    };
  }
}
