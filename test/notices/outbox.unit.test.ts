/** The outbox by itself: whatever comes in whatever order, a notice is somewhere, once, under one id. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evolveOutbox,
  initialOutbox,
  maskedAddress,
  outboxEventSchema,
  outboxStateSchema,
  type Draft,
  type OutboxState,
} from '../../server/domain/notice/delivery.ts';
import {
  ATTEMPTS_MAX,
  decideOutbox,
  dueOf,
  pauseMs,
  PENDING_MAX,
  type OutboxMessage,
} from '../../server/domain/notice/outbox.ts';

const prefix = 'site-7';
const draft = (n: number, about = 'w1', atMs = 0): Draft => ({
  ...{ kind: 'lowBalance', account: 'a1', person: null, about, channel: 'sms', address: '13800001234' },
  ...{ language: 'zh', subject: 's', text: `text ${n}`, values: {}, atMs, notBeforeMs: atMs },
});

/** An outbox whose state is read back from its events now and then, as after a crash. */
class Box {
  state: OutboxState = initialOutbox;
  readonly journal: unknown[] = [];
  readonly ended = new Map<string, string>();
  readonly records = new Map<string, unknown>();
  nowMs = 0;

  do(message: OutboxMessage): void {
    const decision = decideOutbox(this.state, message, { nowMs: this.nowMs, prefix });
    this.journal.push(...decision.events.map((event) => JSON.parse(JSON.stringify(event)) as unknown));
    for (const event of decision.events) {
      if (event.type === 'DeliverySent' || event.type === 'DeliveryDied' || event.type === 'DeliveryWithdrawn')
        this.ended.set(event.id, event.type);
      if (event.type === 'DeliveryQueued') this.ended.delete(event.delivery.id);
    }
    for (const { kind, id, value } of decision.records) this.records.set(`${kind} ${id}`, value);
    this.state = decision.state;
  }

  crash(): void {
    const read = this.journal.map((event) => outboxEventSchema.parse(event));
    const replayed = read.reduce(evolveOutbox, initialOutbox);
    expect(replayed).toEqual(this.state);
    this.state = outboxStateSchema.parse(JSON.parse(JSON.stringify(replayed)));
  }
}

describe('an outbox', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('queue' as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant('start' as const), pick: fc.nat(20) }),
    fc.record({ do: fc.constantFrom('ok' as const, 'fail' as const, 'refuse' as const), pick: fc.nat(20) }),
    fc.record({ do: fc.constant('crash' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 4_000_000 }) }),
    fc.record({ do: fc.constant('withdraw' as const) }),
  );

  it('loses nothing, names nothing twice, and ends empty once the receiver works', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const box = new Box();
        let queued = 0;
        const texts = new Map<string, string>();
        const check = (): void => {
          for (const [id, { text, attempts }] of Object.entries(box.state.pending)) {
            expect(texts.get(id) ?? text).toBe(text);
            texts.set(id, text);
            expect(attempts).toBeLessThanOrEqual(ATTEMPTS_MAX);
          }
          expect(Object.keys(box.state.pending).length + box.ended.size).toBe(queued);
        };
        for (const one of steps) {
          const ids = Object.keys(box.state.pending);
          const id = 'pick' in one ? (ids[one.pick % Math.max(1, ids.length)] ?? 'none') : 'none';
          if (one.do === 'queue') {
            const drafts = Array.from({ length: one.count }, (_, i) => draft(queued + i, 'w1', box.nowMs));
            queued += one.count;
            box.do({ type: 'Queue', drafts, overtakes: null });
          } else if (one.do === 'start') box.do({ type: 'Start', id });
          else if (one.do === 'crash') box.crash();
          else if (one.do === 'wait') box.nowMs += one.ms;
          else if (one.do === 'withdraw')
            box.do({
              type: 'Queue',
              drafts: [],
              overtakes: { about: 'w1', by: 'rechargeArrived', kinds: ['lowBalance'] },
            });
          else {
            const result =
              one.do === 'ok'
                ? ({ ok: true } as const)
                : { ok: false as const, permanent: one.do === 'refuse', error: 'e' };
            box.do({ type: 'Finish', id, result, jitter: 0.5 });
          }
          check();
        }
        for (let round = 0; round < 5 && Object.keys(box.state.pending).length > 0; round++) {
          box.nowMs += 3_600_000;
          for (const { id } of dueOf(box.state, box.nowMs, new Set())) {
            box.do({ type: 'Start', id });
            box.do({ type: 'Finish', id, result: { ok: true }, jitter: 0 });
          }
        }
        expect(box.state.pending).toEqual({});
        expect(box.ended.size).toBe(queued);
      }),
      { numRuns: 400, seed: 11 },
    );
  });

  it('tries again after a growing pause, and gives up after the last attempt', () => {
    const box = new Box();
    box.do({ type: 'Queue', drafts: [draft(1)], overtakes: null });
    const id = `${prefix}-1`;
    const pauses: number[] = [];
    for (let i = 0; i < ATTEMPTS_MAX; i++) {
      box.nowMs = box.state.pending[id]?.notBeforeMs ?? NaN;
      const began = box.nowMs;
      box.do({ type: 'Start', id });
      box.do({ type: 'Finish', id, result: { ok: false, permanent: false, error: 'HTTP 503' }, jitter: 1 });
      pauses.push((box.state.pending[id]?.notBeforeMs ?? NaN) - began);
    }
    expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 960_000, 1_920_000, NaN]);
    expect(box.ended.get(id)).toBe('DeliveryDied');
    expect(box.records.get(`deadNotice ${id}`)).toMatchObject({ error: 'HTTP 503' });
    expect(pauseMs(1, 0)).toBe(15_000);
    expect(pauseMs(99, 1)).toBe(3_600_000);
  });

  it('a refusal that will not change is a dead letter at once; sent again, it keeps its id', () => {
    const box = new Box();
    box.do({ type: 'Queue', drafts: [draft(1)], overtakes: null });
    const id = `${prefix}-1`;
    box.do({ type: 'Start', id });
    const delivery = box.state.pending[id]!;
    box.do({ type: 'Finish', id, result: { ok: false, permanent: true, error: 'SMTP 550' }, jitter: 0 });
    expect(box.records.get(`notice ${id}`)).toMatchObject({ state: 'dead', error: 'SMTP 550' });
    box.do({ type: 'Again', delivery });
    expect(box.records.get(`deadNotice ${id}`)).toBeNull();
    box.do({ type: 'Again', delivery });
    expect(box.journal.filter((event) => outboxEventSchema.parse(event).type === 'DeliveryQueued')).toHaveLength(2);
    box.do({ type: 'Queue', drafts: [draft(2)], overtakes: null });
    expect(Object.keys(box.state.pending)).toEqual([id, `${prefix}-2`]);
  });

  it('what ends the process at every attempt is given up in the end', () => {
    const box = new Box();
    box.do({ type: 'Queue', drafts: [draft(1)], overtakes: null });
    for (let i = 0; i <= ATTEMPTS_MAX; i++) {
      for (const { id } of dueOf(box.state, box.nowMs, new Set())) box.do({ type: 'Start', id });
      box.crash();
    }
    expect(box.ended.get(`${prefix}-1`)).toBe('DeliveryDied');
  });

  it('a success counts whenever it comes, a late failure does not', () => {
    const box = new Box();
    const id = `${prefix}-1`;
    box.do({ type: 'Queue', drafts: [draft(1)], overtakes: null });
    box.do({ type: 'Start', id });
    box.do({ type: 'Finish', id, result: { ok: false, permanent: false, error: 'no answer in time' }, jitter: 0 });
    box.do({ type: 'Finish', id, result: { ok: false, permanent: true, error: 'late' }, jitter: 0 });
    expect(box.state.pending[id]).toMatchObject({ attempts: 1, sending: false });
    box.do({ type: 'Finish', id, result: { ok: true }, jitter: 0 });
    expect(box.ended.get(id)).toBe('DeliverySent');
  });

  it('one that is full shows what it could not take as a dead letter', () => {
    const box = new Box();
    const drafts = Array.from({ length: PENDING_MAX + 1 }, (_, n) => draft(n));
    box.do({ type: 'Queue', drafts, overtakes: null });
    expect(Object.keys(box.state.pending)).toHaveLength(PENDING_MAX);
    expect([...box.ended]).toEqual([[`${prefix}-${PENDING_MAX + 1}`, 'DeliveryDied']]);
  });

  it('news withdraw what they make untrue, of the same wallet and not tried yet', () => {
    const box = new Box();
    box.do({ type: 'Queue', drafts: [draft(1), draft(2, 'w2'), draft(3)], overtakes: null });
    box.do({ type: 'Start', id: `${prefix}-1` });
    box.do({
      type: 'Queue',
      drafts: [],
      overtakes: { about: 'w1', by: 'rechargeArrived', kinds: ['lowBalance'] },
    });
    expect([...box.ended]).toEqual([[`${prefix}-3`, 'DeliveryWithdrawn']]);
  });
});

it.each([
  ['13812345678', '13*******78'],
  ['li@example.com', '**@example.com'],
  ['zhangsan@example.com', 'zh****an@example.com'],
  ['abc', 'a**c'],
])('the address %s is shown as %s', (address, masked) => {
  expect(maskedAddress(address)).toBe(masked);
});
