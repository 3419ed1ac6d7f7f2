/** What is entered for closing an account: which meters leave, their last readings, how it is settled. */
import type { ClosingPreview, vacantChoices } from '../../../protocol/accounts.ts';
import type { channels } from '../../../protocol/ops.ts';
import { plainNumber } from '../lib/amount.ts';

type Typed = { readonly reading: string; readonly reason: string };
type Meter = ClosingPreview['meters'][number];

export class Closing {
  leaving = $state.raw<readonly string[]>([]);
  /** Last readings typed in, by meter; one that is not here is read live. */
  typed = $state.raw<Readonly<Record<string, Typed>>>({});
  channel = $state<(typeof channels)[number]>('cash');
  vacant = $state<(typeof vacantChoices)[number]>('siteRule');
  note = $state('');
  tried = $state(false);
  readonly all: readonly Meter[];

  constructor(meters: readonly Meter[]) {
    this.all = meters;
    this.leaving = meters.map(({ meter }) => meter);
    // One that does not answer would make the closing wait: its reading can be typed in at once.
    for (const { meter, online } of meters) if (!online) this.toggleTyped(meter);
  }

  get whole(): boolean {
    return this.leaving.length === this.all.length;
  }
  get hasBreaker(): boolean {
    return this.all.some(({ meter, hasBreaker }) => hasBreaker && this.leaving.includes(meter));
  }

  toggle(meter: string): void {
    const without = this.leaving.filter((one) => one !== meter);
    this.leaving = without.length === this.leaving.length ? [...this.leaving, meter] : without;
  }

  toggleTyped(meter: string): void {
    const { [meter]: known, ...others } = this.typed;
    this.typed = known === undefined ? { ...others, [meter]: { reading: '', reason: '' } } : others;
  }

  type(meter: string, change: Partial<Typed>): void {
    const before = this.typed[meter];
    if (before !== undefined) this.typed = { ...this.typed, [meter]: { ...before, ...change } };
  }

  readingWrong(meter: string): boolean {
    return plainNumber(this.typed[meter]?.reading ?? '', 9, 3) === null;
  }
  reasonWrong(meter: string): boolean {
    return (this.typed[meter]?.reason ?? '').trim() === '';
  }

  /** null: something is missing, and said beside its field. */
  typedReadings(): { meter: string; reading: string; reason: string }[] | null {
    const leaving = Object.keys(this.typed).filter((meter) => this.leaving.includes(meter));
    if (leaving.some((meter) => this.readingWrong(meter) || this.reasonWrong(meter))) return null;
    return leaving.map((meter) => {
      const { reading = '', reason = '' } = this.typed[meter] ?? {};
      return { meter, reading: plainNumber(reading, 9, 3) ?? '', reason: reason.trim() };
    });
  }
}
