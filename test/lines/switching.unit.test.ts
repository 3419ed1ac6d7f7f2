import { describe, expect, it } from 'vitest';
import {
  afterAbsence,
  afterLook,
  afterNumber,
  afterWrite,
  decideSwitch,
  newPlan,
  type SwitchPlan,
  type SwitchRules,
} from '../../server/lines/switching.ts';

const rules: SwitchRules = {
  checkNumber: true,
  settleMs: 300,
  confirmMs: 3_000,
  tripTriesMax: 3,
  retryPauseMs: 1_000,
  retryPauseMsMax: 60_000,
};
const open = { state: 'open', mayWrite: true } as const;
const closed = { state: 'closed', mayWrite: true } as const;
const plan = (more: Partial<SwitchPlan> = {}): SwitchPlan => ({ ...newPlan('M', 0), ...more });

describe('before a write', () => {
  it('looks at the field first when nothing is known of it', () => {
    expect(decideSwitch(plan(), 'unknown', closed, false, rules, 0).step).toEqual({ do: 'read' });
    expect(decideSwitch(plan(), 'asWanted', closed, false, rules, 0).step).toEqual({ do: 'read' });
  });

  it('closes at once where the field is known to differ, but reads the number before a trip', () => {
    expect(decideSwitch(plan(), 'differs', closed, false, rules, 0).step).toEqual({ do: 'write', state: 'closed' });
    expect(decideSwitch(plan(), 'differs', open, false, rules, 0).step).toEqual({ do: 'readNumber' });
    expect(decideSwitch(plan(), 'differs', open, false, { ...rules, checkNumber: false }, 0).step).toEqual({
      do: 'write',
      state: 'open',
    });
  });

  it('writes what is wanted at this moment, not what was wanted when the command came', () => {
    const verified = plan({ phase: 'write', wanted: 'open' });
    expect(decideSwitch(verified, 'differs', closed, false, rules, 5).step).toEqual({ do: 'write', state: 'closed' });
    expect(decideSwitch(verified, 'differs', null, false, rules, 5)).toMatchObject({
      plan: null,
      report: { outcome: 'refused', reason: 'nothingWanted' },
    });
  });

  it('reads the number again when the wish turns to a trip', () => {
    const closing = plan({ phase: 'write', wanted: 'closed' });
    expect(decideSwitch(closing, 'differs', open, false, rules, 5).step).toEqual({ do: 'readNumber' });
  });

  it('leaves the look out when the wish turns after a write: the field is still on its way', () => {
    const closing = plan({ phase: 'confirm', wanted: 'closed', writtenAtMs: 0 });
    expect(decideSwitch(closing, 'asWanted', open, false, { ...rules, checkNumber: false }, 5).step).toEqual({
      do: 'write',
      state: 'open',
    });
  });

  it('gives a trip up that the re-check refuses, and keeps a closing', () => {
    const refused = decideSwitch(
      plan(),
      'differs',
      { ...open, mayWrite: false },
      false,
      { ...rules, checkNumber: false },
      0,
    );
    expect(refused).toMatchObject({ plan: null, step: null, report: { outcome: 'refused', reason: 'mayNotWrite' } });
    const held = decideSwitch(plan(), 'differs', { ...closed, mayWrite: false }, false, rules, 0);
    expect(held).toMatchObject({ plan: { dueAtMs: 1_000 }, step: null, report: { outcome: 'refused' } });
    if (held.plan === null) throw new Error('kept');
    expect(decideSwitch(held.plan, 'differs', { ...closed, mayWrite: false }, false, rules, 1_000).report).toBeNull();
    expect(decideSwitch(held.plan, 'differs', closed, false, rules, 2_000).step).toEqual({
      do: 'write',
      state: 'closed',
    });
  });

  it('writes nothing to another meter than the one that is meant', () => {
    expect(decideSwitch(plan(), 'differs', open, true, rules, 0)).toMatchObject({
      plan: null,
      report: { reason: 'wrongNumber' },
    });
    expect(decideSwitch(plan(), 'differs', closed, true, rules, 0)).toMatchObject({
      step: null,
      report: { reason: 'wrongNumber' },
    });
    expect(afterNumber(plan({ phase: 'verify', wanted: 'open' }), 'mismatch', rules, 0)).toMatchObject({
      plan: null,
      report: { outcome: 'refused', reason: 'wrongNumber' },
    });
  });
});

describe('after a write', () => {
  const written = afterWrite(plan({ phase: 'write', wanted: 'open' }), rules, 100);

  it('reads back after the settling time and again until the window ends', () => {
    expect(written).toMatchObject({ phase: 'confirm', dueAtMs: 400 });
    expect(decideSwitch(written, 'asWanted', open, false, rules, 400).step).toEqual({ do: 'read' });
    expect(afterLook(written, 'differs', rules, 500)).toMatchObject({ plan: { dueAtMs: 800 }, report: null });
    expect(afterLook(written, 'failed', rules, 500)).toMatchObject({ plan: { dueAtMs: 800 }, report: null });
  });

  it('is confirmed by the field alone', () => {
    expect(afterLook(written, 'asWanted', rules, 500)).toEqual({
      plan: null,
      report: { wanted: 'open', outcome: 'confirmed', attempts: 0, reason: null },
    });
  });

  it('gives a trip up after three tries', () => {
    const third = { ...written, attempts: 2 };
    expect(afterLook(written, 'differs', rules, 3_100)).toMatchObject({
      plan: { attempts: 1 },
      report: { outcome: 'retrying' },
    });
    expect(afterLook(third, 'differs', rules, 3_100)).toMatchObject({
      plan: null,
      report: { outcome: 'unconfirmed', attempts: 3, reason: 'notFollowed' },
    });
  });

  it('closes for ever at a growing pause', () => {
    let closing: SwitchPlan = plan({ phase: 'confirm', wanted: 'closed', writtenAtMs: -9_999 });
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      const followed = afterLook({ ...closing, phase: 'confirm' }, 'differs', rules, 0);
      if (followed.plan === null) throw new Error('given up');
      closing = followed.plan;
      pauses.push(closing.dueAtMs);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('is looked at anew after the unit was away', () => {
    const back = afterAbsence(written, 9_000);
    expect(decideSwitch(back, 'unknown', open, false, rules, 9_000).step).toEqual({ do: 'read' });
  });
});
