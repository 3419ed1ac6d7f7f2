/** The gateway's own small questions: logins, sessions, the first administrator, health, metrics. */
import { z } from 'zod';
import type { Internal, InternalAnswer } from '../../protocol/ipc.ts';
import { assertNever } from '../domain/assert.ts';
import { StoreError } from '../store/store.ts';
import type { Core } from './core.ts';
import { healthOf, scrape } from './status.ts';

const sessionSchema = z.strictObject({ operator: z.string(), csrf: z.string(), expiresMs: z.number() });

/** Puts a record and waits until it is durable. */
function keep(
  core: Core,
  kind: string,
  id: string,
  value: Record<string, string | number> | null,
  atMs: number,
): Promise<true> {
  if (!core.committer.keeping) throw new StoreError('away', 'the store does not keep');
  core.committer.append([], [{ kind, id, value, ...(value ? { index: { all: atMs } } : {}) }]);
  return new Promise((resolve) => core.committer.whenDurable(() => resolve(true)));
}

export async function answerInternal(core: Core, question: Internal): Promise<InternalAnswer[Internal['ask']]> {
  const { store } = core.options;
  if (question.ask === 'sessionGet' && core.committer.trouble?.kind === 'away') throw core.committer.trouble;
  switch (question.ask) {
    case 'operatorForLogin': {
      const operator = core.directory.get('operator', question.name);
      if (!operator || operator.disabled) return null;
      const { name, displayName, role, passwordHash } = operator;
      return { name, displayName, role, passwordHash };
    }
    case 'sessionPut': {
      const { tokenHash, operator, csrf, expiresMs } = question;
      return keep(core, 'session', tokenHash, { operator, csrf, expiresMs }, expiresMs);
    }
    case 'sessionGet': {
      const value = await store.get('session', question.tokenHash);
      if (!value) return null;
      const session = sessionSchema.parse(value);
      const operator = core.directory.get('operator', session.operator);
      if (!operator || operator.disabled || session.expiresMs <= Date.now()) return null;
      return {
        operator: operator.name,
        displayName: operator.displayName,
        role: operator.role,
        csrf: session.csrf,
        expiresMs: session.expiresMs,
      };
    }
    case 'sessionDelete':
      return keep(core, 'session', question.tokenHash, null, 0);
    case 'setupOpen':
      return core.directory.get('setup', 'setup')?.tokenHash === question.tokenHash;
    case 'setupUse': {
      const { tokenHash, name, displayName, passwordHash } = question;
      if (core.directory.get('setup', 'setup')?.tokenHash !== tokenHash || core.directory.get('operator', name))
        return false;
      core.setConfig('setup', 'setup', { tokenHash: null });
      core.setConfig('operator', name, { name, displayName, role: 'administrator', passwordHash, disabled: false });
      return new Promise((resolve) => core.committer.whenDurable(() => resolve(true)));
    }
    case 'health':
      return healthOf(core);
    case 'metrics':
      return scrape(core);
    default:
      return assertNever(question);
  }
}
