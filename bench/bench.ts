/** What a bench is: its figure, a baseline measured in the same run, their ratio, and the goal as a figure of the ratio. */

export type BenchResult = {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly unit: string;
  readonly baseline: { readonly name: string; readonly value: number };
  readonly ratio: number;
  /** Such as `ratio >= 0.5`, with the further goals a bench has. */
  readonly goal: string;
  readonly met: boolean;
};

export type Bench = {
  readonly name: string;
  readonly summary: string;
  /** `smoke`: small sizes, a second or two; it proves that the bench runs. */
  readonly run: (options: { readonly smoke: boolean }) => Promise<BenchResult>;
};

/** Seconds that `work` takes. */
export async function seconds(work: () => Promise<void> | void): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
