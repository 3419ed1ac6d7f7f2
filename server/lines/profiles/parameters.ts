/** Where models keep their parameters: a table per model. Marks and sources as in profile.ts. */
import type { ParameterName } from '../../../protocol/parameters.ts';
import type { ProfileOptions } from '../../../protocol/profileOptions.ts';
import type { ProfileName } from '../../../protocol/site.ts';
import type { Mark } from './profile.ts';

export type ParameterForm =
  | { readonly kind: 'u16' | 'u32' }
  /** Second, minute, hour, day, month, year in six bytes. */
  | { readonly kind: 'clock' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** Triples of band, minute, hour. */
  | { readonly kind: 'dayTable' }
  | { readonly kind: 'dateTable'; readonly order: 'monthDayPlan' | 'planDayMonth' }
  | { readonly kind: 'loadLimit' }
  | { readonly kind: 'timeControl' };

export type ParameterSpec = {
  readonly name: ParameterName;
  /** Read with FC03, written whole with FC16. */
  readonly address: number;
  readonly count: number;
  readonly form: ParameterForm;
  readonly mark: Mark;
  readonly source: string;
};

const u16: ParameterForm = { kind: 'u16' };
const u32: ParameterForm = { kind: 'u32' };

type Tables = { readonly dates: number; readonly days: readonly [number, number] };

/**
 * What both Acrel models share. The vendor's tool writes the prepaid block with private function codes, so that FC16 is
 * taken there at all is LOW; layouts of the load areas beyond their named fields too.
 */
function acrel(tables: Tables, order: 'monthDayPlan' | 'planDayMonth'): readonly ParameterSpec[] {
  const one = (
    name: ParameterName,
    address: number,
    count: number,
    form: ParameterForm,
    mark: Mark,
    source = 'VTOOL',
  ): ParameterSpec => ({ name, address, count, form, mark, source });
  return [
    one('clock', 0x003c, 3, { kind: 'clock' }, 'MED'),
    one('pt', 0x0037, 1, u16, 'MED'),
    one('ct', 0x0038, 1, u16, 'HIGH', 'EMS4J'),
    one('alarm1', 0x0046, 2, u32, 'LOW'),
    one('alarm2', 0x0048, 2, u32, 'LOW'),
    one('overdraft', 0x004a, 2, u32, 'LOW'),
    one('powerLimit', 0x0061, 1, u16, 'LOW'),
    one('relayMode', 0x0063, 1, { kind: 'choice', choices: ['level', 'pulse'] }, 'MED', 'VTOOL, MAN-DDSY'),
    one('dateTable', tables.dates, 6, { kind: 'dateTable', order }, 'MED', 'EMS4J, VTOOL: they differ in the order'),
    one('dayTable1', tables.days[0], 21, { kind: 'dayTable' }, 'HIGH', 'EMS4J'),
    one('dayTable2', tables.days[1], 21, { kind: 'dayTable' }, 'HIGH', 'EMS4J'),
    one('loadLimit', 0x0400, 6, { kind: 'loadLimit' }, 'LOW'),
    one('timeControl', 0x0300, 26, { kind: 'timeControl' }, 'LOW'),
  ];
}

/** A model that is not named keeps nothing that could be set here. */
export function parameterTables(
  options: ProfileOptions,
): Readonly<Partial<Record<ProfileName, readonly ParameterSpec[]>>> {
  return {
    'acrel-ddsy1352': acrel({ dates: 0x2000, days: [0x2006, 0x201b] }, options['acrel-ddsy1352'].dateTable),
    'acrel-dtsy1352': acrel({ dates: 0x0028, days: [0x2000, 0x2015] }, options['acrel-dtsy1352'].dateTable),
  };
}
