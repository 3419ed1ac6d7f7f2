/** Who is logged in, the first administrator's link, and problem details: the part of the API that is no operation. */
import { z } from 'zod';
import { PASSWORD_MAX, PASSWORD_MIN } from './passwords.ts';
import { operatorSchema, roles } from './site.ts';

export const SESSION_PATH = '/api/session';
export const SETUP_PATH = '/api/setup';
/** The password of whoever is logged in, given again. */
export const PROOF_PATH = '/api/session/proof';
export const PASSWORD_PATH = '/api/session/password';
/** Whose link it is; `/accept` sets the password. */
export const INVITATION_PATH = '/api/invitation';
/** A password given no longer ago than this lets a change marked `reauth` through. */
export const PROOF_MS = 5 * 60_000;
/** Carries `csrf` of the session on every POST and DELETE. */
export const CSRF_HEADER = 'X-CSRF-Token';
/** Carries the caller's id of a command: the same id a hundred times is done once. */
export const IDEMPOTENCY_HEADER = 'Idempotency-Key';

/** Of a new password; what is common or personal is judged apart, by `passwordMistake`. Counted in UTF-16 units here. */
export const passwordSchema = z
  .string()
  .min(PASSWORD_MIN, `at least ${PASSWORD_MIN} characters`)
  .max(2 * PASSWORD_MAX, `at most ${PASSWORD_MAX} characters`);
/** Of any length: which rule a password breaks is no business of someone who is not logged in. */
export const loginSchema = z.strictObject({ name: z.string().min(1).max(80), password: z.string().min(1).max(200) });
export type Login = z.infer<typeof loginSchema>;

export const setupSchema = z.strictObject({
  token: z.string().min(1).max(200),
  name: operatorSchema.shape.name,
  displayName: operatorSchema.shape.displayName,
  password: passwordSchema,
});
export type Setup = z.infer<typeof setupSchema>;

export const proofSchema = z.strictObject({ password: loginSchema.shape.password });
export const changePasswordSchema = z.strictObject({ old: loginSchema.shape.password, password: passwordSchema });
export const invitationSchema = z.strictObject({ token: setupSchema.shape.token });
export const acceptSchema = z.strictObject({ token: setupSchema.shape.token, password: passwordSchema });
export const invitedSchema = z.strictObject({ name: z.string(), displayName: z.string(), role: z.enum(roles) });
export type Invited = z.infer<typeof invitedSchema>;

/** Another site's control room: its name, and its origin without a slash at its end. */
export const siteLinkSchema = z.strictObject({ name: z.string(), url: z.string() });
export type SiteLink = z.infer<typeof siteLinkSchema>;

/** The answer of GET and POST /api/session. */
export const sessionViewSchema = z.strictObject({
  name: z.string(),
  displayName: z.string(),
  role: z.enum(roles),
  /** null: the whole site. */
  buildings: z.array(z.string()).nullable(),
  csrf: z.string(),
  /** Real time, epoch ms; use moves it on. */
  expiresMs: z.number(),
  /** The sites that the header switches between, this one among them; absent: there is but one. */
  sites: z.array(siteLinkSchema).optional(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;

/** `type` of a problem is this and a code: a refusal of ops.ts or one of `requestProblems`. */
export const PROBLEM_PREFIX = 'urn:wattroom:problem:';
/** What the gateway refuses by itself, with its status. */
export const requestProblems = {
  malformed: 400,
  idempotencyKeyMissing: 400,
  unauthenticated: 401,
  wrongPassword: 401,
  csrf: 403,
  origin: 403,
  unknownPath: 404,
  methodNotAllowed: 405,
  setupClosed: 410,
  invitationClosed: 410,
  linkClosed: 404,
  weakPassword: 422,
  tooLarge: 413,
  notJson: 415,
  tooManyLogins: 429,
  internal: 500,
} as const;
export type RequestProblem = keyof typeof requestProblems;

/** RFC 9457; `errors` names each field of the request that is wrong. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  /** Of `needsApproval`: what it waits as. */
  approval: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;
