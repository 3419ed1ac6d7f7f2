/** Every kind of entity with a journal: how its stored events and snapshots become types, and its fold. */
import { z } from 'zod';
import {
  alarmEventSchema,
  alarmsStateSchema,
  ALARMS_SCHEMA,
  evolveAlarms,
  initialAlarms,
  type AlarmsState,
} from '../domain/alarm/alarms.ts';
import { assert } from '../domain/assert.ts';
import {
  auditEventSchema,
  auditStateSchema,
  AUDIT_SCHEMA,
  evolveAudit,
  initialAudit,
  type AuditEvent,
} from '../domain/audit/chain.ts';
import {
  APPROVALS_SCHEMA,
  approvalEventSchema,
  approvalsStateSchema,
  evolveApprovals,
  initialApprovals,
  type ApprovalEvent,
  type ApprovalsState,
} from '../domain/approval/state.ts';
import {
  CASHBOOK_SCHEMA,
  cashbookEventSchema,
  cashbookStateSchema,
  evolveCashbook,
  initialCashbook,
  type CashbookEvent,
  type CashbookState,
} from '../domain/cashbook.ts';
import { storable } from '../domain/json.ts';
import type { AuditHead } from '../../protocol/audit.ts';
import { CONFIG_SCHEMA, configSchemas, setEvent, type ConfigKind, type ConfigValue } from '../domain/config.ts';
import {
  evolveInterlock,
  initialInterlock,
  interlockEventSchema,
  interlockStateSchema,
  INTERLOCK_SCHEMA,
  type InterlockState,
} from '../domain/interlock.ts';
import {
  evolveHandover,
  HANDOVER_SCHEMA,
  handoverEventSchema,
  handoverStateSchema,
  initialHandover,
  type HandoverEvent,
  type HandoverState,
} from '../domain/handover/handover.ts';
import {
  EMERGENCY_SCHEMA,
  emergencyEventSchema,
  emergencyStateSchema,
  evolveEmergency,
  initialEmergency,
  type EmergencyEvent,
  type EmergencyState,
} from '../domain/emergency/state.ts';
import {
  evolveLinkKey,
  initialLinkKey,
  LINK_KEY_SCHEMA,
  linkKeyEventSchema,
  linkKeyStateSchema,
} from '../domain/explain/key.ts';
import {
  evolveGroups,
  groupEventSchema,
  groupsStateSchema,
  GROUPS_SCHEMA,
  initialGroups,
  type GroupEvent,
  type GroupsState,
} from '../domain/group/state.ts';
import type { JsonObject } from '../domain/json.ts';
import { evolveMeter } from '../domain/meter/evolve.ts';
import {
  initialMeter,
  meterEventSchema,
  meterStateSchema,
  METER_SCHEMA,
  type MeterState,
} from '../domain/meter/state.ts';
import {
  evolveParameters,
  initialParameters,
  PARAMETERS_SCHEMA,
  parametersEventSchema,
  parametersStateSchema,
  type ParametersEvent,
  type ParametersState,
} from '../domain/parameter/state.ts';
import {
  evolveTags,
  initialTags,
  tagEventSchema,
  tagsStateSchema,
  TAGS_SCHEMA,
  type TagEvent,
  type TagsState,
} from '../domain/tag/tags.ts';
import {
  evolveOpenings,
  initialOpenings,
  OPENINGS_SCHEMA,
  openingsEventSchema,
  openingsStateSchema,
  type OpeningsEvent,
  type OpeningsState,
} from '../domain/openings/state.ts';
import {
  evolveSiteImport,
  initialSiteImport,
  SITE_IMPORT_SCHEMA,
  siteImportEventSchema,
  siteImportStateSchema,
  type SiteImportEvent,
  type SiteImportState,
} from '../domain/siteImport/state.ts';
import {
  evolveTakeover,
  initialTakeover,
  takeoverEventSchema,
  takeoverStateSchema,
  TAKEOVER_SCHEMA,
  type TakeoverEvent,
  type TakeoverState,
} from '../domain/takeover/state.ts';
import { evolveTenancy } from '../domain/tenancy/evolve.ts';
import {
  initialTenancy,
  tenancyEventSchema,
  tenancyStateSchema,
  TENANCY_SCHEMA,
  type TenancyEvent,
  type TenancyState,
} from '../domain/tenancy/state.ts';
import { evolveWallet } from '../domain/wallet/evolve.ts';
import {
  initialWallet,
  walletEventSchema,
  walletFromStored,
  walletStateSchema,
  WALLET_SCHEMA,
  type WalletState,
} from '../domain/wallet/state.ts';
import {
  ANNOUNCEMENTS_SCHEMA,
  announcementEventSchema,
  announcementsStateSchema,
  evolveAnnouncements,
  initialAnnouncements,
  type AnnouncementEvent,
  type AnnouncementsState,
} from '../domain/notice/announcement.ts';
import {
  evolveOutbox,
  initialOutbox,
  OUTBOX_SCHEMA,
  outboxEventSchema,
  outboxStateSchema,
  type OutboxEvent,
  type OutboxState,
} from '../domain/notice/delivery.ts';
import {
  DUTY_SCHEMA,
  dutyEventSchema,
  dutyStateSchema,
  evolveDuty,
  initialDuty,
  type DutyEvent,
  type DutyState,
} from '../domain/notice/duty.ts';
import type { StoredEvent } from '../store/store.ts';

/** What an unknown version of an event or a state is: a clear message, never a guess. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

export type Kind<S> = {
  readonly schema: number;
  readonly initial: S;
  /** Both throw SchemaError naming what cannot be read. */
  readonly parseState: (key: string, json: JsonObject) => S;
  readonly apply: (state: S, event: StoredEvent) => S;
};
type Folded<S, E> = Kind<S> & { readonly evolve: (state: S, event: E) => S };

/** What its checksum says is as it was written, and still cannot be read, was written by another program. */
function decoder<T>(schema: z.ZodType<T>): (value: unknown, what: () => string) => T {
  // Generated code: recovery decodes a tail of some hundred thousand events, and interpreting takes several times as long.
  const compiled = z.compile(schema);
  return (value, what) => {
    const parsed = compiled.safeParse(value);
    if (parsed.success) return parsed.data;
    const [first] = parsed.error.issues;
    throw new SchemaError(`${what()} is not what this program knows: ${first?.path.join('.')}: ${first?.message}`);
  };
}

/** Stored version of every event type today; older ones get an upcaster here, and the old golden journals prove it. */
export const EVENT_VERSION = 1;

export function toStore(key: string, { type, ...data }: { readonly type: string }): StoredEvent {
  return { key, type, v: EVENT_VERSION, data: storable(data) };
}

function eventSourced<S, E>(
  schema: number,
  initial: S,
  stateSchema: z.ZodType<S>,
  eventSchema: z.ZodType<E>,
  evolve: (state: S, event: E) => S,
): Folded<S, E> {
  const decodeState = decoder(stateSchema);
  const decodeEvent = decoder(eventSchema);
  return {
    evolve,
    schema,
    initial,
    parseState: (key, json) => decodeState(json, () => `the snapshot of ${key}`),
    apply: (state, stored) => {
      if (stored.v !== EVENT_VERSION)
        throw new SchemaError(`event ${stored.type} v${stored.v} is newer than this program (v${EVENT_VERSION})`);
      return evolve(
        state,
        decodeEvent({ type: stored.type, ...stored.data }, () => `event ${stored.type} of ${stored.key}`),
      );
    },
  };
}

function config<K extends ConfigKind>(kind: K): Kind<ConfigValue<K> | null> {
  // The schema of a kind decodes that kind's value; the table's union cannot say so.
  const schema = configSchemas[kind] as unknown as z.ZodType<ConfigValue<K>>;
  const decode = decoder(schema);
  return {
    schema: CONFIG_SCHEMA,
    initial: null,
    parseState: (key, json) => decode(json.value, () => `the snapshot of ${key}`),
    apply: (_state, stored) => {
      assert(stored.type === setEvent(kind), `unknown event ${stored.type} of ${stored.key}`);
      return decode(stored.data.value, () => `event ${stored.type} of ${stored.key}`);
    },
  };
}

export const kinds = {
  site: config('site'),
  building: config('building'),
  floor: config('floor'),
  line: config('line'),
  tariff: config('tariff'),
  account: config('account'),
  operator: config('operator'),
  setup: config('setup'),
  notices: config('notices'),
  riser: config('riser'),
  controlPlan: config('controlPlan'),
  meter: eventSourced<MeterState, z.infer<typeof meterEventSchema>>(
    METER_SCHEMA,
    initialMeter,
    meterStateSchema,
    meterEventSchema,
    evolveMeter,
  ),
  wallet: eventSourced<WalletState, z.infer<typeof walletEventSchema>>(
    WALLET_SCHEMA,
    initialWallet,
    walletStateSchema.transform(walletFromStored),
    walletEventSchema,
    evolveWallet,
  ),
  tenancy: eventSourced<TenancyState, TenancyEvent>(
    TENANCY_SCHEMA,
    initialTenancy,
    tenancyStateSchema,
    tenancyEventSchema,
    evolveTenancy,
  ),
  openings: eventSourced<OpeningsState, OpeningsEvent>(
    OPENINGS_SCHEMA,
    initialOpenings,
    openingsStateSchema,
    openingsEventSchema,
    evolveOpenings,
  ),
  takeover: eventSourced<TakeoverState, TakeoverEvent>(
    TAKEOVER_SCHEMA,
    initialTakeover,
    takeoverStateSchema,
    takeoverEventSchema,
    evolveTakeover,
  ),
  siteImport: eventSourced<SiteImportState, SiteImportEvent>(
    SITE_IMPORT_SCHEMA,
    initialSiteImport,
    siteImportStateSchema,
    siteImportEventSchema,
    evolveSiteImport,
  ),
  outbox: eventSourced<OutboxState, OutboxEvent>(
    OUTBOX_SCHEMA,
    initialOutbox,
    outboxStateSchema,
    outboxEventSchema,
    evolveOutbox,
  ),
  duty: eventSourced<DutyState, DutyEvent>(DUTY_SCHEMA, initialDuty, dutyStateSchema, dutyEventSchema, evolveDuty),
  announcements: eventSourced<AnnouncementsState, AnnouncementEvent>(
    ANNOUNCEMENTS_SCHEMA,
    initialAnnouncements,
    announcementsStateSchema,
    announcementEventSchema,
    evolveAnnouncements,
  ),
  audit: eventSourced<AuditHead, AuditEvent>(
    AUDIT_SCHEMA,
    initialAudit,
    auditStateSchema,
    auditEventSchema,
    evolveAudit,
  ),
  approval: eventSourced<ApprovalsState, ApprovalEvent>(
    APPROVALS_SCHEMA,
    initialApprovals,
    approvalsStateSchema,
    approvalEventSchema,
    evolveApprovals,
  ),
  handover: eventSourced<HandoverState, HandoverEvent>(
    HANDOVER_SCHEMA,
    initialHandover,
    handoverStateSchema,
    handoverEventSchema,
    evolveHandover,
  ),
  emergency: eventSourced<EmergencyState, EmergencyEvent>(
    EMERGENCY_SCHEMA,
    initialEmergency,
    emergencyStateSchema,
    emergencyEventSchema,
    evolveEmergency,
  ),
  group: eventSourced<GroupsState, GroupEvent>(
    GROUPS_SCHEMA,
    initialGroups,
    groupsStateSchema,
    groupEventSchema,
    evolveGroups,
  ),
  tags: eventSourced<TagsState, TagEvent>(TAGS_SCHEMA, initialTags, tagsStateSchema, tagEventSchema, evolveTags),
  links: eventSourced(LINK_KEY_SCHEMA, initialLinkKey, linkKeyStateSchema, linkKeyEventSchema, evolveLinkKey),
  parameters: eventSourced<ParametersState, ParametersEvent>(
    PARAMETERS_SCHEMA,
    initialParameters,
    parametersStateSchema,
    parametersEventSchema,
    evolveParameters,
  ),
  cashbook: eventSourced<CashbookState, CashbookEvent>(
    CASHBOOK_SCHEMA,
    initialCashbook,
    cashbookStateSchema,
    cashbookEventSchema,
    evolveCashbook,
  ),
  interlock: eventSourced<InterlockState, z.infer<typeof interlockEventSchema>>(
    INTERLOCK_SCHEMA,
    initialInterlock,
    interlockStateSchema,
    interlockEventSchema,
    evolveInterlock,
  ),
  alarms: eventSourced<AlarmsState, z.infer<typeof alarmEventSchema>>(
    ALARMS_SCHEMA,
    initialAlarms,
    alarmsStateSchema,
    alarmEventSchema,
    evolveAlarms,
  ),
} as const;
export type KindName = keyof typeof kinds;

export const isKind = (name: string): name is KindName => Object.hasOwn(kinds, name);
export const kindOf = (key: string): string => key.slice(0, key.indexOf(':'));
export const idOf = (key: string): string => key.slice(key.indexOf(':') + 1);
