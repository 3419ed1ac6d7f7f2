/** Links to explanations: records, opened by a signed text as long as neither their time nor a person has ended them. */
import { randomBytes } from 'node:crypto';
import { nanoid } from 'nanoid';
import { z } from 'zod';
import { explanationLinkSchema, SHARED_SCREEN } from '../../protocol/explanations.ts';
import type { NoticeLanguage } from '../../protocol/notices.ts';
import { initialLinkKey, type LinkKeyState } from '../domain/explain/key.ts';
import type { RecordChange } from '../domain/messages.ts';
import type { StoredEvent } from '../store/store.ts';
import type { Core } from './core.ts';
import { EVENT_VERSION } from './kinds.ts';
import { linkToken, readLinkToken } from './linkToken.ts';

export const linkRecordSchema = z.strictObject({
  ...explanationLinkSchema.omit({ token: true }).shape,
  wallet: z.string(),
  account: z.string(),
});
export type LinkRecord = z.infer<typeof linkRecordSchema>;
type Wanted = Pick<LinkRecord, 'wallet' | 'kind' | 'subject' | 'by'> & { readonly days: number };
type Made = { readonly link: LinkRecord; readonly events: StoredEvent[]; readonly record: RecordChange };

const DAY_MS = 86_400_000;
const KEY_BYTES = 32;

export class ExplanationLinks {
  state: LinkKeyState = initialLinkKey;
  /** What breaks before its commit has kept no key: until then the event goes along with every link. */
  #kept = false;
  /** Where tenants reach this site, for links in notices; null until it is known. */
  origin: string | null = null;
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** The caller appends what it is given: link, and with the first one the key, stand in one commit. */
  make({ wallet, kind, subject, by, days }: Wanted): Made {
    const { nowMs } = this.#core.context();
    const account = this.#core.wallets.get(wallet)?.state.account ?? '';
    const language: NoticeLanguage = this.#core.directory.get('account', account)?.language ?? 'zh';
    const link: LinkRecord = {
      ...{ id: nanoid(16), wallet, account, kind, subject, language, by, madeMs: nowMs },
      ...{ expiresMs: nowMs + days * DAY_MS, revokedBy: null, revokedMs: null },
    };
    return { link, events: this.#keyEvents(), record: linkRecord(link) };
  }

  #keyEvents(): StoredEvent[] {
    if (this.#kept) return [];
    const key = this.state.key ?? randomBytes(KEY_BYTES).toString('base64url');
    this.state = { key };
    return [{ key: 'links:site', type: 'LinkKeyMade', v: EVENT_VERSION, data: { key } }];
  }

  load(state: LinkKeyState): void {
    this.state = state;
    this.#kept = state.key !== null;
  }

  tokenOf({ id, expiresMs, revokedMs }: LinkRecord): string | null {
    if (this.state.key === null || revokedMs !== null || expiresMs <= this.#core.context().nowMs) return null;
    return linkToken(this.state.key, id, expiresMs);
  }

  /** For a text: the whole address. */
  addressOf(link: LinkRecord): string | null {
    const token = this.tokenOf(link);
    return this.origin === null || token === null ? null : `${this.origin}${SHARED_SCREEN}#${token}`;
  }

  async get(id: string): Promise<LinkRecord | null> {
    const value = await this.#core.options.store.get('link', id);
    return value === null ? null : linkRecordSchema.parse(value);
  }

  /** null, whatever is wrong with it. Rejects with StoreError. */
  async opened(token: string): Promise<LinkRecord | null> {
    const { key } = this.state;
    const read = key === null ? null : readLinkToken(key, token);
    const { nowMs } = this.#core.context();
    if (read === null || read.expiresMs <= nowMs) return null;
    const link = await this.get(read.id);
    return link === null || link.revokedMs !== null || link.expiresMs <= nowMs ? null : link;
  }
}

export const linkRecord = (link: LinkRecord): RecordChange => ({
  kind: 'link',
  id: link.id,
  value: link,
  index: { [`wallet:${link.wallet}`]: link.madeMs },
});
