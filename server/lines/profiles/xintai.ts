/** Kaifeng Xintai water meter with a valve. Source: the maker's "Water Meter MODBUS 485 protocol V1" as cited by XINTAI. */
import type { XintaiOptions } from '../../../protocol/profileOptions.ts';
import type { Field, FieldTarget, Profile } from './profile.ts';

const litres = [1000, 1] as const;

export function xintaiValveWater(options: XintaiOptions): Profile {
  const source = 'XINTAI';
  const at = (address: number): number => address + options.addressShift;
  const field = (to: FieldTarget, address: number, scale: readonly [number, number] = [1, 1]): Field => ({
    to,
    block: 'poll',
    address: at(address),
    type: 'f32',
    order: options.order,
    scale,
    mark: 'MED-HIGH',
    source,
  });
  return {
    name: 'xintai-valve-water',
    utility: 'water',
    blocks: [
      { name: 'number', fn: 3, address: at(0x0012), counts: [4, 5], pace: 'number' },
      { name: 'poll', fn: 3, address: at(0x0001), counts: [28, 29, 30], pace: 'fast' },
    ],
    fields: [
      field('index', 0x0001, litres),
      field('reverse', 0x0003, litres),
      field('flow', 0x0005),
      field('batteryVolts', 0x001a),
      field('litres', 0x0008, litres),
    ],
    number: { block: 'number', address: at(0x0012), registers: 4, mark: 'LOW', source },
    clock: null,
    /** b0 the valve is open: water flows, which is our `closed`; b1 it is shut, our `open`; b2 abnormal; b3 battery low. */
    status: {
      block: 'poll',
      address: at(0x001c),
      swapBytes: false,
      suppliedMask: 0x0001,
      cutMask: 0x0002,
      forcedMask: null,
      faultMask: 0x0004,
      overLimitMask: 0,
      batteryLowMask: 0x0008,
      mark: 'MED-HIGH',
      source,
    },
    control: {
      fn: 6,
      address: at(0x001c),
      values: { open: [2], closed: [1] },
      release: null,
      settleMs: options.settleMs,
      confirmMs: options.confirmMs,
      openAmpsMax: null,
      mark: 'MED-HIGH',
      source,
    },
    /** No source says how a purchase is made: what is read is written, by the only function that is named (LOW). */
    money:
      options.ownMoney === 'no'
        ? null
        : {
            ...{ keeps: 'litres', fn: 6, order: options.order, priceUnitMicro: 1_000 },
            standing: { fn: 3, address: at(0x0001), counts: [9, 10] },
            at: { index: at(0x0001), remaining: at(0x0008) },
            ...{ mark: 'LOW', source },
          },
  };
}
