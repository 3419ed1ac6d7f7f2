/** The site as it is set. */
import type { OpResult } from '../../../protocol/ops.ts';

export type SiteSetup = OpResult<'getSetup'>;
export type SetLine = SiteSetup['lines'][number];
export type SetMeter = SiteSetup['meters'][number];
export type SetRoom = SiteSetup['buildings'][number]['floors'][number]['rooms'][number];
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const isId = (text: string): boolean => ID.test(text.trim());
