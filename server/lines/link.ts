/** Keeps a transport open: reconnects with a growing, jittered pause, for ever. */
import type { Transport } from './transport.ts';

export type LinkDeps = {
  readonly after: (ms: number, call: () => void) => () => void;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
};

export type LinkEvents = {
  readonly up: () => void;
  readonly data: (bytes: Uint8Array) => void;
  /** Each loss and each failed attempt. */
  readonly down: (reason: string) => void;
};

export type LinkRules = { readonly pauseMs: number; readonly pauseMsMax: number; readonly connectMs: number };

export const linkRules: LinkRules = { pauseMs: 500, pauseMsMax: 30_000, connectMs: 5_000 };

/** Pause before attempt `failures` + 1, ms: doubles up to the maximum, half of it random so that lines do not return in step. */
export function reconnectPauseMs(failures: number, random: number, rules: LinkRules): number {
  const full = Math.min(rules.pauseMsMax, rules.pauseMs * 2 ** Math.min(failures, 16));
  return full / 2 + (full / 2) * random;
}

export interface Link {
  open(): void;
  write(bytes: Uint8Array): void;
  /** Drops the connection; a new one follows after the pause. */
  recycle(reason: string): void;
  close(): Promise<void>;
}

export function createLink(
  transport: Transport,
  deps: LinkDeps,
  events: LinkEvents,
  rules: LinkRules = linkRules,
): Link {
  let phase: 'off' | 'connecting' | 'up' | 'pausing' = 'off';
  let failures = 0;
  let cancel: () => void = () => undefined;
  let recycled: string | null = null;
  let whenClosed: (() => void) | null = null;

  const closed = (reason: string): void => {
    cancel();
    const ended = whenClosed;
    if (ended !== null) {
      phase = 'off';
      whenClosed = null;
      return ended();
    }
    phase = 'pausing';
    cancel = deps.after(reconnectPauseMs(failures, deps.random(), rules), attempt);
    failures += 1;
    events.down(recycled ?? reason);
    recycled = null;
  };

  function attempt(): void {
    phase = 'connecting';
    cancel = deps.after(rules.connectMs, () => {
      recycled = 'no answer while connecting';
      transport.close();
    });
    transport.open({
      opened: () => {
        cancel();
        phase = 'up';
        failures = 0;
        events.up();
      },
      data: events.data,
      closed,
    });
  }

  return {
    open: attempt,
    write: (bytes) => transport.write(bytes),
    recycle(reason: string): void {
      if (phase !== 'up') return;
      recycled = reason;
      transport.close();
    },
    close(): Promise<void> {
      if (phase === 'off' || phase === 'pausing') {
        cancel();
        phase = 'off';
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        whenClosed = resolve;
        transport.close();
      });
    },
  };
}
