import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { siteRulesSchema } from '../../protocol/site.ts';
import {
  applyAction,
  holdFor,
  settableCauses,
  wantedState,
  type Causes,
  type HoldFacts,
} from '../../server/domain/switching.ts';
import { minutesSinceQuiet, quietMinutesLeft } from '../../server/domain/quiet.ts';

const NOW = 1_000_000;
const entry = (untilMs: number | null = null, by = 'op'): NonNullable<Causes['workTag']> => ({
  by,
  reason: 'r',
  sinceMs: 0,
  untilMs,
});
/** The rule's own words, in its order. */
const states = {
  workTag: 'open',
  keepPower: 'closed',
  safetyLock: 'open',
  emergencyCut: 'open',
  forcedTrip: 'open',
  forcedClose: 'closed',
  control: 'open',
  moneyExhausted: 'open',
} as const;

describe('which state is wanted: the first cause that applies', () => {
  it('holds for every set of causes, with and without an account', () => {
    for (let bits = 0; bits < 1 << settableCauses.length; bits++) {
      const set = settableCauses.filter((_, i) => bits & (1 << i));
      const causes: Causes = Object.fromEntries(set.map((cause) => [cause, entry()]));
      for (const vacant of [null, 'open', 'closed'] as const) {
        const above = set.filter((cause) => cause !== 'moneyExhausted');
        const first = above[0];
        const expected = first
          ? { state: states[first], cause: first }
          : vacant
            ? { state: vacant, cause: 'noAccount' }
            : set.includes('moneyExhausted')
              ? { state: 'open', cause: 'moneyExhausted' }
              : { state: 'closed', cause: 'normal' };
        expect(wantedState(causes, vacant, NOW)).toEqual(expected);
        expect(wantedState(causes, vacant, NOW, true)).toEqual({ state: 'open', cause: 'workTag' });
      }
    }
  });

  it('a cause ends at its end, not before', () => {
    const causes: Causes = { forcedTrip: entry(NOW) };
    expect(wantedState(causes, null, NOW - 1).state).toBe('open');
    expect(wantedState(causes, null, NOW).state).toBe('closed');
  });
});

describe('actions', () => {
  const operator = { operator: 'op', role: 'operator' as const };
  it('a forced trip is refused while keep power holds', () =>
    expect(applyAction('forceTrip', { keepPower: entry() }, operator)).toBe('keepPowerInForce'));
  it.each(['forceClose', 'keepPower'] as const)('nothing closes a work tag: %s', (action) => {
    expect(applyAction(action, { workTag: entry() }, operator)).toBe('workTagInForce');
    expect(applyAction(action, {}, operator, true)).toBe('workTagInForce');
  });
  it('a work tag is lifted by its holder or a manager alone', () => {
    const tagged: Causes = { workTag: entry(null, 'fitter') };
    expect(applyAction('liftWorkTag', tagged, operator)).toBe('notYourTag');
    expect(applyAction('liftWorkTag', tagged, { operator: 'fitter', role: 'operator' })).toMatchObject({
      end: ['workTag'],
    });
    for (const role of ['administrator', 'manager'] as const)
      expect(applyAction('liftWorkTag', tagged, { operator: 'boss', role })).toMatchObject({ end: ['workTag'] });
  });
  it('release ends the operator’s override only', () =>
    expect(applyAction('release', { forcedTrip: entry(), moneyExhausted: entry() }, operator)).toEqual({
      set: [],
      end: ['forcedTrip', 'forcedClose'],
      hold: null,
    }));
});

describe('holds', () => {
  const fine: HoldFacts = {
    quietMinutesLeft: null,
    operatorHold: false,
    epochAgeMs: 0,
    readingAgeMs: 0,
    freshnessMs: 60_000,
  };
  it.each([
    ['stale', { epochAgeMs: 10_001 }],
    ['stale', { readingAgeMs: 60_001 }],
    ['stale', { readingAgeMs: null }],
    ['operatorHold', { operatorHold: true }],
    ['quietHours', { quietMinutesLeft: 1 }],
  ] as const)('%s: %o', (hold, facts) => expect(holdFor({ ...fine, ...facts })).toBe(hold));
  it('none stands when all is well', () => expect(holdFor(fine)).toBeNull());

  const rules = siteRulesSchema.parse({
    quietHours: [
      { from: '22:00', to: '08:00' },
      { from: '12:00', to: '13:30' },
    ],
  });
  it('quiet hours wrap midnight', () => {
    expect(quietMinutesLeft(rules, 22 * 60)).toBe(600);
    expect(quietMinutesLeft(rules, 7 * 60 + 59)).toBe(1);
    expect(quietMinutesLeft(rules, 8 * 60)).toBeNull();
    expect(quietMinutesLeft(rules, 12 * 60 + 30)).toBe(60);
  });
  it('every minute is either quiet or some time after quiet', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1439 }), (minute) => {
        const left = quietMinutesLeft(rules, minute);
        const since = minutesSinceQuiet(rules, minute);
        expect(left === null).toBe(since !== null);
        if (left !== null) expect(quietMinutesLeft(rules, (minute + left) % 1440)).toBeNull();
      }),
    );
  });
});
