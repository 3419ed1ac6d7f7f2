/** Colleagues and their sessions, as the API shows them. */
import { z } from 'zod';
import { operatorSchema, roles } from './site.ts';

/** A link to set a password with is good for so long, and once. */
export const INVITATION_MS = 72 * 3_600_000;
export const INVITATION_SCREEN = '/invitation';

/** `invited`: has no password yet, or has been asked to set a new one. */
export const personStates = ['active', 'invited', 'disabled'] as const;

export const personSchema = z.strictObject({
  name: z.string(),
  displayName: z.string(),
  role: z.enum(roles),
  /** null: the whole site. */
  buildings: z.array(z.string()).nullable(),
  state: z.enum(personStates),
  /** Real time, epoch ms: until when the link works that was given out last; null: there is none. */
  invitedUntilMs: z.number().nullable(),
  sessions: z.int(),
  lastSeenMs: z.number().nullable(),
});
export type Person = z.infer<typeof personSchema>;

/** What an administrator chooses of a colleague. */
export const personFields = {
  displayName: operatorSchema.shape.displayName,
  role: z.enum(roles),
  /** null: the whole site. */
  buildings: operatorSchema.shape.buildings.unwrap().nullable(),
} as const;

/** Times are real, epoch ms. */
export const sessionRowSchema = z.strictObject({
  /** Names the session; its token cannot be had from it. */
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  /** The one that asks. */
  own: z.boolean(),
  address: z.string(),
  /** User-Agent as sent. */
  browser: z.string(),
  sinceMs: z.number(),
  /** To the minute. */
  seenMs: z.number(),
  expiresMs: z.number(),
});
export type SessionRow = z.infer<typeof sessionRowSchema>;
