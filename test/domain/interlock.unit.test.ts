import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { siteRulesSchema } from '../../protocol/site.ts';
import {
  decideInterlock,
  evolveInterlock,
  initialInterlock,
  INTERLOCK_WINDOW_MS,
  type InterlockState,
} from '../../server/domain/interlock.ts';
import type { InterlockMessage, Request } from '../../server/domain/messages.ts';

const request: Request = { id: 1, operator: 'op', role: 'operator', key: 'op:k', bodyHash: 'h' };
const LIMIT = 3;

describe('the mass-cut interlock', () => {
  const step = fc.record({
    what: fc.constantFrom('ask', 'ask', 'ask', 'withdraw', 'release', 'some'),
    meter: fc.integer({ min: 1, max: 12 }).map((n) => `m${n}`),
    passMs: fc.integer({ min: 0, max: 4 * 60_000 }),
  });
  it('grants at most its limit in any ten minutes without a person, and each ask is answered once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let state: InterlockState = initialInterlock;
        let nowMs = 0;
        let alone: number[] = [];
        const held = new Set<string>();
        for (const { what, meter, passMs } of steps) {
          nowMs += passMs;
          const message: InterlockMessage =
            what === 'ask'
              ? { type: 'AskToOpen', meter }
              : what === 'withdraw'
                ? { type: 'Withdraw', meter }
                : { type: 'Release', meters: what === 'some' ? [meter, 'm2'] : null, reason: 'r', request };
          const { events, sends } = decideInterlock(state, message, {
            ...{ nowMs, rules: siteRulesSchema.parse({ massCutLimit: LIMIT }), moneyOnHold: false, epochAgeMs: 0 },
            ...{
              localMinute: () => 720,
              tagsOn: () => [],
              localDay: () => '',
              nextReceipt: 1,
              notInSuspense: () => null,
              cutsForMoney: () => true,
            },
          });
          for (const event of events) state = evolveInterlock(state, event);
          const answers = sends.flatMap((send) => (send.to === 'meter' ? [`${send.id} ${send.message.type}`] : []));
          if (what === 'ask') {
            expect(answers).toHaveLength(1);
            if (answers[0] === `${meter} OpeningGranted`) alone.push(nowMs);
            else held.add(meter);
          } else if (what === 'withdraw') held.delete(meter);
          else if (what === 'some' && [...held].some((one) => one !== meter && one !== 'm2')) {
            // Of these alone; whoever comes while others are held waits with them.
            const gone = [...held].filter((one) => one === meter || one === 'm2');
            expect(new Set(answers)).toEqual(new Set(gone.map((one) => `${one} OpeningGranted`)));
            for (const one of gone) held.delete(one);
          } else {
            if (what === 'some') for (const one of [...held]) expect([meter, 'm2']).toContain(one);
            expect(new Set(answers)).toEqual(new Set([...held].map((one) => `${one} OpeningGranted`)));
            held.clear();
            alone = []; // a person has looked: counting starts anew
          }
          expect(new Set(state.held)).toEqual(held);
          expect(new Set(Object.keys(state.since ?? {}))).toEqual(held);
          for (const first of alone)
            expect(alone.filter((at) => at >= first && at < first + INTERLOCK_WINDOW_MS).length).toBeLessThanOrEqual(
              LIMIT,
            );
          const alarms = sends.flatMap((send) => (send.to === 'alarms' ? [send.message] : []));
          if (alarms.length > 0) expect(alarms.at(-1)?.type).toBe(held.size > 0 ? 'Raise' : 'Clear');
        }
      }),
    );
  });
});
