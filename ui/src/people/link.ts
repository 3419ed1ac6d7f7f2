/** What an invitation or a reset answers. */
import type { OpResult } from '../../../protocol/ops.ts';

export type Link = OpResult<'inviteOperator'>;
