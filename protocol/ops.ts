/**
 * Every operation of the API, once: its parameters, its answer, who may, and its route.
 * The gateway's routes, the OpenAPI page, the core's intake and the control room are all driven by this table.
 */
import type { z } from 'zod';
import { accountsOps } from './ops/accounts.ts';
import { alarmsOps } from './ops/alarms.ts';
import { allowancesOps } from './ops/allowances.ts';
import { approvalsOps } from './ops/approvals.ts';
import { auditOps } from './ops/audit.ts';
import { chargingOps } from './ops/charging.ts';
import { controlOps } from './ops/control.ts';
import { emergenciesOps } from './ops/emergencies.ts';
import { explanationsOps } from './ops/explanations.ts';
import { fieldOps } from './ops/field.ts';
import { groupsOps } from './ops/groups.ts';
import { handoverOps } from './ops/handover.ts';
import { metersOps } from './ops/meters.ts';
import { moneyOps } from './ops/money.ts';
import { noticesOps } from './ops/notices.ts';
import { openingsOps } from './ops/openings.ts';
import { ownerOps } from './ops/owner.ts';
import { parametersOps } from './ops/parameters.ts';
import { peopleOps } from './ops/people.ts';
import { risersOps } from './ops/risers.ts';
import { rulesOps } from './ops/rules.ts';
import { roomsOps } from './ops/rooms.ts';
import { setupOps } from './ops/setup.ts';
import { siteOps } from './ops/site.ts';
import { siteImportOps } from './ops/siteImport.ts';
import { takeoversOps } from './ops/takeovers.ts';
import { statementsOps } from './ops/statements.ts';
import { tagsOps } from './ops/tags.ts';
import { tariffsOps } from './ops/tariffs.ts';
import { walletsOps } from './ops/wallets.ts';
import { treeOps } from './ops/tree.ts';

export { amount, type OpKind } from './ops/op.ts';
export { switchActions, type SwitchAction } from './ops/rooms.ts';
export * from './orders.ts';
export * from './views.ts';

export const ops = {
  ...siteOps,
  ...roomsOps,
  ...accountsOps,
  ...tariffsOps,
  ...setupOps,
  ...metersOps,
  ...moneyOps,
  ...chargingOps,
  ...alarmsOps,
  ...noticesOps,
  ...peopleOps,
  ...auditOps,
  ...approvalsOps,
  ...handoverOps,
  ...emergenciesOps,
  ...groupsOps,
  ...rulesOps,
  ...tagsOps,
  ...walletsOps,
  ...allowancesOps,
  ...takeoversOps,
  ...openingsOps,
  ...siteImportOps,
  ...explanationsOps,
  ...risersOps,
  ...treeOps,
  ...statementsOps,
  ...fieldOps,
  ...ownerOps,
  ...parametersOps,
  ...controlOps,
} as const;

export type OpName = keyof typeof ops;
export type CommandName = { [N in OpName]: (typeof ops)[N]['kind'] extends 'command' ? N : never }[OpName];
export type QueryName = Exclude<OpName, CommandName>;
export type OpParams<N extends OpName> = z.infer<(typeof ops)[N]['params']>;
export type OpResult<N extends OpName> = z.infer<(typeof ops)[N]['result']>;

/** Why an operation was not done; the gateway maps each to a status and a problem detail (RFC 9457). */
export const refusals = {
  notFound: 404,
  forbidden: 403,
  /** It lies in another building than those the person is limited to. */
  outOfScope: 403,
  /** Prove the password again, then repeat it under the same id. */
  proofNeeded: 403,
  invalid: 422,
  conflict: 409, // the same idempotency id with another body
  insufficientBalance: 409,
  /** The wallet would hold more than the site allows. */
  balanceLimit: 409,
  alreadyReversed: 409,
  /** The refund has been paid out or cancelled. */
  payoutOver: 409,
  /** The money has been given to a wallet, or paid back, already. */
  notInSuspense: 409,
  keepPowerInForce: 409,
  workTagInForce: 409,
  /** Somebody else hung it. */
  notYourTag: 403,
  /** Somebody else has this breaker in hand. */
  selected: 409,
  noBreaker: 409,
  nothingHeld: 409,
  /** The money is in the meter: it is asked back by a refund. */
  onMeter: 409,
  /** A meter keeps the money of this wallet: nothing else draws on it or pays for it. */
  keptByMeter: 409,
  /** It shows something else by now than what was decided on. */
  meterChanged: 409,
  /** Temporary power is for a wallet without money. */
  moneyLeft: 409,
  /** Granted as often as the site allows in a month. */
  temporaryUsedUp: 409,
  noTemporaryPower: 409,
  /** No breaker of the place may be opened. */
  nothingToCut: 409,
  /** All breakers of a group are left out. */
  nothingToSwitch: 409,
  /** All of it is done. */
  nothingToCancel: 409,
  emergencyOver: 409,
  /** The account is in a state that does not allow it: being opened, closed … */
  accountState: 409,
  /** A list of accounts at a time. */
  openingsUnderWay: 409,
  /** What it would look at is being changed by a takeover. */
  takeoverUnderWay: 409,
  /** What it would change is being changed by an import. */
  importUnderWay: 409,
  /** Nobody would be left who may add people. */
  lastAdministrator: 409,
  /** Not done yet: it waits for a second person, as the approval that the answer names. */
  needsApproval: 409,
  /** Who proposes does not approve. */
  ownProposal: 403,
  /** The handover waits no more, or is not what was shown. */
  handoverOver: 409,
  /** Decided, expired, or not what was shown. */
  approvalOver: 409,
  storeAway: 503,
  coreAway: 503,
  parked: 503,
  tooMany: 429,
} as const;
export type Refusal = keyof typeof refusals;
export type OpOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly refusal: Refusal; readonly detail: string; readonly approval?: string | undefined };
