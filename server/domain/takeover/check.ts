/** The rows of a takeover, checked as a whole: what is wrong with each, or the accounts they come to. */
import type {
  TakenAccount,
  TakeoverColumn,
  TakeoverError,
  TakeoverMistake,
  TakeoverRow,
} from '../../../protocol/takeover.ts';
import { judge, type Anchor, type Plausible } from '../meter/reading.ts';
import { parseYuan } from '../money.ts';
import { parseQuantity } from '../quantity.ts';
import { sameJson } from '../sameJson.ts';

export type MeterFacts = {
  readonly isTenant: boolean;
  readonly room: string | null;
  /** Whose it is; null: the owner's. */
  readonly account: string | null;
  /** Whose opening or closing it is in. */
  readonly mover: string | null;
  /** CT × PT. */
  readonly times: number;
  readonly anchor: Anchor | null;
  /** Increments of it were charged to somebody. */
  readonly charged: boolean;
  readonly quarantined: boolean;
  readonly plausible: Plausible;
  readonly tariffFromMs: number;
};

/** What the site knows of what a row names. */
export type TakeoverSite = {
  readonly nowMs: number;
  readonly asOfMs: number;
  /** Midnight at the site that begins this day, YYYY-MM-DD; null: no such day. */
  readonly midnight: (day: string) => number | null;
  readonly room: (id: string) => { readonly building: string; readonly holder: string | null } | null;
  readonly meter: (id: string) => MeterFacts | null;
  /** Tenant meters of a room that no account has. */
  readonly freeMeters: (room: string) => readonly string[];
  readonly hasWallet: (id: string) => boolean;
  /** As it was taken over; 'other': it is there, and was not. */
  readonly account: (id: string) => TakenAccount | 'other' | null;
  /** The counter of tiers that a meter's use counts in; null: its tariff has none. */
  readonly counter: (meter: string, account: string) => { readonly key: string; readonly period: string } | null;
};

export type CheckedTakeover = {
  readonly errors: readonly TakeoverError[];
  /** To be posted, in the order of the rows; those with errors are left out. */
  readonly accounts: readonly TakenAccount[];
  /** Taken over before with just this. */
  readonly same: number;
};

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const AMOUNT = /^\d{1,7}(\.\d{1,6})?$/;
const CENTS = /^\d{1,7}(\.\d{1,2}0*)?$/;
const REGISTER = /^\d{1,9}(\.\d{1,3}0*)?$/;

type Numbered = { readonly row: number; readonly cells: TakeoverRow };

export function checkTakeover(rows: readonly TakeoverRow[], site: TakeoverSite): CheckedTakeover {
  const groups = new Map<string, Numbered[]>();
  rows.forEach((cells, row) => {
    const own = groups.get(cells.account);
    if (own) own.push({ row, cells });
    else groups.set(cells.account, [{ row, cells }]);
  });
  const seen: Seen = { meters: new Set(), rooms: new Map(), wallets: new Map() };
  const errors: TakeoverError[] = [];
  const accounts: TakenAccount[] = [];
  let same = 0;
  for (const own of groups.values()) {
    const reader = new AccountReader(own, site, seen);
    const account = reader.read();
    errors.push(...reader.errors);
    if (reader.errors.length > 0) continue;
    if (sameJson(site.account(account.id), account)) same += 1;
    else accounts.push(account);
  }
  return { errors: errors.sort((a, b) => a.row - b.row), accounts, same };
}

/** Over all accounts of the file. */
type Seen = {
  readonly meters: Set<string>;
  readonly rooms: Map<string, string>;
  readonly wallets: Map<string, string>;
};

class AccountReader {
  readonly errors: TakeoverError[] = [];
  readonly #rows: readonly Numbered[];
  readonly #site: TakeoverSite;
  readonly #seen: Seen;
  /** Of a repeated takeover, what is there already is no mistake. */
  #again = false;

  constructor(rows: readonly Numbered[], site: TakeoverSite, seen: Seen) {
    this.#rows = rows;
    this.#site = site;
    this.#seen = seen;
  }

  read(): TakenAccount {
    const { nowMs, midnight, account, room } = this.#site;
    const id = this.#id('account', this.#rows);
    const known = account(id);
    this.#again = known !== null && known !== 'other';
    const first = this.#rows[0]?.row ?? 0;
    if (known === 'other') this.#wrong(first, 'account', 'accountExists');
    const name = this.#once('name', this.#rows);
    if (name === '') this.#wrong(first, 'name', 'missing');
    if (name.length > 80) this.#wrong(first, 'name', 'tooLong');
    const phone = this.#once('phone', this.#rows);
    if (phone.length > 30) this.#wrong(first, 'phone', 'tooLong');
    const since = this.#once('since', this.#rows);
    const sinceMs = since === '' ? null : midnight(since);
    if (since !== '' && sinceMs === null) this.#wrong(first, 'since', 'date');
    if (sinceMs !== null && sinceMs > nowMs) this.#wrong(first, 'since', 'futureDate');
    const purchases = this.#once('purchases', this.#rows) || '0';
    if (!/^\d{1,9}$/.test(purchases)) this.#wrong(first, 'purchases', 'whole');
    const depositMicro = this.#amount('deposit', this.#rows, CENTS, 'cents');
    const meters = this.#rows.flatMap((one) => this.#place(one, id));
    const rooms = [...new Set(this.#rows.map(({ cells }) => cells.room))];
    this.#leftOut(rooms);
    const taken: TakenAccount = {
      ...{ id, name, phone: phone === '' ? null : phone, sinceMs, building: room(rooms[0] ?? '')?.building ?? '' },
      ...{ rooms, wallets: this.#wallets(id), depositMicro, purchases: Number(purchases) || 0, meters },
    };
    if (this.#again && this.errors.length === 0 && !sameJson(known, taken))
      this.#wrong(first, 'account', 'accountExists');
    return taken;
  }

  #wrong(row: number, column: TakeoverColumn, mistake: TakeoverMistake, about?: string): void {
    this.errors.push({ row, column, mistake, ...(about === undefined ? {} : { about }) });
  }

  /** What belongs to all of these rows: in the first, further ones repeat it or leave it out. */
  #once(column: TakeoverColumn, rows: readonly Numbered[]): string {
    const value = rows[0]?.cells[column] ?? '';
    for (const { row, cells } of rows.slice(1))
      if (cells[column] !== '' && cells[column] !== value) this.#wrong(row, column, 'differs', value);
    return value;
  }

  #id(column: 'account' | 'wallet', rows: readonly Numbered[], otherwise = ''): string {
    const value = this.#once(column, rows) || otherwise;
    if (value === '') this.#wrong(rows[0]?.row ?? 0, column, 'missing');
    else if (!ID.test(value)) this.#wrong(rows[0]?.row ?? 0, column, 'id');
    return value;
  }

  #amount(column: TakeoverColumn, rows: readonly Numbered[], form: RegExp, mistake: TakeoverMistake): number {
    const text = this.#once(column, rows);
    if (text === '') return 0;
    if (form.test(text)) return parseYuan(text);
    this.#wrong(rows[0]?.row ?? 0, column, mistake);
    return 0;
  }

  #wallets(account: string): TakenAccount['wallets'] {
    const groups = new Map<string, Numbered[]>();
    for (const one of this.#rows) {
      const wallet = one.cells.wallet || defaultWallet(account);
      groups.set(wallet, [...(groups.get(wallet) ?? []), one]);
    }
    return [...groups.values()].map((rows) => {
      const id = this.#id('wallet', rows, defaultWallet(account));
      const row = rows[0]?.row ?? 0;
      const other = this.#seen.wallets.get(id);
      if (!this.#again && (this.#site.hasWallet(id) || id.startsWith('owner-')))
        this.#wrong(row, 'wallet', 'walletTaken', id);
      else if (other !== undefined && other !== account) this.#wrong(row, 'wallet', 'walletTaken', other);
      this.#seen.wallets.set(id, account);
      const balanceMicro = this.#amount('balance', rows, AMOUNT, 'amount');
      const debtMicro = this.#amount('debt', rows, AMOUNT, 'amount');
      if (balanceMicro > 0 && debtMicro > 0) this.#wrong(row, 'debt', 'balanceAndDebt');
      this.#counters(rows, account);
      return { id, balanceMicro: balanceMicro - debtMicro };
    });
  }

  /** One counter has one use so far, in the first row of a meter that counts in it. */
  #counters(rows: readonly Numbered[], account: string): void {
    const used = new Map<string, string>();
    for (const { row, cells } of rows) {
      if (cells.tierUsed === '' || cells.meter === '' || !this.#site.meter(cells.meter)) continue;
      const counter = this.#site.counter(cells.meter, account);
      if (!counter) this.#wrong(row, 'tierUsed', 'noTiers');
      else if ((used.get(counter.key) ?? cells.tierUsed) !== cells.tierUsed)
        this.#wrong(row, 'tierUsed', 'differs', used.get(counter.key));
      else used.set(counter.key, cells.tierUsed);
    }
  }

  /** The room of a row, and its meter if it has one. */
  #place({ row, cells }: Numbered, account: string): TakenAccount['meters'] {
    const { room, meter, index, tierUsed } = cells;
    const place = this.#site.room(room);
    const letTo = this.#seen.rooms.get(room);
    if (room === '') this.#wrong(row, 'room', 'missing');
    else if (!place) this.#wrong(row, 'room', 'noRoom');
    else if (!this.#again && place.holder !== null) this.#wrong(row, 'room', 'roomLet', place.holder);
    else if (letTo !== undefined && letTo !== account) this.#wrong(row, 'room', 'roomTwice', letTo);
    this.#seen.rooms.set(room, account);
    if (meter === '') {
      if (index !== '') this.#wrong(row, 'meter', 'missing');
      return [];
    }
    if (this.#seen.meters.has(meter)) this.#wrong(row, 'meter', 'meterTwice');
    this.#seen.meters.add(meter);
    if (index === '') this.#wrong(row, 'index', 'missing');
    else if (!REGISTER.test(index)) this.#wrong(row, 'index', 'register');
    if (tierUsed !== '' && !REGISTER.test(tierUsed)) this.#wrong(row, 'tierUsed', 'register');
    const facts = this.#site.meter(meter);
    if (!facts) this.#wrong(row, 'meter', 'noMeter');
    if (!facts || !REGISTER.test(index)) return [];
    const primary = parseQuantity(index) * facts.times;
    if (!this.#again) this.#free(row, room, primary, facts);
    else if (facts.room !== room) this.#wrong(row, 'room', 'notInRoom', facts.room ?? '');
    return [
      {
        ...{ meter, room, wallet: cells.wallet || defaultWallet(account), index: primary },
        tierUsed: REGISTER.test(tierUsed) ? parseQuantity(tierUsed) : null,
      },
    ];
  }

  #free(row: number, room: string, index: number, facts: MeterFacts): void {
    const { asOfMs } = this.#site;
    const { anchor, plausible } = facts;
    const end = plausible.registerEnd ?? Number.MAX_SAFE_INTEGER;
    if (!facts.isTenant) this.#wrong(row, 'meter', 'notTenantMeter');
    else if (facts.room !== room) this.#wrong(row, 'meter', 'notInRoom', facts.room ?? '');
    else if (facts.account !== null) this.#wrong(row, 'meter', 'meterTaken', facts.account);
    else if (facts.mover !== null) this.#wrong(row, 'meter', 'changingHands', facts.mover);
    else if (facts.quarantined) this.#wrong(row, 'meter', 'heldReading');
    else if (index >= end) this.#wrong(row, 'index', 'implausible');
    else if (facts.tariffFromMs > asOfMs) this.#wrong(row, 'meter', 'tariffLater');
    else {
      const start = startOf(index, asOfMs, anchor, facts.charged, plausible);
      if (start !== 'fits') this.#wrong(row, 'index', start);
    }
  }

  #leftOut(rooms: readonly string[]): void {
    if (this.#again) return;
    for (const room of rooms) {
      const row = this.#rows.find(({ cells }) => cells.room === room)?.row ?? 0;
      const own = this.#rows.map(({ cells }) => cells.meter);
      const left = this.#site.freeMeters(room).find((meter) => !own.includes(meter));
      if (left !== undefined) this.#wrong(row, 'room', 'meterLeftOut', left);
    }
  }
}

export const defaultWallet = (account: string): string => `w-${account}`;

/**
 * Whether charging may begin at `index`, which was read at `atMs`. What the site has charged past it cannot be charged
 * again (law 2); a register it has read alone may be counted from below.
 */
export function startOf(
  index: number,
  atMs: number,
  anchor: Anchor | null,
  charged: boolean,
  plausible: Plausible,
): 'fits' | 'alreadyCharged' | 'implausible' {
  if (anchor === null || index === anchor.index) return 'fits';
  if (index < anchor.index && charged) return 'alreadyCharged';
  const [from, to] = index < anchor.index ? [{ index, atMs }, anchor] : [anchor, { index, atMs }];
  return judge(to.index, to.atMs, from, plausible).kind === 'forward' ? 'fits' : 'implausible';
}
