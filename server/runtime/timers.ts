/** Wake-ups at site times. Volatile: what is to happen is durable in some state, whose `outstanding` sets them again. */
export class Timers {
  readonly #due = new Map<string, { key: string; name: string; atMs: number }>();

  set(key: string, name: string, atMs: number): void {
    this.#due.set(`${key}\n${name}`, { key, name, atMs });
  }

  /** Takes out what is due at `nowMs`, oldest first. */
  take(nowMs: number): { key: string; name: string }[] {
    const due: { key: string; name: string; atMs: number }[] = [];
    for (const [id, timer] of this.#due) {
      if (timer.atMs > nowMs) continue;
      this.#due.delete(id);
      due.push(timer);
    }
    return due.sort((a, b) => a.atMs - b.atMs);
  }
}
