/** Problem details (RFC 9457): one code, one status, one title each. */
import { refusals, type Refusal } from '../../../protocol/ops.ts';
import { PROBLEM_PREFIX, requestProblems, type Problem, type RequestProblem } from '../../../protocol/session.ts';
import type { Reply } from './exchange.ts';

export type ProblemCode = Refusal | RequestProblem;
export const problemStatus: Readonly<Record<ProblemCode, number>> = { ...refusals, ...requestProblems };

const titles: Readonly<Record<ProblemCode, string>> = {
  notFound: 'There is no such thing',
  forbidden: 'Your role may not do this',
  outOfScope: 'It lies outside your buildings',
  proofNeeded: 'Give your password again',
  invalid: 'The request has wrong fields',
  conflict: 'The same id was used with another content',
  insufficientBalance: 'The balance does not cover it',
  balanceLimit: 'The balance would be above its limit',
  notInSuspense: 'The money has been given to a wallet or paid back',
  payoutOver: 'The refund waits for no payment',
  alreadyReversed: 'It was taken back before',
  keepPowerInForce: 'Keep power is in force',
  workTagInForce: 'A work tag is in force',
  notYourTag: 'Somebody else hung this tag',
  selected: 'Somebody else has it in hand',
  noBreaker: 'There is no breaker or valve',
  onMeter: 'The money is in the meter',
  keptByMeter: 'A meter keeps the money of this wallet',
  meterChanged: 'The meter shows something else by now',
  nothingHeld: 'Nothing is held',
  moneyLeft: 'There is money left',
  temporaryUsedUp: 'Temporary power is used up for this month',
  noTemporaryPower: 'No temporary power is in force',
  nothingToCut: 'There is nothing to cut',
  nothingToSwitch: 'All of them are left out',
  nothingToCancel: 'All of it is done',
  emergencyOver: 'It is over',
  accountState: 'The account is in a state that does not allow it',
  openingsUnderWay: 'Another list is being opened',
  takeoverUnderWay: 'Accounts are being taken over',
  importUnderWay: 'Rooms and meters are being imported',
  lastAdministrator: 'The last administrator stays',
  needsApproval: 'It waits for a second person',
  ownProposal: 'A second person approves it',
  handoverOver: 'The handover is another one now',
  approvalOver: 'There is nothing left to decide',
  storeAway: 'The store is away, money is on hold',
  coreAway: 'The core does not answer',
  parked: 'This part is parked after a fault',
  tooMany: 'Too much at once',
  malformed: 'The request cannot be read',
  idempotencyKeyMissing: 'A change needs an id of its own',
  unauthenticated: 'Log in first',
  wrongPassword: 'Name or password is wrong',
  csrf: 'The CSRF token is missing or wrong',
  origin: 'Requests from another site are refused',
  unknownPath: 'There is no such address',
  methodNotAllowed: 'This address takes another method',
  setupClosed: 'This link is used up or wrong',
  invitationClosed: 'This link is used up, too old or wrong',
  linkClosed: 'This link opens nothing',
  weakPassword: 'This password is too easy to guess',
  tooLarge: 'The request is too large',
  notJson: 'The body must be JSON',
  tooManyLogins: 'Too many attempts',
  internal: 'Something broke',
};

export type FieldError = { readonly path: string; readonly message: string };
type ProblemInput = {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly path: string;
  readonly errors?: readonly FieldError[];
  /** Under which it waits for a second person. */
  readonly approval?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
};

export function problem({ code, detail, path, errors, approval, headers }: ProblemInput): Reply {
  const status = problemStatus[code];
  const body: Problem = { type: PROBLEM_PREFIX + code, title: titles[code], status, detail, instance: path };
  const text = JSON.stringify({ ...body, errors, approval });
  return { status, headers: { ...headers, 'content-type': 'application/problem+json' }, body: text };
}

/** Leaves a handler from any depth with a refusal; `exchange` turns it into the answer. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly #input: Omit<ProblemInput, 'path'>;

  constructor(code: ProblemCode, detail: string, more: Pick<ProblemInput, 'errors' | 'headers'> = {}) {
    super(detail);
    this.#input = { code, detail, ...more };
  }

  reply(path: string): Reply {
    return problem({ ...this.#input, path });
  }
}

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { ...headers, 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
