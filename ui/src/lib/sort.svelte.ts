/** Which column a table is sorted by, and which way. */
export class Sort<K extends string> {
  by = $state() as K;
  descending = $state(false);

  constructor(by: K, descending = false) {
    this.by = by;
    this.descending = descending;
  }

  choose(by: K): void {
    if (this.by === by) this.descending = !this.descending;
    else {
      this.by = by;
      this.descending = false;
    }
  }

  /** What is not known (null) comes last, whichever way. */
  apply<T>(
    items: readonly T[],
    value: (item: T, by: K) => string | number | null,
    compare: (a: string, b: string) => number,
  ): T[] {
    const way = this.descending ? -1 : 1;
    return [...items].sort((a, b) => {
      const x = value(a, this.by);
      const y = value(b, this.by);
      if (x === null || y === null) return Number(x === null) - Number(y === null);
      return typeof x === 'number' && typeof y === 'number' ? way * (x - y) : way * compare(String(x), String(y));
    });
  }
}
