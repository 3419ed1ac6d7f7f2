/** What a line is built with besides its configuration: the real parts, or a test's. */
import type { ProfileOptions } from '../../protocol/profileOptions.ts';
import { linkRules, type LinkRules } from './link.ts';
import { createProfiles } from './profiles/index.ts';
import type { Profiles } from './profiles/profile.ts';
import { scheduleRules, type ScheduleRules } from './schedule.ts';
import type { SwitchPauses } from './switcher.ts';
import { switchPauses } from './switching.ts';
import { createTransport, type TransportFactory } from './transport.ts';

export type LineOptions = {
  readonly transport: TransportFactory;
  readonly profiles: Profiles;
  /** 0 ≤ x < 1; spreads reconnects. */
  readonly random: () => number;
  readonly schedule: ScheduleRules;
  readonly link: LinkRules;
  readonly pauses: SwitchPauses;
  /** A connection on which nothing at all is heard for this long is made anew, ms; doubles each time. */
  readonly muteMs: number;
};

/** `chosen`: what the site says of its models. */
export function lineOptions(chosen?: ProfileOptions): LineOptions {
  const { random } = Math;
  return {
    transport: createTransport,
    profiles: createProfiles(chosen),
    random,
    schedule: scheduleRules,
    link: linkRules,
    pauses: switchPauses,
    muteMs: 20_000,
  };
}
