/** Which answers say what became of an order. Pure. */

/** No answer, or one that was given while the core might still be at work. */
const openCodes: ReadonlySet<string> = new Set(['network', 'coreAway', 'internal']);
/** Refusals the core gives only after it has looked the key up and not found it (server/core/intake.ts). */
const afterLookUp: ReadonlySet<string> = new Set([
  'conflict',
  'notFound',
  'insufficientBalance',
  'accountState',
  'parked',
  'needsApproval',
]);

/** Whether a refusal says what became of the order; `again`: an earlier attempt went unanswered. */
export const settles = (code: string, again: boolean): boolean =>
  again ? afterLookUp.has(code) : !openCodes.has(code);
