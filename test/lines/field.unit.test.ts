import { describe, expect, it } from 'vitest';
import { fieldView } from '../../server/lines/field.ts';
import { createProfiles } from '../../server/lines/profiles/index.ts';
import type { ControlSpec } from '../../server/lines/profiles/profile.ts';
import type { FieldStatus, MeterReading } from '../../server/lines/types.ts';

const controlOf = (name: 'acrel-ddsy1352' | 'xintai-valve-water'): ControlSpec => {
  const { control } = createProfiles()[name];
  if (control === null) throw new Error('has a switch');
  return control;
};
const acrel = controlOf('acrel-ddsy1352');
const valve = controlOf('xintai-valve-water');

function reading(status: Partial<FieldStatus>, amps?: number[]): MeterReading {
  const all = {
    switchState: 'closed',
    forced: true,
    fault: false,
    overLimit: false,
    batteryLow: false,
    ...status,
  } as const;
  const live = amps === undefined ? {} : { amps };
  return {
    meterId: 'M',
    utility: 'electricity',
    atMs: 0,
    index: 0,
    bands: null,
    reverse: null,
    live,
    status: all,
    clockMs: null,
    number: null,
    money: null,
  };
}

describe('how the field stands against what is wanted', () => {
  it.each([
    ['unknown before a reading', null, 'closed', acrel, 'unknown'],
    ['as wanted when closed and forced', reading({}, [9]), 'closed', acrel, 'asWanted'],
    ['different when closed but not forced', reading({ forced: false }, [9]), 'closed', acrel, 'differs'],
    [
      'different when open but not forced',
      reading({ forced: false, switchState: 'open' }, [0]),
      'open',
      acrel,
      'differs',
    ],
    ['as wanted when open without current', reading({ switchState: 'open' }, [0.04]), 'open', acrel, 'asWanted'],
    ['different when open with current', reading({ switchState: 'open' }, [0, 0, 0.05]), 'open', acrel, 'differs'],
    ['different when the relays disagree', reading({ switchState: null }, [0]), 'open', acrel, 'differs'],
    ['as wanted when the valve is shut', reading({ switchState: 'open', forced: null }), 'open', valve, 'asWanted'],
    ['different while the valve moves', reading({ switchState: null, forced: null }), 'open', valve, 'differs'],
  ] as const)('is %s', (_, read, wanted, control, view) => {
    expect(fieldView(read, wanted, control)).toBe(view);
  });
});
