/** Kinds that live outside core.ts: who takes their recovered state, and gives it for a snapshot. */
import type { AuditHead } from '../../protocol/audit.ts';
import type { AlarmsState } from '../domain/alarm/alarms.ts';
import type { ApprovalsState } from '../domain/approval/state.ts';
import type { EmergencyState } from '../domain/emergency/state.ts';
import type { CashbookState } from '../domain/cashbook.ts';
import type { LinkKeyState } from '../domain/explain/key.ts';
import type { HandoverState } from '../domain/handover/handover.ts';
import type { InterlockState } from '../domain/interlock.ts';
import { storable, type JsonObject } from '../domain/json.ts';
import type { ParametersState } from '../domain/parameter/state.ts';
import type { GroupsState } from '../domain/group/state.ts';
import type { TagsState } from '../domain/tag/tags.ts';
import type { OpeningsState } from '../domain/openings/state.ts';
import type { SiteImportState } from '../domain/siteImport/state.ts';
import type { TakeoverState } from '../domain/takeover/state.ts';
import type { TenancyState } from '../domain/tenancy/state.ts';
import type { Core } from './core.ts';
import { idOf, type KindName } from './kinds.ts';

type Keeper = { readonly load: (key: string, state: unknown) => void; readonly capture: (key: string) => JsonObject };

export function keepersOf(core: Core): ReadonlyMap<string, Keeper> {
  const notices: Keeper = {
    load: (key, state) => core.notices.load(key, state),
    capture: (key) => core.notices.capture(key),
  };
  // The kind says which state it is.
  const keepers: Partial<Record<KindName, Keeper>> = {
    ...{ outbox: notices, duty: notices, announcements: notices },
    interlock: {
      load: (_key, state) => (core.interlock = state as InterlockState),
      capture: () => storable(core.interlock),
    },
    alarms: { load: (_key, state) => (core.alarms = state as AlarmsState), capture: () => core.alarms },
    tenancy: {
      load: (key, state) => core.tenancies.load(idOf(key), state as TenancyState),
      capture: (key) => storable(core.tenancies.state(idOf(key))),
    },
    approval: {
      load: (_key, state) => (core.approvals.state = state as ApprovalsState),
      capture: () => core.approvals.state,
    },
    emergency: {
      load: (_key, state) => (core.emergencies.state = state as EmergencyState),
      capture: () => core.emergencies.state,
    },
    group: {
      load: (_key, state) => (core.groups.state = state as GroupsState),
      capture: () => core.groups.state,
    },
    tags: { load: (_key, state) => core.tags.load(state as TagsState), capture: () => core.tags.state },
    parameters: {
      load: (key, state) => core.parameters.load(idOf(key), state as ParametersState),
      capture: (key) => storable(core.parameters.state(idOf(key))),
    },
    handover: {
      load: (_key, state) => (core.handovers.state = state as HandoverState),
      capture: () => core.handovers.state,
    },
    cashbook: {
      load: (_key, state) => (core.cashbook.state = state as CashbookState),
      capture: () => core.cashbook.state,
    },
    takeover: {
      load: (_key, state) => (core.takeovers.state = state as TakeoverState),
      capture: () => core.takeovers.state,
    },
    siteImport: {
      load: (_key, state) => (core.siteImports.state = state as SiteImportState),
      capture: () => core.siteImports.state,
    },
    openings: {
      load: (_key, state) => (core.openings.state = state as OpeningsState),
      capture: () => core.openings.state,
    },
    links: { load: (_key, state) => core.links.load(state as LinkKeyState), capture: () => core.links.state },
    audit: { load: (_key, state) => (core.audit.state = state as AuditHead), capture: () => core.audit.state },
  };
  return new Map(Object.entries(keepers));
}
