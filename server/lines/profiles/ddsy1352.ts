/** Acrel DDSY1352, prepaid, one phase. */
import type { AcrelOptions } from '../../../protocol/profileOptions.ts';
import { acrelBlocks, acrelControl, acrelFields, acrelMoney, acrelNumber, acrelStatus } from './acrel.ts';
import type { Profile } from './profile.ts';

export function ddsy1352(options: AcrelOptions): Profile {
  return {
    name: 'acrel-ddsy1352',
    utility: 'electricity',
    blocks: acrelBlocks(options),
    fields: acrelFields(1, options),
    number: acrelNumber,
    clock: { block: 'poll', address: 0x0228, mark: 'HIGH', source: 'EMS4J, TB-ACREL, VTOOL' },
    status: acrelStatus(1, options),
    control: acrelControl(options),
    money: acrelMoney(options),
  };
}
