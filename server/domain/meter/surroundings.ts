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
  /** As it is set now. */
  readonly meter: (id: string) => MeterConfig | undefined;
  /** It is under a work tag, whatever that hangs on. */
  readonly tagged: (id: string) => boolean;
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
    | 'addressTaken'
    | 'workTag';
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

/** The breaker at its address stays under the tag: under another line or unit id it would be driven as another meter's. */
export function tagMistake(around: Pick<Surroundings, 'meter' | 'tagged'>, config: MeterConfig): MeterMistake | null {
  const now = around.meter(config.id);
  if (!now || (now.line === config.line && now.unitId === config.unitId) || !around.tagged(config.id)) return null;
  return { field: now.line === config.line ? 'unitId' : 'line', mistake: 'workTag' };
}
