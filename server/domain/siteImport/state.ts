/** The import of rooms and meters that is under way, and how many there have been; those that are over are records. */
import { z } from 'zod';
import { siteImportSchema, type SiteImportView } from '../../../protocol/siteImport.ts';
import { assertNever } from '../assert.ts';

export const siteImportEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ImportStarted'), job: siteImportSchema }),
  /** The parts before `parts` are on the site, `rows` of them; `refused` are rows that would go in no more. */
  z.strictObject({ type: z.literal('ImportPosted'), parts: z.int(), rows: z.int(), refused: z.array(z.int()) }),
  z.strictObject({ type: z.literal('ImportCancelled'), by: z.string() }),
  z.strictObject({ type: z.literal('ImportEnded'), atMs: z.int() }),
]);
export type SiteImportEvent = z.infer<typeof siteImportEventSchema>;

export const siteImportStateSchema = z.strictObject({
  taken: z.int(),
  under: z
    .strictObject({
      job: siteImportSchema,
      parts: z.int(),
      rows: z.int(),
      refused: z.array(z.int()),
      cancelledBy: z.string().nullable(),
    })
    .nullable(),
});
export type SiteImportState = z.infer<typeof siteImportStateSchema>;
export const SITE_IMPORT_SCHEMA = 1;
export const initialSiteImport: SiteImportState = { taken: 0, under: null };

export function evolveSiteImport(state: SiteImportState, event: SiteImportEvent): SiteImportState {
  const { under } = state;
  switch (event.type) {
    case 'ImportStarted':
      return {
        taken: state.taken + 1,
        under: { job: event.job, parts: 0, rows: 0, refused: [], cancelledBy: null },
      };
    case 'ImportPosted': {
      const { parts, rows, refused } = event;
      return { ...state, under: under && { ...under, parts, rows, refused: [...under.refused, ...refused] } };
    }
    case 'ImportCancelled':
      return { ...state, under: under && { ...under, cancelledBy: event.by } };
    case 'ImportEnded':
      return { ...state, under: null };
    default:
      return assertNever(event);
  }
}

export const viewOf = (
  { job, rows, refused, cancelledBy }: NonNullable<SiteImportState['under']>,
  endedMs: number | null,
): SiteImportView => ({ ...job, posted: rows, refused, cancelledBy, endedMs });
