/** Which frame may be applied: each building counts its own, and a hole asks for one fresh snapshot. */
export class BuildingSequences {
  /** null: a snapshot was asked for and has not come. */
  readonly #last = new Map<string, number | null>();

  /** Of a new connection nothing is known. */
  forget(): void {
    this.#last.clear();
  }

  snapshot(building: string, seq: number): void {
    this.#last.set(building, seq);
  }

  /** apply: the next one; resync: a hole, ask once; skip: waits for the snapshot, or was already in it. */
  frame(building: string, seq: number): 'apply' | 'resync' | 'skip' {
    const last = this.#last.get(building);
    if (last === null) return 'skip';
    if (last !== undefined && seq <= last) return 'skip';
    if (last !== undefined && seq === last + 1) {
      this.#last.set(building, seq);
      return 'apply';
    }
    this.#last.set(building, null);
    return 'resync';
  }
}
