/** Which explanation is open over the screen. */
import type { ExplainedKind } from '../../../protocol/explanations.ts';

export type Asked = {
  readonly wallet: string;
  readonly kind: ExplainedKind;
  /** Id of the charge, order or notice. */
  readonly subject?: string;
};

class Why {
  asked = $state.raw<Asked | null>(null);

  open(asked: Asked): void {
    this.asked = asked;
  }
  close(): void {
    this.asked = null;
  }
}

export const why = new Why();
