import { describe, expect, it } from 'vitest';
import { crcFits, sealed } from '../../simulators/crc.ts';
import { bytes, frame, hex } from './bench.ts';

describe('the CRC of an RTU frame', () => {
  // The complete frames of the facts page, and the example of MODBUS over Serial Line V1.02, appendix B.
  const published = [
    '02 07 41 12',
    '01 10 00 57 00 02 04 00 01 00 01 27 75',
    '01 10 00 57 00 02 04 00 01 00 00 E6 B5',
    '01 10 00 57 00 02 04 00 00 00 00 B7 75',
    '01 10 00 57 00 02 F0 18',
    '01 03 00 00 00 0A C5 CD',
    '01 03 00 00 00 12 C5 C7',
    '01 03 02 00 00 30 44 66',
    '01 03 00 46 00 1C A5 D6',
    '01 03 00 38 00 01 05 C7',
    '01 03 20 06 00 15 6F C4',
    '01 04 00 00 00 02 71 CB',
    '01 04 01 56 00 02 90 27',
    '01 03 00 01 00 1C 15 C3',
    '01 06 00 1C 00 01 89 CC',
    '01 06 00 1C 00 02 C9 CD',
  ];

  it.each(published)('fits the published frame %s', (text) => {
    const whole = bytes(text);
    expect(crcFits(whole)).toBe(true);
    expect(hex(sealed(whole[0] ?? 0, whole.slice(1, -2)))).toBe(text);
  });

  it('fits no frame in which any one bit is turned', () => {
    const whole = bytes(frame('03 00 00 00 0A'));
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const spoilt = whole.slice();
      spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(crcFits(spoilt), `bit ${bit}`).toBe(false);
    }
  });
});
