/** Which actions on a breaker make sense now. Pure. */
import type { MeterView, SwitchAction, WalletView } from '../../../protocol/ops.ts';

type Facts = Pick<MeterView, 'causes' | 'operatorHold' | 'role' | 'tags'>;

/** The first ones are shown as buttons, the others under "more". */
export function offered({ causes, operatorHold, role, tags }: Facts): readonly SwitchAction[] {
  const actions: SwitchAction[] = [];
  const tagged = causes.workTag !== undefined || tags.length > 0;
  if (causes.workTag !== undefined) actions.push('liftWorkTag');
  else if (causes.keepPower !== undefined) actions.push('liftKeepPower');
  if (causes.safetyLock !== undefined) actions.push('liftSafetyLock');
  if (causes.forcedTrip !== undefined || causes.forcedClose !== undefined) actions.push('release');
  if (causes.keepPower === undefined && causes.forcedTrip === undefined) actions.push('forceTrip');
  if (!tagged && causes.forcedClose === undefined) actions.push('forceClose');
  if (!tagged && causes.keepPower === undefined) actions.push('keepPower');
  if (causes.workTag === undefined) actions.push('workTag');
  if (causes.workTag !== undefined && causes.keepPower !== undefined) actions.push('liftKeepPower');
  // Public and main meters are never cut for money: nothing to hold.
  if (role === 'tenant') actions.push(operatorHold === null ? 'hold' : 'liftHold');
  return actions;
}

/** What takes power away or lets others take it. */
export const dangerous: ReadonlySet<SwitchAction> = new Set<SwitchAction>([
  'forceTrip',
  'workTag',
  'liftKeepPower',
  'liftWorkTag',
  'liftSafetyLock',
]);

/** The state after the forced causes end, as far as the room view tells. */
export function afterRelease({ causes, tags }: Facts, wallet: WalletView | null): 'open' | 'closed' {
  if (causes.workTag !== undefined || tags.length > 0) return 'open';
  if (causes.keepPower !== undefined) return 'closed';
  if (causes.safetyLock !== undefined || causes.emergencyCut !== undefined || causes.control !== undefined)
    return 'open';
  return causes.moneyExhausted !== undefined || wallet?.exhausted === true ? 'open' : 'closed';
}
