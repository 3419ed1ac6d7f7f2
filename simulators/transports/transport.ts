export const transportKinds = ['tcp', 'rtuTcp', 'serial'] as const;

/** An open door of a line. */
export type Served = {
  /** What a master has to be told: `127.0.0.1:1502` or `/dev/pts/3`. */
  readonly address: string;
  /** Zero for a serial port. */
  readonly port: number;
  readonly close: () => Promise<void>;
};
