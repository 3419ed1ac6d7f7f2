/** What DDSY1352 (one phase) and DTSY1352 (three phases) share: the poll block at 0x0200, the number, forced control at 0x0057. */
import type { AcrelOptions } from '../../../protocol/profileOptions.ts';
import type {
  Block,
  ControlSpec,
  Field,
  FieldTarget,
  Mark,
  YuanSpec,
  NumberSpec,
  RegisterType,
  StatusSpec,
} from './profile.ts';

const pollSources = 'VTOOL, EMS4J, TB-ACREL';
/** Last register of a field is 0x022B (clock), so 44 is the least; 96 data bytes are the usual. */
const poll: Block = { name: 'poll', fn: 3, address: 0x0200, counts: [48, 47, 46, 45, 44], pace: 'fast' };
const number: Block = { name: 'number', fn: 3, address: 0x0043, counts: [3, 4], pace: 'number' };
/** Nothing is known of the registers beside these two, so it has one length; read seldom, it waits until none is under way. */
const deepValley: Block = { name: 'deepValley', fn: 3, address: 0x5030, counts: [2], pace: 'slow' };

export function acrelBlocks(options: AcrelOptions): readonly Block[] {
  return options.deepValley ? [number, poll, deepValley] : [number, poll];
}

export const acrelNumber: NumberSpec = { block: 'number', address: 0x0043, registers: 3, mark: 'MED', source: 'VTOOL' };

function field(
  to: FieldTarget,
  address: number,
  type: RegisterType,
  scale: readonly [number, number],
  mark: Mark,
): Field {
  return { to, block: 'poll', address, type, order: 'ABCD', scale, mark, source: pollSources };
}

/** 0.01 kWh = 10 Wh; secondary side. */
const energy = [10, 1] as const;

export function acrelFields(phases: 1 | 3, options: AcrelOptions): readonly Field[] {
  const live: Field[] = [];
  for (const phase of phases === 1 ? ([0] as const) : ([0, 1, 2] as const)) {
    live.push(
      field(`volts.${phase}`, 0x0201 + phase, 'u16', [1, 10], 'MED'),
      field(`amps.${phase}`, 0x0204 + phase, 'u16', [1, 100], 'MED'),
    );
  }
  const deep: Field = {
    to: 'bands.4',
    block: 'deepValley',
    address: 0x5030,
    type: 'u32',
    order: 'ABCD',
    scale: energy,
    mark: 'MED',
    source: 'EMS4J',
  };
  return [
    ...live,
    field('watts', 0x020a, 'i16', [1, 1], 'MED'),
    field('powerFactor', 0x0212, 'i16', [1, 1000], 'MED'),
    field('index', 0x0215, 'u32', energy, 'HIGH'),
    field('bands.0', 0x0217, 'u32', energy, 'HIGH'),
    field('bands.1', 0x0219, 'u32', energy, 'HIGH'),
    field('bands.2', 0x021b, 'u32', energy, 'HIGH'),
    field('bands.3', 0x021d, 'u32', energy, 'HIGH'),
    // Signed: below 0 it is what the overdraft has lent (facts, section 6).
    field('remaining', 0x021f, 'i32', [10_000, 1], 'MED'),
    field('purchases', 0x0221, 'u16', [1, 1], 'MED'),
    ...(options.deepValley ? [deep] : []),
  ];
}

/** Relay bits L1–L3 are b5–b7 of their byte, 1 = closed; forced control enabled is b3 of the other byte. */
export function acrelStatus(phases: 1 | 3, options: AcrelOptions): StatusSpec {
  return {
    block: 'poll',
    address: 0x0224,
    swapBytes: options.relayByte === 'low',
    suppliedMask: phases === 1 ? 0x2000 : 0xe000,
    cutMask: null,
    forcedMask: 0x0008,
    faultMask: 0x0100,
    overLimitMask: 0x0010,
    batteryLowMask: 0,
    mark: 'MED',
    source: 'VTOOL',
  };
}

/**
 * [enable, state]: 1 trips, 0 closes (the status bits are the other way round). Enable 0 hands the breaker to the meter's
 * own balance, usually nothing, and would black out a tenant who has paid the platform: `release` is for meters that
 * charge themselves, and the switcher asserts that.
 */
export function acrelControl(options: AcrelOptions): ControlSpec {
  return {
    fn: 16,
    address: 0x0057,
    values: { open: [0x0001, 0x0001], closed: [0x0001, 0x0000] },
    release: [0x0000, 0x0000],
    settleMs: options.settleMs,
    confirmMs: options.confirmMs,
    openAmpsMax: options.openAmpsMax,
    mark: 'HIGH',
    source: 'EMS4J, VTOOL',
  };
}

/**
 * The prepaid block (MED: a vendor's tool, no official document; scales LOW-MED). Real meters take their money through the
 * private function 0x20, whose frames nobody published whole; what we write is plain FC16 to the registers that are read.
 * Whether a delivery takes it is to be tried on its first meter: \`ownMoney\` says so, and without it no such account opens.
 */
export function acrelMoney(options: AcrelOptions): YuanSpec | null {
  if (options.ownMoney === 'no') return null;
  return {
    keeps: 'yuan',
    fn: 16,
    purchase: 0x004e,
    unitMicro: 10_000,
    priceUnitMicro: 100,
    block: { fn: 3, address: 0x0046, count: 28 },
    limits: 0x0046,
    prices: 0x0059,
    control: 0x0055,
    standing: { fn: 3, address: 0x0200, counts: [48, 47] },
    at: { index: 0x0215, remaining: 0x021f, count: 0x0221 },
    indexUnit: 10,
    mark: 'MED',
    source: 'VTOOL',
  };
}
