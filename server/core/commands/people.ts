/** Colleagues: invited, changed, disabled; their sessions ended. */
import { createHash, randomBytes } from 'node:crypto';
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import { INVITATION_MS } from '../../../protocol/people.ts';
import type { ConfigValue } from '../../domain/config.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Request } from '../../domain/messages.ts';
import type { Core } from '../core.ts';
import { sessionId } from '../queries/people.ts';
import { configure, refusal, type Routed, type Routes } from './route.ts';

type Operator = ConfigValue<'operator'>;
type Invitation = NonNullable<Operator['invitation']>;

export const peopleRoutes: Routes<
  | 'addOperator'
  | 'inviteOperator'
  | 'changeOperator'
  | 'resetOperator'
  | 'disableOperator'
  | 'enableOperator'
  | 'endSession'
  | 'endSessions'
> = {
  addOperator: (core, params, request) => {
    const { name, displayName, role } = params;
    return (
      newcomerMistake(core, params) ??
      save(core, request, { ...params, disabled: false }, { name, displayName, role, disabled: false })
    );
  },
  inviteOperator: (core, params, request) => {
    const { operator: name, displayName, role, buildings } = params;
    const mistake = newcomerMistake(core, { name, buildings: buildings ?? undefined });
    if (mistake) return mistake;
    const fresh: Operator = { name, displayName, role, passwordHash: null, disabled: false };
    return withLink(core, request, buildings === null ? fresh : { ...fresh, buildings });
  },
  changeOperator: (core, params, request) => change(core, params, request),
  resetOperator: (core, { operator: name }, request) => {
    const operator = core.directory.get('operator', name);
    if (!operator) return noOne;
    if (name === request.operator) return refusal('conflict', 'one changes the own password with the old one');
    return ended(core, name).then(() => withLink(core, request, { ...operator, passwordHash: null }));
  },
  disableOperator: (core, { operator: name }, request) => {
    const operator = core.directory.get('operator', name);
    if (!operator) return noOne;
    if (lastAdministrator(core, operator)) return lastOne;
    const { invitation: _void, ...rest } = operator;
    return ended(core, name).then(() => save(core, request, { ...rest, disabled: true }, { ok: true }));
  },
  enableOperator: (core, { operator: name }, request) => {
    const operator = core.directory.get('operator', name);
    return operator ? save(core, request, { ...operator, disabled: false }, { ok: true }) : noOne;
  },
  endSession: async (core, { session: id }, request) => {
    const all = request.role === 'administrator';
    const count = await core.people.end(
      ({ operator }, hash) => sessionId(hash) === id && (all || operator === request.operator),
    );
    return count === 0 ? refusal('notFound', 'there is no such session') : configure(core, request, [], { ok: true });
  },
  endSessions: async (core, { operator, keepThis }, request) => {
    const name = operator ?? request.operator;
    if (name !== request.operator && request.role !== 'administrator')
      return refusal('forbidden', 'the sessions of others are for administrators');
    const kept = keepThis ? request.session : undefined;
    const count = await core.people.end((session, hash) => session.operator === name && hash !== kept);
    return configure(core, request, [], { ended: count });
  },
};

const noOne = refusal('notFound', 'there is nobody of this name');
const lastOne = refusal('lastAdministrator', 'no administrator would be left who can log in');

function newcomerMistake(core: Core, params: { name: string; buildings?: readonly string[] | undefined }) {
  if (core.directory.get('operator', params.name)) return refusal('invalid', 'operator: taken already');
  return buildingMistake(core, params.buildings ?? []);
}

function buildingMistake(core: Core, buildings: readonly string[]): OpOutcome | null {
  const unknown = buildings.find((id) => !core.directory.get('building', id));
  return unknown === undefined ? null : refusal('invalid', `buildings: there is no ${unknown}`);
}

const isAdministrator = ({ role, disabled, passwordHash, buildings }: Operator): boolean =>
  role === 'administrator' && !disabled && passwordHash !== null && buildings === undefined;

function lastAdministrator(core: Core, operator: Operator): boolean {
  const others = core.directory.all('operator').filter(({ name }) => name !== operator.name);
  return isAdministrator(operator) && !others.some(isAdministrator);
}

const ended = (core: Core, name: string): Promise<number> => core.people.end(({ operator }) => operator === name);

function save(core: Core, request: Request, value: Operator, result: JsonObject): Promise<OpOutcome> {
  return configure(core, request, [{ kind: 'operator', id: value.name, value }], result);
}

function change(core: Core, params: OpParams<'changeOperator'>, request: Request): Routed {
  const { operator: name, displayName, role, buildings } = params;
  const before = core.directory.get('operator', name);
  if (!before) return noOne;
  const { buildings: had, ...rest } = before;
  const after: Operator = { ...rest, displayName, role, ...(buildings === null ? {} : { buildings }) };
  if (!isAdministrator(after) && lastAdministrator(core, before)) return lastOne;
  const mistake = buildingMistake(core, buildings ?? []);
  if (mistake) return mistake;
  const same = role === before.role && JSON.stringify(had ?? null) === JSON.stringify(buildings);
  if (same) return save(core, request, after, { ok: true });
  // Open walls and sessions were let in with the old rights.
  return ended(core, name).then(() => save(core, request, after, { ok: true }));
}

/** The token is in this answer alone: the record of the request has none, so a repeat under its id gets none. */
async function withLink(core: Core, request: Request, operator: Operator): Promise<OpOutcome> {
  const token = randomBytes(32).toString('base64url');
  const tokenHash = createHash('sha256').update(token, 'utf8').digest('hex');
  const invitation: Invitation = { tokenHash, untilMs: Date.now() + INVITATION_MS };
  const result = { operator: operator.name, token: null, untilMs: invitation.untilMs };
  const outcome = await save(core, request, { ...operator, invitation }, result);
  return outcome.ok ? { ok: true, result: { ...result, token } } : outcome;
}
