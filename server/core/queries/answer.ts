/** What every answer needs: found or not, waiting for durability (law 5), pages of records. */
import type { z } from 'zod';
import type { Who } from '../../../protocol/ipc.ts';
import type { LineView, OpOutcome, OpParams, OpResult, QueryName } from '../../../protocol/ops.ts';
import type { RecordPage, RecordQuery } from '../../store/store.ts';
import type { Core } from '../core.ts';

/** What the lines' owner tells. */
export type LinesView = { readonly lines: () => LineView[] };
export type SystemExtras = { readonly gatewayRestarts: number; readonly wallClients: number };
export type Asked = {
  readonly who: Who;
  readonly core: Core;
  readonly lines: LinesView & { readonly extras: () => SystemExtras };
};
/** Answers of a group of queries, by operation. */
export type Answers<N extends QueryName> = {
  readonly [Q in N]: (asked: Asked, params: OpParams<Q>) => OpOutcome | Promise<OpOutcome>;
};

export const notFound = (what: string): OpOutcome => ({
  ok: false,
  refusal: 'notFound',
  detail: `there is no such ${what}`,
});
export const found = <N extends QueryName>(result: OpResult<N>): OpOutcome => ({ ok: true, result });

export /** Looks, then waits until everything looked at is durable. */
function durable(core: Core, look: () => OpOutcome): Promise<OpOutcome> {
  const outcome = look();
  return new Promise((resolve) => core.committer.whenDurable(() => resolve(outcome)));
}

export async function pageOf<T>(
  core: Core,
  which: Pick<RecordQuery, 'kind' | 'index'>,
  page: { cursor?: string | undefined; limit: number },
  schema: z.ZodType<T>,
): Promise<{ items: T[]; cursor: string | null }> {
  const result: RecordPage = await core.options.store.range({
    ...which,
    newestFirst: true,
    limit: page.limit,
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  });
  return { items: result.items.map(({ value }) => schema.parse(value)), cursor: result.cursor };
}
