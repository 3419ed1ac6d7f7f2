/** People of the site are told: by the ways the duty roster gives them, else by their browsers. Whom no way reaches stands in the log. */
import type { DutyPerson, NoticeValues, StaffKind } from '../../protocol/notices.ts';
import type { ConfigValue } from '../domain/config.ts';
import type { RecordChange } from '../domain/messages.ts';
import { draftsForPerson } from '../domain/notice/address.ts';
import { unreachable } from '../domain/notice/delivery.ts';
import type { Core } from './core.ts';
import type { Extra } from './notices.ts';

export type Operator = ConfigValue<'operator'>;
export type StaffMessage = { readonly kind: StaffKind; readonly about: string; readonly values: NoticeValues };

/** Goes into the commit of what it is about. */
export function tellStaff(core: Core, operators: readonly Operator[], message: StaffMessage, out: Extra): void {
  const { notices } = core;
  const around = notices.surroundings();
  for (const operator of operators) {
    const person = personOf(notices.settings.duty.people, operator);
    const drafts = draftsForPerson(person, message, around);
    if (drafts.length === 0) out.records.push(nowhere(message, person.id, around.nowMs));
    else notices.apply(notices.shardOf(person.id), { type: 'Queue', drafts, overtakes: null }, out);
  }
}

const personOf = (people: readonly DutyPerson[], { name, displayName }: Operator): DutyPerson =>
  people.find((one) => one.operator === name) ?? {
    ...{ id: name, name: displayName, language: 'zh', operator: name, email: null, phone: null, wechat: null },
    channels: ['push'],
  };

const nowhere = ({ kind, about }: StaffMessage, person: string, nowMs: number): RecordChange =>
  unreachable(`${about}-${kind}-${person}`, { kind, about, account: null, person }, nowMs);
