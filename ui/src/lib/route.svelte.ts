/** The address bar: which screen, and whose drawer is open over it: a room's, or a meter's that is in none. */
import { INVITATION_SCREEN } from '../../../protocol/people.ts';

export const screens = {
  wall: '/',
  home: '/home',
  alarms: '/alarms',
  lowMoney: '/low-money',
  emergency: '/emergency',
  switching: '/switching',
  accounts: '/accounts',
  orders: '/orders',
  meterMoney: '/meter-money',
  tariffs: '/tariffs',
  indexes: '/readings',
  site: '/site',
  notices: '/notices',
  lines: '/lines',
  system: '/system',
  people: '/people',
  audit: '/audit',
  approvals: '/approvals',
  handover: '/handover',
  me: '/me',
} as const;
export type Screen = keyof typeof screens;
const screenNames = Object.keys(screens) as Screen[];

class Route {
  #url = $state.raw(new URL(location.href));

  constructor() {
    addEventListener('popstate', () => {
      this.#url = new URL(location.href);
    });
  }

  get isSetup(): boolean {
    return this.#url.pathname === '/setup';
  }
  get setupToken(): string | null {
    return this.#url.searchParams.get('token');
  }
  get isInvitation(): boolean {
    return this.#url.pathname === INVITATION_SCREEN;
  }
  /** It stands behind the #, so that it is in no log of a server. */
  get invitationToken(): string {
    return this.#url.hash.slice(1);
  }
  /** An address that is no screen shows the wall. */
  get screen(): Screen {
    return screenNames.find((name) => screens[name] === this.#url.pathname) ?? 'wall';
  }
  get room(): string | null {
    return this.#url.searchParams.get('room');
  }
  get meter(): string | null {
    return this.#url.searchParams.get('meter');
  }
  get building(): string | null {
    return this.#url.searchParams.get('building');
  }

  get account(): string | null {
    return this.#url.searchParams.get('account');
  }
  /** A page within a screen. */
  get part(): string | null {
    return this.#url.searchParams.get('part');
  }
  /** A room whose account is to be entered. */
  get newAccountRoom(): string | null {
    return this.#url.searchParams.get('new');
  }

  go(screen: Screen, params: Readonly<Record<string, string>> = {}): void {
    const url = new URL(screens[screen], location.origin);
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    this.#push(url);
  }
  openRoom(room: string | null): void {
    this.#with({ room, meter: null });
  }
  openMeter(meter: string | null): void {
    this.#with({ meter, room: null });
  }
  openAccount(account: string | null): void {
    this.#with({ account });
  }
  zoom(building: string | null): void {
    this.#with({ building });
  }

  #with(params: Readonly<Record<string, string | null>>): void {
    const url = new URL(this.#url);
    for (const [name, value] of Object.entries(params)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    if (url.href !== this.#url.href) this.#push(url);
  }
  #push(url: URL): void {
    history.pushState(null, '', url);
    this.#url = url;
  }
}

export const route = new Route();
