/** The key that links for tenants are signed with: made once for a site, and as durable as what it opens. */
import { z } from 'zod';

export const linkKeyEventSchema = z.strictObject({ type: z.literal('LinkKeyMade'), key: z.string() });
export type LinkKeyEvent = z.infer<typeof linkKeyEventSchema>;
export const linkKeyStateSchema = z.strictObject({ key: z.string().nullable() });
export type LinkKeyState = z.infer<typeof linkKeyStateSchema>;
export const LINK_KEY_SCHEMA = 1;
export const initialLinkKey: LinkKeyState = { key: null };

export const evolveLinkKey = (_state: LinkKeyState, { key }: LinkKeyEvent): LinkKeyState => ({ key });
