/** Past use under a draft: what each account would have paid. */
import type { OpOutcome, OpParams } from '../../../protocol/ops.ts';
import { compileTariff } from '../../domain/tariff/price.ts';
import type { Core } from '../core.ts';
import { countedTogether, repriced, type Repriced } from '../reprice.ts';
import { durable, found } from './answer.ts';

/** A month of one meter is some 3 000 quarter hours. A page is longer where more are counted together. */
const METERS_A_PAGE = 5;
const SPAN_MS_MAX = 400 * 86_400_000;

export async function whatIf(core: Core, { draft, fromMs, toMs, cursor }: OpParams<'whatIf'>): Promise<OpOutcome> {
  const invalid = (detail: string): OpOutcome => ({ ok: false, refusal: 'invalid', detail });
  if (toMs <= fromMs || toMs - fromMs > SPAN_MS_MAX) return invalid('toMs: after fromMs, and 400 days at most');
  const compiled = compileTariff(draft, core.directory.time.zone);
  const [firstMs = Infinity] = compiled.calendar.versionsFromMs;
  if (firstMs > fromMs) return invalid('draft.versions.0.from: before the span that is priced again');
  const meters = [...core.meters].flatMap(([meter, { state }]) => (state.config?.tariff === draft.id ? meter : []));
  let done = 0;
  const sums: Repriced[] = [];
  for (const together of countedTogether(core, compiled, meters)) {
    const isEarlier = done < cursor;
    if (!isEarlier && done - cursor >= METERS_A_PAGE) break;
    done += together.length;
    if (!isEarlier) sums.push(...(await repriced(core, compiled, together, fromMs, toMs)));
  }
  const items = sums.map(({ wallet, ...sum }) => {
    const state = core.wallets.get(wallet)?.state;
    return { account: state?.account ?? '', holder: state?.holder ?? '', ...sum };
  });
  return durable(core, () =>
    found<'whatIf'>({ items, done, total: meters.length, cursor: done < meters.length ? done : null }),
  );
}
