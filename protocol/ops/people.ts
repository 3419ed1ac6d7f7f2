/** Colleagues: who they are, what they may, where they are logged in. */
import { z } from 'zod';
import { personFields, personSchema, sessionRowSchema } from '../people.ts';
import { operatorSchema } from '../site.ts';
import { operatorViewSchema } from '../views.ts';
import { admins, auditors, everyone, ok, op } from './op.ts';

const operator = operatorSchema.shape.name;
/** `token`: only in the first answer to an id; it is kept nowhere. */
const link = z.strictObject({ operator: z.string(), token: z.string().nullable(), untilMs: z.number() });

export const peopleOps = {
  getOperators: op({
    kind: 'query',
    method: 'GET',
    path: '/api/operators',
    who: auditors,
    scope: 'site',
    summary: 'Colleagues, their roles, and whether they are there',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(personSchema) }),
  }),
  addOperator: op({
    kind: 'command',
    method: 'POST',
    path: '/api/operators',
    who: admins,
    scope: 'site',
    reauth: true,
    summary: 'Add an operator whose password has been hashed elsewhere',
    params: z.strictObject({ ...operatorSchema.shape }),
    result: operatorViewSchema,
  }),
  inviteOperator: op({
    kind: 'command',
    method: 'POST',
    path: '/api/operators/invite',
    who: admins,
    scope: 'site',
    reauth: true,
    summary: 'Add a colleague, who sets the password by a link that works once',
    params: z.strictObject({ operator, ...personFields }),
    result: link,
  }),
  changeOperator: op({
    kind: 'command',
    method: 'POST',
    path: '/api/operators/{operator}',
    who: admins,
    scope: 'site',
    reauth: true,
    summary: 'Change name on screen, role and buildings; with another role or other buildings, sessions end',
    params: z.strictObject({ operator, ...personFields }),
    result: ok,
  }),
  resetOperator: op({
    kind: 'command',
    method: 'POST',
    path: '/api/operators/{operator}/reset',
    who: admins,
    scope: 'site',
    reauth: true,
    summary: 'A new link to set a password with; the old password and all sessions end',
    params: z.strictObject({ operator }),
    result: link,
  }),
  disableOperator: op({
    kind: 'command',
    method: 'POST',
    path: '/api/operators/{operator}/disable',
    who: admins,
    scope: 'site',
    reauth: true,
    summary: 'Nobody logs in under this name any more; all its sessions end',
    params: z.strictObject({ operator }),
    result: ok,
  }),
  enableOperator: op({
    kind: 'command',
    method: 'POST',
    path: '/api/operators/{operator}/enable',
    who: admins,
    scope: 'site',
    reauth: true,
    summary: 'Let a disabled name log in again',
    params: z.strictObject({ operator }),
    result: ok,
  }),
  getSessions: op({
    kind: 'query',
    method: 'GET',
    path: '/api/sessions',
    who: everyone,
    scope: 'open',
    summary: 'Where one is logged in; for administrators, where anyone is',
    params: z.strictObject({ whose: z.enum(['own', 'all']).default('own') }),
    result: z.strictObject({ items: z.array(sessionRowSchema) }),
  }),
  endSession: op({
    kind: 'command',
    method: 'POST',
    path: '/api/sessions/{session}/end',
    who: everyone,
    scope: 'open',
    reauth: true,
    summary: 'End one session: an own one; for administrators, any',
    params: z.strictObject({ session: z.string().regex(/^[0-9a-f]{16}$/, 'an id of a session') }),
    result: ok,
  }),
  endSessions: op({
    kind: 'command',
    method: 'POST',
    path: '/api/sessions/end',
    who: everyone,
    scope: 'open',
    reauth: true,
    summary: 'Log out everywhere; for administrators, also a colleague',
    params: z.strictObject({
      /** Absent: oneself. */
      operator: operator.optional(),
      keepThis: z.boolean().default(false),
    }),
    result: z.strictObject({ ended: z.int() }),
  }),
} as const;
