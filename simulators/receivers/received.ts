/** What a receiver took in, by the id that a repeat carries again. */
export type Received = {
  readonly id: string;
  readonly way: 'mail' | 'adapter' | 'aliyun' | 'push';
  readonly channel: string;
  readonly to: string;
  readonly text: string;
  /** How often it came: more than once after a crash between sending and writing down. */
  readonly times: number;
};

export class Inbox {
  readonly #byId = new Map<string, Received>();
  readonly #kept: number;
  readonly #heard: (received: Received) => void;

  constructor(heard: (received: Received) => void = () => undefined, kept = 10_000) {
    this.#heard = heard;
    this.#kept = kept;
  }

  get all(): readonly Received[] {
    return [...this.#byId.values()];
  }

  /** A repeat is counted and not shown again. */
  take(received: Omit<Received, 'times'>): void {
    const before = this.#byId.get(received.id);
    const now = { ...received, times: (before?.times ?? 0) + 1 };
    this.#byId.set(received.id, now);
    const oldest = this.#byId.size > this.#kept ? this.#byId.keys().next().value : undefined;
    if (oldest !== undefined) this.#byId.delete(oldest);
    if (!before) this.#heard(now);
  }
}

/** One line to read along: the end of the address is enough to recognise it. */
export function lineOf({ channel, to, text, id }: Received): string {
  const end = to.includes('@') ? to.slice(to.indexOf('@')) : to.slice(-4);
  return `  ${channel.padEnd(7)} …${end}  ${text.replaceAll(/\s+/g, ' ').slice(0, 160)}  (${id})`;
}
