import { describe, expect, it } from 'vitest';
import { profileOptions } from '../../../protocol/profileOptions.ts';
import { createProfiles } from '../../../server/lines/profiles/index.ts';
import { hex, sealed } from '../support/slave.ts';

const fullest = createProfiles(
  profileOptions({ 'acrel-ddsy1352': { deepValley: true }, 'acrel-dtsy1352': { deepValley: true } }),
);
const all = [...Object.values(createProfiles()), ...Object.values(fullest)];

describe.each(all)('the table of $name', (profile) => {
  it('shares no reply length between two blocks, so a late reply fits only its own', () => {
    const lengths = profile.blocks.flatMap((block) => block.counts);
    expect(new Set(lengths).size).toBe(lengths.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(125);
  });

  it('covers each field with the shortest length of its block', () => {
    const wide = (spec: { readonly block: string; readonly address: number } | null, registers: number) =>
      spec === null ? [] : [{ block: spec.block, address: spec.address, registers }];
    const spans = [
      ...profile.fields.flatMap((field) => wide(field, field.type.endsWith('16') ? 1 : 2)),
      ...wide(profile.number, profile.number?.registers ?? 0),
      ...wide(profile.clock, 4),
      ...wide(profile.status, 1),
    ];
    for (const span of spans) {
      const block = profile.blocks.find((each) => each.name === span.block);
      expect(block, span.block).toBeDefined();
      if (block === undefined) continue;
      expect(span.address).toBeGreaterThanOrEqual(block.address);
      expect(span.address + span.registers).toBeLessThanOrEqual(block.address + Math.min(...block.counts));
    }
  });

  it('keeps the status of what can be switched in its one fast block', () => {
    if (profile.control === null) return;
    const fast = profile.blocks.filter((block) => block.pace === 'fast');
    expect(fast.map((block) => block.name)).toEqual([profile.status?.block]);
  });

  it('never hands a breaker to the meter’s own balance: nothing written at 0x0057 has enable 0', () => {
    if (profile.control === null || profile.control.address !== 0x0057) return;
    for (const values of Object.values(profile.control.values)) expect(values[0]).toBe(1);
  });
});

describe('published frames', () => {
  const request = (name: keyof typeof fullest, block: string): number[] => {
    const found = fullest[name].blocks.find((each) => each.name === block);
    if (found === undefined) throw new Error(`no block ${block}`);
    return sealed([1, found.fn, found.address >> 8, found.address & 0xff, 0, found.counts[0]]);
  };
  const write = (name: keyof typeof fullest, state: 'open' | 'closed'): number[] => {
    const control = fullest[name].control;
    if (control === null) throw new Error('nothing to switch');
    const values = control.values[state].flatMap((value) => [value >> 8, value & 0xff]);
    const count = control.fn === 16 ? [0, values.length / 2, values.length] : [];
    return sealed([1, control.fn, control.address >> 8, control.address & 0xff, ...count, ...values]);
  };

  it('asks for the poll blocks as published', () => {
    expect(request('acrel-ddsy1352', 'poll')).toEqual(hex('01 03 02 00 00 30 44 66'));
    expect(request('acrel-dtsy1352', 'poll')).toEqual(hex('01 03 02 00 00 30 44 66'));
    expect(request('xintai-valve-water', 'poll')).toEqual(hex('01 03 00 01 00 1C 15 C3'));
  });

  it('trips and closes as published', () => {
    expect(write('acrel-ddsy1352', 'open')).toEqual(hex('01 10 00 57 00 02 04 00 01 00 01 27 75'));
    expect(write('acrel-ddsy1352', 'closed')).toEqual(hex('01 10 00 57 00 02 04 00 01 00 00 E6 B5'));
    expect(write('xintai-valve-water', 'closed')).toEqual(hex('01 06 00 1C 00 01 89 CC'));
    expect(write('xintai-valve-water', 'open')).toEqual(hex('01 06 00 1C 00 02 C9 CD'));
  });
});
