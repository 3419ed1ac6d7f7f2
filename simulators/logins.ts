/** One login per role for the demo: random passwords, kept readable for the person who runs it and for nobody else. */
import { randomBytes, randomInt, scryptSync } from 'node:crypto';
import { z } from 'zod';
import { roles, type Role, type SiteFileInput } from '../protocol/site.ts';

export const loginsSchema = z.array(
  z.strictObject({ name: z.string(), role: z.enum(roles), password: z.string().min(12) }),
);
export type Login = z.infer<typeof loginsSchema>[number];

/** Without letters and digits that look alike. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Three groups of five: about 74 bits. */
function randomPassword(): string {
  const group = (): string => Array.from({ length: 5 }, () => letters.charAt(randomInt(letters.length))).join('');
  return `${group()}-${group()}-${group()}`;
}

export function newLogins(): Login[] {
  return roles.map((role) => ({ name: role, role, password: randomPassword() }));
}

const displayNames: Record<Role, string> = {
  administrator: '管理员 Administrator',
  manager: '经理 Manager',
  cashier: '收费员 Cashier',
  operator: '值班员 Operator',
  maintenance: '维修员 Maintenance',
  auditor: '审计员 Auditor',
  viewer: '访客 Viewer',
};

const cost = { N: 16_384, r: 8, p: 1 };

export function operatorsOf(logins: readonly Login[]): NonNullable<SiteFileInput['operators']> {
  return logins.map(({ name, role, password }) => {
    return { name, displayName: displayNames[role], role, passwordHash: hashed(password) };
  });
}

/** `scrypt$N$r$p$salt$hash`, both in base64url. */
function hashed(password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}
