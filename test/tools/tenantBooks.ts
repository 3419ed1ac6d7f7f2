/** What a careful clerk would write by hand about two rooms: who owes and holds what, in micro-yuan, at 1 yuan a kWh. */
const YUAN = 1_000_000;
const MICRO_PER_WH = 1_000;

type Account = { wallets: string[]; depositMicro: number; closing: boolean };
type Meter = { index: number; wallet: string; tenant: string | null; next: (() => void) | null };

export class Books {
  cashMicro = 0;
  usedMicro = 0;
  readonly #refunds: { order: string; wallet: string; yuan: number }[] = [];
  readonly #wallets = new Map([
    ['w1', 100 * YUAN],
    ['owner-r1', 0],
    ['owner-r2', 0],
  ]);
  readonly #accounts = new Map<string, Account>([['a1', { wallets: ['w1'], depositMicro: 0, closing: false }]]);
  readonly #meters = new Map<string, Meter>([
    ['r1', { index: 0, wallet: 'w1', tenant: 'a1', next: null }],
    ['r2', { index: 0, wallet: 'owner-r2', tenant: null, next: null }],
  ]);

  /** What was used so far is paid by who drew it; what was agreed takes effect at this reading. */
  use(room: string, wh: number): void {
    const meter = this.#meter(room);
    meter.index += wh;
    this.usedMicro += wh * MICRO_PER_WH;
    this.#add(meter.wallet, -wh * MICRO_PER_WH);
    meter.next?.();
    meter.next = null;
  }
  index(room: string): number {
    return this.#meter(room).index;
  }
  tenant(room: string): string | null {
    return this.#meter(room).tenant;
  }
  wallet(index: number): string {
    const ids = [...this.#wallets.keys()].filter((id) => !id.startsWith('owner-'));
    return ids[index % ids.length] ?? 'none';
  }
  walletOf(account: string, index: number): string {
    const { wallets } = this.#accounts.get(account) ?? { wallets: ['none'] };
    return wallets[index % wallets.length] ?? 'none';
  }

  pay(wallet: string, yuan: number): void {
    this.cashMicro += yuan * YUAN;
    this.#add(wallet, yuan * YUAN);
  }
  /** Asked back; the money waits to be paid out or to return. */
  reserve(order: string, wallet: string, yuan: number): void {
    this.#refunds.push({ order, wallet, yuan });
    this.#add(wallet, -yuan * YUAN);
  }
  /** The one that waits longest. */
  get refund(): string {
    return this.#refunds[0]?.order ?? 'none';
  }
  get reservedMicro(): number {
    return this.#refunds.reduce((sum, { yuan }) => sum + yuan * YUAN, 0);
  }
  endRefund(paid: boolean): void {
    const ended = this.#refunds.shift();
    if (ended === undefined) throw new Error('no refund waits');
    if (paid) this.cashMicro -= ended.yuan * YUAN;
    else this.#add(ended.wallet, ended.yuan * YUAN);
  }
  transfer(from: string, to: string, yuan: number): void {
    this.#add(from, -yuan * YUAN);
    this.#add(to, yuan * YUAN);
  }
  deposit(account: string, yuan: number): void {
    this.cashMicro += yuan * YUAN;
    this.#account(account).depositMicro += yuan * YUAN;
  }
  addWallet(account: string, wallet: string): void {
    this.#account(account).wallets.push(wallet);
    this.#wallets.set(wallet, 0);
  }

  enter(account: string, room: string, wallet: string, yuan: number, deposit: number): void {
    this.#accounts.set(account, { wallets: [], depositMicro: 0, closing: false });
    this.addWallet(account, wallet);
    this.pay(wallet, yuan);
    this.deposit(account, deposit);
    const meter = this.#meter(room);
    if (meter.tenant !== null) return;
    meter.tenant = account;
    this.move(room, wallet);
  }
  move(room: string, wallet: string): void {
    const meter = this.#meter(room);
    meter.next = () => {
      meter.wallet = wallet;
    };
  }
  /** At the next reading all of it is paid out, or what is owed is paid in. */
  leave(account: string, nextWallet: string | null): void {
    const [room, meter] = [...this.#meters].find(([, { tenant }]) => tenant === account) ?? [];
    if (room === undefined || meter === undefined) throw new Error(`${account} has no room`);
    const leaving = this.#account(account);
    const next = [...this.#accounts].find(([, { wallets }]) => nextWallet !== null && wallets.includes(nextWallet));
    meter.next = () => {
      for (const wallet of leaving.wallets) {
        this.cashMicro -= this.#wallets.get(wallet) ?? 0;
        this.#wallets.set(wallet, 0);
      }
      this.cashMicro -= leaving.depositMicro;
      leaving.depositMicro = 0;
      meter.wallet = nextWallet ?? `owner-${room}`;
      meter.tenant = next?.[0] ?? null;
    };
  }

  /** Nothing is owed at the end, whatever the last reading brings: debt of one wallet holds the settling of all. */
  owesNothing(account: string, mostWh: number): boolean {
    const meter = [...this.#meters.values()].find(({ tenant }) => tenant === account);
    return (this.#accounts.get(account)?.wallets ?? []).every(
      (wallet) =>
        (this.#wallets.get(wallet) ?? 0) >= (wallet === meter?.wallet || meter?.next ? mostWh * MICRO_PER_WH : 0),
    );
  }

  balances(): Record<string, number> {
    return Object.fromEntries(this.#wallets);
  }
  deposits(): [string, number][] {
    return [...this.#accounts].map(([account, { depositMicro }]) => [account, depositMicro]);
  }

  #add(wallet: string, micro: number): void {
    this.#wallets.set(wallet, (this.#wallets.get(wallet) ?? 0) + micro);
  }
  #account(account: string): Account {
    const found = this.#accounts.get(account);
    if (found === undefined) throw new Error(`no account ${account}`);
    return found;
  }
  #meter(room: string): Meter {
    const found = this.#meters.get(room);
    if (found === undefined) throw new Error(`no meter in ${room}`);
    return found;
  }
}
