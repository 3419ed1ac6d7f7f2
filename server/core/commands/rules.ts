/** Rules of the site, and which utilities an empty wallet cuts. */
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import { utilities, type SiteRules, type Utility } from '../../../protocol/site.ts';
import type { Request } from '../../domain/messages.ts';
import type { MeterState } from '../../domain/meter/state.ts';
import type { Core } from '../core.ts';
import { configure, refusal, type Routes } from './route.ts';

export const ruleRoutes: Routes<'setSiteRules' | 'setArrearsCut'> = { setSiteRules, setArrearsCut };

async function setSiteRules(core: Core, params: OpParams<'setSiteRules'>, request: Request): Promise<OpOutcome> {
  const { site } = core.directory;
  const { quietDays, arrearsCut, ...rest } = params;
  const { quietDays: _days, arrearsCut: _cut, ...before } = site.rules;
  const days = [...new Set(quietDays)].sort();
  const rules: SiteRules = {
    ...{ ...before, ...rest },
    ...(days.length > 0 && { quietDays: days }),
    ...(arrearsCut.length < utilities.length && { arrearsCut: inOrder(arrearsCut) }),
  };
  const outcome = await configure(core, request, [{ kind: 'site', id: 'site', value: { ...site, rules } }], {
    ok: true,
  });
  const vacancy = rules.vacantState !== site.rules.vacantState;
  wake(core, ({ cutSinceMs, place }) => cutSinceMs !== null || (vacancy && place.account === null));
  return outcome;
}

async function setArrearsCut(core: Core, params: OpParams<'setArrearsCut'>, request: Request): Promise<OpOutcome> {
  const { account: id, utilities: chosen } = params;
  const before = core.directory.get('account', id);
  if (!before) return refusal('notFound', 'there is no such account');
  const { arrearsCut: _before, ...rest } = before;
  const value = { ...rest, ...(chosen && { arrearsCut: inOrder(chosen) }) };
  const outcome = await configure(core, request, [{ kind: 'account', id, value }], { ok: true });
  wake(core, ({ place }) => place.account === id);
  return outcome;
}

const inOrder = (chosen: readonly Utility[]): Utility[] => utilities.filter((one) => chosen.includes(one));

/** These follow at once; the others have nothing to follow. */
function wake(core: Core, concerns: (state: MeterState) => boolean): void {
  for (const [id, { state }] of core.meters)
    if (state.config && concerns(state)) core.send({ to: 'meter', id, message: { type: 'Wake', name: 'rules' } });
}
