/** What a core is started with, and what it asks of its lines. */
import type { SiteClock } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';
import type { RunTask } from './fieldTasks.ts';
import type { Recovered } from './recover.ts';

export type CoreOptions = {
  readonly store: Store;
  readonly storeKind: 'sqlite' | 'redis';
  readonly recovered: Recovered;
  readonly clock: Pick<SiteClock, 'site' | 'mono' | 'speed'>;
  readonly after: (ms: number, call: () => void) => void;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, detail?: Record<string, unknown>) => void;
  /** Networks (CIDR) that a browser may make the lines connect to. */
  readonly networks: readonly string[];
  /** The store is lost to us, or contradicts us: end the process. */
  readonly onFatal: (error: unknown) => void;
};

/** What the lines are asked for. */
export type LinePort = {
  readonly differs: (meter: string) => void;
  readonly readNow: (meter: string) => void;
  readonly run: RunTask;
  /** Its settings or its meters are others now. */
  readonly changed: (line: string) => void;
};
