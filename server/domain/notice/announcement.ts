/** A notice to many: told in portions, so that ten thousand tenants fit into commits and outboxes, each exactly once. */
import { z } from 'zod';
import type { Tariff } from '../../../protocol/tariff.ts';
import { assertNever } from '../assert.ts';

export const announcementSchema = z.strictObject({
  id: z.string(),
  tariff: z.string(),
  name: z.string(),
  fromMs: z.int(),
  /** Accounts go by id: told up to this one. */
  after: z.string(),
});
export type Announcement = z.infer<typeof announcementSchema>;

export const announcementEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('AnnouncementStarted'), announcement: announcementSchema }),
  z.strictObject({ type: z.literal('AnnouncementAdvanced'), id: z.string(), after: z.string() }),
  z.strictObject({ type: z.literal('AnnouncementEnded'), id: z.string() }),
]);
export type AnnouncementEvent = z.infer<typeof announcementEventSchema>;
export const announcementsStateSchema = z.strictObject({ open: z.array(announcementSchema) });
export type AnnouncementsState = z.infer<typeof announcementsStateSchema>;
export const ANNOUNCEMENTS_SCHEMA = 1;
export const initialAnnouncements: AnnouncementsState = { open: [] };

export function evolveAnnouncements(state: AnnouncementsState, event: AnnouncementEvent): AnnouncementsState {
  switch (event.type) {
    case 'AnnouncementStarted':
      return { open: [...state.open, event.announcement] };
    case 'AnnouncementAdvanced':
      return { open: state.open.map((one) => (one.id === event.id ? { ...one, after: event.after } : one)) };
    case 'AnnouncementEnded':
      return { open: state.open.filter((one) => one.id !== event.id) };
    default:
      return assertNever(event);
  }
}

/** The instants from which a changed tariff prices differently, as its local texts in their order; empty when no version is new. */
export function changesFrom(before: Tariff, after: Tariff): string[] {
  const known = new Set(before.versions.map((version) => JSON.stringify(version)));
  return after.versions.flatMap((version) => (known.has(JSON.stringify(version)) ? [] : [version.from])).sort();
}
