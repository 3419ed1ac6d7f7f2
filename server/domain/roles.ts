/** Who may do what: one table (protocol/ops.ts), asked in the core for every operation. */
import { ops, type OpName } from '../../protocol/ops.ts';
import type { Role } from '../../protocol/site.ts';

export function mayDo(role: Role, op: OpName): boolean {
  return ops[op].who.includes(role);
}
