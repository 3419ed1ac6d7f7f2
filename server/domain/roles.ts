/** Who may do what: one table (protocol/ops.ts), asked in the core for every operation. */
import { ops, type OpName } from '../../protocol/ops.ts';
import type { Op } from '../../protocol/ops/op.ts';
import { PROOF_MS } from '../../protocol/session.ts';
import type { Role } from '../../protocol/site.ts';

export function mayDo(role: Role, op: OpName): boolean {
  return ops[op].who.includes(role);
}

/** Whether the password has to be given again first. `provedAgoMs`: undefined if it never was in this session. */
export function needsProof(op: OpName, provedAgoMs: number | undefined): boolean {
  const { reauth }: Op = ops[op];
  return reauth === true && (provedAgoMs === undefined || provedAgoMs > PROOF_MS);
}
