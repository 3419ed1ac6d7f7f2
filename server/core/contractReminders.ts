/** Tenants are reminded of the end of their contracts: that they were, and the notice, stand in one commit. */
import type { ConfigValue } from '../domain/config.ts';
import { reminderDue } from '../domain/notice/contract.ts';
import type { Core } from './core.ts';
import type { Extra, Notices } from './notices.ts';
import { accountStatus } from './queries/accounts.ts';

const LOOK_EVERY_MS = 60_000;
/** Accounts told in one turn. */
const PORTION = 40;

export class ContractReminders {
  readonly #core: Core;
  readonly #notices: Notices;
  #lookedMono = -Infinity;

  constructor(core: Core, notices: Notices) {
    this.#core = core;
    this.#notices = notices;
  }

  tick(): void {
    const mono = this.#core.options.clock.mono();
    if (this.#notices.channels.size === 0 || mono - this.#lookedMono < LOOK_EVERY_MS) return;
    this.#lookedMono = mono;
    const { nowMs } = this.#core.context();
    const days = this.#notices.settings.rules.contractDays;
    let told = 0;
    for (const account of this.#core.directory.all('account')) {
      if (!reminderDue(account, nowMs, days) || accountStatus(this.#core, account.id) !== 'open') continue;
      // A full outbox: at the next look.
      if (!this.#notices.roomIn(this.#notices.shardOf(account.id))) continue;
      this.#remind(account);
      told += 1;
      if (told < PORTION) continue;
      this.#lookedMono = -Infinity;
      return;
    }
  }

  #remind(account: ConfigValue<'account'>): void {
    const { id, contractUntilMs, rooms } = account;
    if (contractUntilMs == null) return;
    const values = { room: this.#notices.roomNames(rooms), until: contractUntilMs };
    const out: Extra = { events: [], records: [] };
    this.#core.committer.together(() => {
      this.#core.setConfig('account', id, { ...account, contractToldMs: contractUntilMs });
      this.#notices.tell({ account: id, about: id, notice: { kind: 'contractEnds', values }, overtakes: null }, out);
      this.#notices.append(out);
    });
  }
}
