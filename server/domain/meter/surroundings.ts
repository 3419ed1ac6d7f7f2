/** What stands against a meter's settings, seen from the rest of the site. */
import type { MeterConfig, Utility } from '../../../protocol/site.ts';
import { models } from './models.ts';
import { upstreamMistake, type TreeMeter, type UpstreamMistake } from './tree.ts';

export type Surroundings = {
  readonly hasLine: (line: string) => boolean;
  readonly hasRoom: (room: string) => boolean;
  readonly utilityOf: (tariff: string) => Utility | undefined;
  /** Another meter with this unit id on this line. */
  readonly otherAt: (config: MeterConfig) => string | undefined;
  /** Any meter that one may hang behind, as it is or is to be. */
  readonly treeMeter: (id: string) => TreeMeter | undefined;
};
export type MeterMistake = {
  readonly field: 'line' | 'room' | 'profile' | 'tariff' | 'unitId' | 'upstream';
  readonly mistake:
    | UpstreamMistake
    | 'noLine'
    | 'noRoom'
    | 'roomNeeded'
    | 'profileUtility'
    | 'noTariff'
    | 'tariffUtility'
    | 'addressTaken';
  readonly about?: string;
};

/** `placed`: its room comes with it. */
export function meterMistake(around: Surroundings, config: MeterConfig, placed = false): MeterMistake | null {
  if (!around.hasLine(config.line)) return { field: 'line', mistake: 'noLine' };
  if (!placed && config.room !== undefined && !around.hasRoom(config.room)) return { field: 'room', mistake: 'noRoom' };
  if (config.role === 'tenant' && config.room === undefined) return { field: 'room', mistake: 'roomNeeded' };
  const measured = models[config.profile].utility;
  if (config.utility !== measured) return { field: 'profile', mistake: 'profileUtility', about: measured };
  const utility = around.utilityOf(config.tariff);
  if (utility === undefined) return { field: 'tariff', mistake: 'noTariff' };
  if (utility !== config.utility) return { field: 'tariff', mistake: 'tariffUtility', about: config.utility };
  const other = around.otherAt(config);
  if (other !== undefined) return { field: 'unitId', mistake: 'addressTaken', about: other };
  const above = upstreamMistake(config, around.treeMeter);
  return above && { field: 'upstream', ...above };
}
