/** Which breakers a group order goes to, and which it leaves alone. */
import type { GroupAction, GroupPreview, LeftOut } from '../../../protocol/group.ts';
import type { Causes } from '../switching.ts';

export type Protection = {
  readonly hasBreaker: boolean;
  readonly role: 'tenant' | 'public' | 'main';
  readonly causes: Causes;
  /** By a tag of its own, of its room or of its line. */
  readonly tagged: boolean;
};

const byPublic: ReadonlySet<GroupAction> = new Set(['forceTrip', 'hold', 'liftHold']);
const underTag: ReadonlySet<GroupAction> = new Set(['forceTrip', 'forceClose', 'keepPower']);

/** null: the order goes to it. Asked for the dry run, and again by each meter when it takes the order. */
export function leftOut(action: GroupAction, { hasBreaker, role, causes, tagged }: Protection): LeftOut | null {
  if (!hasBreaker) return 'noBreaker';
  if (role !== 'tenant' && byPublic.has(action)) return 'public';
  if (action === 'forceTrip' && causes.keepPower) return 'keepPower';
  if (underTag.has(action) && tagged) return 'workTag';
  return null;
}

export type Candidate = Protection & {
  readonly meter: string;
  readonly room: string | null;
  readonly held: boolean;
  readonly wanted: 'open' | 'closed';
  readonly answers: boolean;
  readonly inHand: boolean;
};

/** null: it follows what other causes want, or moves nothing. */
export function aimOf(action: GroupAction): 'open' | 'closed' | null {
  if (action === 'forceTrip') return 'open';
  return action === 'forceClose' || action === 'keepPower' ? 'closed' : null;
}

function isSo(action: GroupAction, { causes, held, wanted }: Candidate): boolean {
  if (action === 'hold' || action === 'liftHold') return held === (action === 'hold');
  if (action === 'release') return !causes.forcedTrip && !causes.forcedClose;
  return wanted === aimOf(action) && (action !== 'keepPower' || causes.keepPower !== undefined);
}

/** In the order given. */
export function previewOf(action: GroupAction, candidates: readonly Candidate[]): GroupPreview {
  const meters: string[] = [];
  const left: { meter: string; room: string | null; why: LeftOut }[] = [];
  let [same, silent] = [0, 0];
  for (const one of candidates) {
    const { meter, room, answers, inHand } = one;
    const why = leftOut(action, one) ?? (inHand ? 'inHand' : null);
    if (why !== null) {
      left.push({ meter, room, why });
      continue;
    }
    meters.push(meter);
    if (isSo(action, one)) same += 1;
    if (!answers) silent += 1;
  }
  return { meters, same, silent, left };
}
