/** The gateway's own small questions: logins, sessions, the first administrator, health, metrics. */
import type { Internal, InternalAnswer, PasswordAttempt } from '../../protocol/ipc.ts';
import { assert, assertNever } from '../domain/assert.ts';
import type { ConfigValue } from '../domain/config.ts';
import type { Core } from './core.ts';
import { explain } from './explain.ts';
import { healthOf, scrape } from './status.ts';

export async function answerInternal(core: Core, question: Internal): Promise<InternalAnswer[Internal['ask']]> {
  if (question.ask === 'sessionGet' && core.committer.trouble?.kind === 'away') throw core.committer.trouble;
  switch (question.ask) {
    case 'operatorForLogin': {
      const operator = core.directory.get('operator', question.name);
      const waitMs = await core.people.attempt(`${question.why}:${question.name}`, operator !== undefined, Date.now());
      if (waitMs > 0) await passwordTried(core, question, 'tooMany');
      return { waitMs, operator: waitMs > 0 ? null : loginOf(operator) };
    }
    case 'passwordRight':
      core.people.forgive(`${question.why}:${question.name}`);
      await passwordTried(core, question, 'done');
      return true;
    case 'passwordWrong':
      await passwordTried(core, question, 'wrongPassword');
      return true;
    case 'passwordSet':
      return setPassword(core, question);
    case 'invitation': {
      const operator = invited(core, question.tokenHash);
      return operator && { name: operator.name, displayName: operator.displayName, role: operator.role };
    }
    case 'invitationUse':
      return useInvitation(core, question);
    case 'sessionPut': {
      const { ask: _ask, tokenHash, ...session } = question;
      return core.people.put(tokenHash, session, Date.now());
    }
    case 'sessionGet':
      return sessionOf(core, question.tokenHash);
    case 'sessionDelete': {
      const session = question.why === 'logout' ? (await core.people.sessions()).get(question.tokenHash) : undefined;
      if (session) void noted(core, 'logout', session.operator, session.address);
      return core.people.delete(question.tokenHash);
    }
    case 'setupOpen':
      return core.directory.get('setup', 'setup')?.tokenHash === question.tokenHash;
    case 'setupUse': {
      const { tokenHash, name, displayName, passwordHash } = question;
      if (core.directory.get('setup', 'setup')?.tokenHash !== tokenHash || core.directory.get('operator', name))
        return false;
      core.setConfig('setup', 'setup', { tokenHash: null });
      core.setConfig('operator', name, { name, displayName, role: 'administrator', passwordHash, disabled: false });
      void noted(core, 'setupUse', name, question.address);
      return durable(core);
    }
    case 'sharedExplanation':
      return sharedOf(core, question.token);
    case 'health':
      return healthOf(core);
    case 'metrics':
      return scrape(core);
    default:
      return assertNever(question);
  }
}

type Question<A extends Internal['ask']> = Extract<Internal, { readonly ask: A }>;
type Operator = ConfigValue<'operator'>;

const durable = (core: Core): Promise<true> =>
  new Promise((resolve) => core.committer.whenDurable(() => resolve(true)));

/** What follows it is appended in the same turn, and so stands in the same commit. */
function noted(core: Core, op: string, operator: string, address: string, outcome = 'done'): Promise<void> {
  const role = core.directory.get('operator', operator)?.role ?? null;
  return core.audit.note({ who: { operator, role, address }, op, params: {} }, outcome, null);
}

const passwordTried = (core: Core, { name, why, address }: PasswordAttempt, outcome: string): Promise<void> =>
  noted(core, why === 'login' ? 'login' : 'passwordProof', name, address, outcome);

function loginOf(operator: Operator | undefined): InternalAnswer['operatorForLogin']['operator'] {
  if (!operator || operator.disabled || operator.passwordHash === null) return null;
  const { name, displayName, role, buildings, passwordHash } = operator;
  return { name, displayName, role, buildings: buildings ?? null, passwordHash };
}

async function sessionOf(core: Core, tokenHash: string): Promise<InternalAnswer['sessionGet']> {
  const session = (await core.people.sessions()).get(tokenHash);
  const operator = session && core.directory.get('operator', session.operator);
  if (!operator || operator.disabled || session.expiresMs <= Date.now()) return null;
  const { displayName, role, buildings } = operator;
  return { ...session, displayName, role, buildings: buildings ?? null };
}

async function sharedOf(core: Core, token: string): Promise<InternalAnswer['sharedExplanation']> {
  const link = await core.links.opened(token);
  const explanation = link && (await explain(core, link.wallet, link));
  return link && explanation && { explanation, language: link.language, expiresMs: link.expiresMs };
}

async function setPassword(
  core: Core,
  { operator, passwordHash, keepSession, address }: Question<'passwordSet'>,
): Promise<true> {
  const before = core.directory.get('operator', operator);
  assert(before !== undefined, `${operator} has just given a password`);
  await core.people.end((session, hash) => session.operator === operator && hash !== keepSession);
  core.setConfig('operator', operator, { ...before, passwordHash });
  void noted(core, 'passwordSet', operator, address);
  return durable(core);
}

function invited(core: Core, tokenHash: string): Operator | null {
  const found = core.directory.all('operator').find(({ invitation }) => invitation?.tokenHash === tokenHash);
  return found && !found.disabled && (found.invitation?.untilMs ?? 0) > Date.now() ? found : null;
}

async function useInvitation(core: Core, question: Question<'invitationUse'>): Promise<boolean> {
  const { tokenHash, passwordHash, address } = question;
  const operator = invited(core, tokenHash);
  if (!operator) return false;
  const { invitation: _used, ...rest } = operator;
  core.setConfig('operator', operator.name, { ...rest, passwordHash });
  core.people.forgive(`login:${operator.name}`);
  void noted(core, 'invitationUse', operator.name, address);
  return durable(core);
}
