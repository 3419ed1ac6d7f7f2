/** Giving a tenant a link to an explanation, and taking it back. */
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import { accept, type Request } from '../../domain/messages.ts';
import type { Core } from '../core.ts';
import { explain } from '../explain.ts';
import { linkRecord, type LinkRecord } from '../links.ts';
import { refusal, type Routes } from './route.ts';

export const explanationRoutes: Routes<'giveExplanationLink' | 'revokeExplanationLink'> = {
  giveExplanationLink: give,
  revokeExplanationLink: revoke,
};

/** Of a balance it is the movement that made it: a later balance is none of the link's. */
async function give(core: Core, params: OpParams<'giveExplanationLink'>, request: Request): Promise<OpOutcome> {
  const { wallet, kind, subject, days } = params;
  const explanation = await explain(core, wallet, { kind, subject });
  if (!explanation) return refusal('notFound', `there is no such ${kind}`);
  const { movement } = explanation;
  if (kind === 'balance' && movement === null) return refusal('invalid', 'kind: nothing has moved in this wallet yet');
  const made =
    kind !== 'balance'
      ? { kind, subject: subject ?? '' }
      : movement?.kind === 'charge'
        ? ({ kind: 'charge', subject: movement.charge.id } as const)
        : ({ kind: 'order', subject: movement?.id ?? '' } as const);
  const { link, events, record } = core.links.make({ ...made, wallet, days, by: request.operator });
  core.audit.changed(request.key, `link:${link.id}`, null, link);
  const result = { link: link.id };
  core.committer.append(events, [record, accept(request, result, core.context().nowMs).record]);
  return done(core, result);
}

async function revoke(core: Core, params: OpParams<'revokeExplanationLink'>, request: Request): Promise<OpOutcome> {
  const link = await core.links.get(params.link);
  if (link?.wallet !== params.wallet) return refusal('notFound', 'there is no such link');
  const { nowMs } = core.context();
  const after: LinkRecord = link.revokedMs === null ? { ...link, revokedBy: request.operator, revokedMs: nowMs } : link;
  core.audit.changed(request.key, `link:${link.id}`, link, after);
  core.committer.append([], [linkRecord(after), accept(request, { ok: true }, nowMs).record]);
  return done(core, { ok: true });
}

const done = (core: Core, result: object): Promise<OpOutcome> =>
  new Promise((resolve) => core.committer.whenDurable(() => resolve({ ok: true, result })));
