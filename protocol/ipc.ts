/** Core ↔ gateway: one union per direction. The gateway says who; the core decides. */
import type { Shared } from './explanations.ts';
import type { Delivered, OutgoingNotice } from './notices.ts';
import type { Role } from './site.ts';
import type { OpName, OpOutcome } from './ops.ts';
import type { Alarm, Layout, Status, Tile } from './wall.ts';

export type Who = {
  readonly operator: string;
  readonly role: Role;
  /** Absent: the whole site. */
  readonly buildings?: readonly string[];
  /** Hash of the session's token. */
  readonly session?: string;
  /** How long ago this session last proved the password, ms; absent: never. */
  readonly provedAgoMs?: number;
  /** From where, as the gateway saw it. */
  readonly address?: string;
};

/** What the core keeps of a session. Times are real, epoch ms. */
export type SessionRecord = {
  readonly operator: string;
  readonly csrf: string;
  readonly sinceMs: number;
  readonly seenMs: number;
  readonly expiresMs: number;
  /** When the password was last given. */
  readonly provedMs: number;
  readonly address: string;
  /** User-Agent as sent. */
  readonly browser: string;
};

export type PasswordAttempt = {
  readonly name: string;
  readonly why: 'login' | 'proof';
  /** From where, as the gateway saw it. */
  readonly address: string;
};

/** Small questions of the gateway itself; they are no operations of the API. */
export type Internal =
  /** Counts as a wrong password until `passwordRight`; `proof`: by someone who is logged in. */
  | ({ readonly ask: 'operatorForLogin' } & PasswordAttempt)
  | ({ readonly ask: 'passwordRight' } & PasswordAttempt)
  | ({ readonly ask: 'passwordWrong' } & PasswordAttempt)
  /** Ends all other sessions of the operator. */
  | {
      readonly ask: 'passwordSet';
      readonly operator: string;
      readonly passwordHash: string;
      readonly keepSession: string;
      readonly address: string;
    }
  | { readonly ask: 'invitation'; readonly tokenHash: string }
  | {
      readonly ask: 'invitationUse';
      readonly tokenHash: string;
      readonly passwordHash: string;
      readonly address: string;
    }
  | ({ readonly ask: 'sessionPut'; readonly tokenHash: string } & SessionRecord)
  | { readonly ask: 'sessionGet'; readonly tokenHash: string }
  /** renewed: the same session goes on under another token. */
  | { readonly ask: 'sessionDelete'; readonly tokenHash: string; readonly why: 'logout' | 'renewed' }
  | { readonly ask: 'setupOpen'; readonly tokenHash: string }
  | {
      readonly ask: 'setupUse';
      readonly tokenHash: string;
      readonly name: string;
      readonly displayName: string;
      readonly passwordHash: string;
      readonly address: string;
    }
  /** Of a link given to a tenant. */
  | { readonly ask: 'sharedExplanation'; readonly token: string }
  | { readonly ask: 'health' }
  | { readonly ask: 'metrics' };

/** Answers, by `ask`. Times are real epoch ms (sessions live in real time, not in site time). */
export type InternalAnswer = {
  operatorForLogin: {
    /** Until the next attempt; nothing is said of the operator before that. */
    readonly waitMs: number;
    readonly operator: {
      readonly name: string;
      readonly displayName: string;
      readonly role: Role;
      readonly buildings: readonly string[] | null;
      readonly passwordHash: string;
    } | null;
  };
  passwordRight: true;
  passwordWrong: true;
  passwordSet: true;
  /** Whose link it is; null: of nobody, used up, or too late. */
  invitation: { readonly name: string; readonly displayName: string; readonly role: Role } | null;
  invitationUse: boolean;
  sessionPut: true;
  sessionGet:
    | (SessionRecord & {
        readonly displayName: string;
        readonly role: Role;
        readonly buildings: readonly string[] | null;
      })
    | null;
  sessionDelete: true;
  /** Whether the one-time link of the first administrator is still good. */
  setupOpen: boolean;
  setupUse: boolean;
  /** null, whatever is wrong with the link. */
  sharedExplanation: Shared | null;
  health: {
    readonly healthy: boolean;
    readonly schedulers: boolean;
    readonly store: boolean;
    readonly ledgerZero: boolean;
    readonly parked: readonly string[];
    readonly silentLines: readonly string[];
    readonly silentMeters: readonly string[];
  };
  /** Prometheus text of the core's own registry. */
  metrics: string;
};

export type GatewayToCore =
  | { readonly type: 'ready'; readonly port: number }
  /** The one outstanding wall batch has been taken over. What comes before `restMs` have passed would wait here for its frame. */
  | { readonly type: 'wallAck'; readonly batch: number; readonly restMs: number }
  /** Sent every second; the core kills a gateway that misses them. */
  | { readonly type: 'heartbeat'; readonly wallClients: number }
  | {
      readonly type: 'op';
      readonly id: number;
      readonly who: Who;
      readonly op: OpName;
      readonly params: unknown;
      readonly idempotencyKey: string | null;
    }
  | { readonly type: 'internal'; readonly id: number; readonly question: Internal }
  /** What became of a notice that was to be sent. */
  | { readonly type: 'delivered'; readonly delivered: Delivered };

/** What the wall shows otherwise since the last batch; a room is in it once at most. */
export type WallBatch = {
  readonly type: 'wall';
  readonly batch: number;
  /** In which more than numbers has changed. */
  readonly tiles: readonly Tile[];
  /** By building: `encodeMoves` (wallFrame.ts) in base64, of rooms whose tiles came before. */
  readonly moves: readonly { readonly building: string; readonly bytes: string }[];
  /** When the pulses behind them arrived, monotonic ms of this machine (`process.hrtime`): for pulse-to-wall time. */
  readonly pulsesMonoMs: readonly number[];
  /** Set on the batch after which the image is whole. */
  readonly whole: boolean;
};

export type CoreToGateway =
  /** First message after the start: everything but the tiles, which follow as batches. */
  | { readonly type: 'begin'; readonly layout: Layout; readonly alarmSeq: number; readonly alarms: readonly Alarm[] }
  | WallBatch
  | { readonly type: 'alarm'; readonly alarm: Alarm }
  | { readonly type: 'status'; readonly status: Status }
  /** Of an operation; of an internal question only the refusal `storeAway`. */
  | { readonly type: 'outcome'; readonly id: number; readonly outcome: OpOutcome }
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  /** Sessions that somebody else, or another session, has ended. */
  | { readonly type: 'sessionsEnded'; readonly tokenHashes: readonly string[] }
  /** Send this; its start is durable. */
  | { readonly type: 'deliver'; readonly notice: OutgoingNotice }
  | { readonly type: 'stop' };
