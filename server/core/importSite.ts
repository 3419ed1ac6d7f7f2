/** A site file into an empty store: checked whole before the first commit, complete only with its last one. */
import { mistakesOf, type Mistake } from '../../protocol/mistake.ts';
import { siteFileSchema, type MeterConfig, type SiteFile } from '../../protocol/site.ts';
import { parseYuan } from '../domain/money.ts';
import { LocalTime } from '../domain/localTime.ts';
import { upstreamMistake, upstreamText } from '../domain/meter/tree.ts';
import { models } from '../domain/meter/models.ts';
import type { Core } from './core.ts';

export type Checked =
  { readonly ok: true; readonly site: SiteFile } | { readonly ok: false; readonly mistakes: Mistake[] };

/** `nowMs`: a tariff must hold by then, since use before its first version has no price. */
export function checkSite(input: unknown, nowMs = Infinity): Checked {
  const parsed = siteFileSchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, mistakes: mistakesOf(parsed.error, input) };
  }
  const mistakes = [...references(parsed.data), ...tooLate(parsed.data, nowMs)];
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, site: parsed.data };
}

function tooLate(site: SiteFile, nowMs: number): Mistake[] {
  return site.tariffs.flatMap((tariff, i) => {
    const from = tariff.versions[0]?.from ?? '';
    // Read as UTC: a day's slack, whatever the zone.
    if (Date.parse(`${from}Z`) <= nowMs - 86_400_000) return [];
    return [
      {
        path: `tariffs[${i}].versions[0].from`,
        value: JSON.stringify(from),
        expected: 'a time that has passed by a day or more: use before it has no price',
      },
    ];
  });
}

/** Wallets that the import makes for what no tenant pays. */
const OWNER = 'owner-';

type Wrong = (path: string, value: unknown, expected: string) => void;

/** Values that have the right shape and cannot be. */
function values(site: SiteFile, wrong: Wrong): void {
  try {
    new LocalTime(site.site.timeZone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    wrong('site.timeZone', site.site.timeZone, 'an IANA time zone, such as "Asia/Shanghai"');
  }
  // Below 0 a wallet would be cut and restored, or warned, with every charge.
  for (const rule of ['restoreAbove', 'thresholdHysteresis'] as const)
    if (parseYuan(site.site.rules[rule]) < 0) wrong(`site.rules.${rule}`, site.site.rules[rule], '0 or more');
  const names = new Set<string>();
  const buildings = new Set(site.buildings.map(({ id }) => id));
  site.operators.forEach(({ name, buildings: limits = [] }, i) => {
    if (names.has(name)) wrong(`operators[${i}].name`, name, 'a name used once');
    names.add(name);
    limits.forEach((id, j) => {
      if (!buildings.has(id)) wrong(`operators[${i}].buildings[${j}]`, id, 'the id of a building');
    });
  });
}

/** Ids that must be unique, and names that must point at something. */
function references(site: SiteFile): Mistake[] {
  const mistakes: Mistake[] = [];
  const wrong: Wrong = (path, value, expected) =>
    void mistakes.push({ path, value: value === undefined ? 'missing' : JSON.stringify(value), expected });
  values(site, wrong);
  const unique = (path: string, items: readonly { readonly id: string }[]): Set<string> => {
    const seen = new Set<string>();
    items.forEach(({ id }, i) => (seen.has(id) ? wrong(`${path}[${i}].id`, id, 'an id used once') : seen.add(id)));
    return seen;
  };
  unique('buildings', site.buildings);
  unique(
    'buildings[].floors',
    site.buildings.flatMap((building) => building.floors),
  );
  const rooms = unique(
    'rooms',
    site.buildings.flatMap((building) => building.floors.flatMap((floor) => floor.rooms)),
  );
  const lines = unique('lines', site.lines);
  unique('meters', site.meters);
  const tariffs = unique('tariffs', site.tariffs);
  unique('accounts', site.accounts);
  const wallets = unique(
    'accounts[].wallets',
    site.accounts.flatMap((account) => account.wallets),
  );
  const tenants = new Map<string, string>();
  site.accounts.forEach((account, i) => {
    account.rooms.forEach((room, j) => {
      const path = `accounts[${i}].rooms[${j}]`;
      if (!rooms.has(room)) wrong(path, room, 'the id of a room');
      else if (tenants.has(room)) wrong(path, room, `a room of one account (it is in ${tenants.get(room)} too)`);
      tenants.set(room, account.id);
    });
    account.wallets.forEach((wallet, j) => {
      if (wallet.id.startsWith(OWNER))
        wrong(`accounts[${i}].wallets[${j}].id`, wallet.id, `an id that does not begin with ${OWNER}`);
      const levels = wallet.thresholds.map(parseYuan);
      if (levels.some((level, k) => k > 0 && level >= (levels[k - 1] ?? Infinity)))
        wrong(`accounts[${i}].wallets[${j}].thresholds`, wallet.thresholds, 'levels from the highest to the lowest');
      if (parseYuan(wallet.overdraft) < 0)
        wrong(`accounts[${i}].wallets[${j}].overdraft`, wallet.overdraft, '0 or more');
    });
  });
  const addresses = new Map<string, string>();
  const byId = new Map(site.meters.map((meter) => [meter.id, meter]));
  site.meters.forEach((meter, i) => {
    const path = `meters[${i}]`;
    if (!lines.has(meter.line)) wrong(`${path}.line`, meter.line, 'the id of a line');
    if (!tariffs.has(meter.tariff)) wrong(`${path}.tariff`, meter.tariff, 'the id of a tariff');
    if (meter.room !== undefined && !rooms.has(meter.room)) wrong(`${path}.room`, meter.room, 'the id of a room');
    if (meter.wallet !== undefined && !wallets.has(meter.wallet))
      wrong(`${path}.wallet`, meter.wallet, 'the id of a wallet');
    if (meter.role === 'tenant' && meter.room === undefined)
      wrong(`${path}.room`, undefined, 'the room of a tenant meter');
    if (meter.utility !== models[meter.profile].utility)
      wrong(`${path}.utility`, meter.utility, `${models[meter.profile].utility} for the profile ${meter.profile}`);
    const tariff = site.tariffs.find((one) => one.id === meter.tariff);
    if (tariff && tariff.utility !== meter.utility)
      wrong(`${path}.tariff`, meter.tariff, `a tariff for ${meter.utility}`);
    const above = upstreamMistake(meter, (id) => byId.get(id));
    if (above !== null) wrong(`${path}.upstream`, meter.upstream, upstreamText[above.mistake](above.about ?? ''));
    const address = `${meter.line} unit ${meter.unitId}`;
    if (addresses.has(address))
      wrong(`${path}.unitId`, meter.unitId, `a unit id used once on its line (${addresses.get(address)} has it)`);
    addresses.set(address, meter.id);
  });
  return mistakes;
}

/** Messages that are handled before the next part is sent, so that a big file never floods the mailboxes. */
const PART = 500;

/** Imports a checked file. Resolves when everything is durable. */
export async function importSite(core: Core, site: SiteFile, setupTokenHash: string | null): Promise<void> {
  const { id, name, timeZone, rules } = site.site;
  const chosen = site.profileOptions === undefined ? {} : { profileOptions: site.profileOptions };
  const settings = { id, name, timeZone, rules, ...chosen };
  core.setConfig('site', 'site', { ...settings, importedMs: null });
  site.buildings.forEach((building, position) => {
    core.setConfig('building', building.id, { id: building.id, name: building.name, position });
    building.floors.forEach((floor, floorPosition) =>
      core.setConfig('floor', floor.id, { ...floor, building: building.id, position: floorPosition }),
    );
  });
  site.lines.forEach((line, position) => core.setConfig('line', line.id, { ...line, position }));
  for (const tariff of site.tariffs) core.setConfig('tariff', tariff.id, tariff);
  for (const account of site.accounts) {
    core.setConfig('account', account.id, {
      id: account.id,
      name: account.name,
      phone: account.phone ?? null,
      rooms: account.rooms,
      wallets: account.wallets.map((wallet) => wallet.id),
    });
  }
  for (const operator of site.operators) core.setConfig('operator', operator.name, { ...operator, disabled: false });
  core.setConfig('setup', 'setup', { tokenHash: setupTokenHash });
  await sendAll(core, site);
  core.setConfig('site', 'site', { ...settings, importedMs: core.context().nowMs });
  await core.committer.drained();
}

/** Which wallet and account a meter draws on: its own, its room's account's first, or the owner's for that room or meter. */
function placeOf(
  meter: MeterConfig,
  accountOfRoom: ReadonlyMap<string, SiteFile['accounts'][number]>,
  accountOfWallet: ReadonlyMap<string, string>,
): { wallet: string | null; account: string | null; owner: boolean } {
  if (meter.role === 'main') return { wallet: null, account: null, owner: false };
  const tenant = meter.role === 'tenant' && meter.room !== undefined ? accountOfRoom.get(meter.room) : undefined;
  const wallet = meter.wallet ?? tenant?.wallets[0]?.id;
  if (wallet !== undefined) return { wallet, account: accountOfWallet.get(wallet) ?? null, owner: false };
  return { wallet: `${OWNER}${meter.role === 'public' ? meter.id : meter.room}`, account: null, owner: true };
}

async function sendAll(core: Core, site: SiteFile): Promise<void> {
  const accountOfRoom = new Map(
    site.accounts.flatMap((account) => account.rooms.map((room) => [room, account] as const)),
  );
  const accountOfWallet = new Map(
    site.accounts.flatMap((account) => account.wallets.map((wallet) => [wallet.id, account.id] as const)),
  );
  const metersOfWallet = new Map<string, { id: string; tariff: string; room: string | null }[]>();
  const owners = new Set<string>();
  let sent = 0;
  const pace = async (): Promise<void> => {
    sent += 1;
    if (sent % PART === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      await core.committer.drained();
    }
  };
  for (const meter of site.meters) {
    const { wallet, account, owner } = placeOf(meter, accountOfRoom, accountOfWallet);
    if (wallet !== null) {
      metersOfWallet.set(wallet, [
        ...(metersOfWallet.get(wallet) ?? []),
        { id: meter.id, tariff: meter.tariff, room: meter.room ?? null },
      ]);
      if (owner) owners.add(wallet);
    }
    core.addMeter(meter.id);
    core.send({
      to: 'meter',
      id: meter.id,
      message: { type: 'Register', config: meter, place: { room: meter.room ?? null, wallet, account } },
    });
    await pace();
  }
  for (const account of site.accounts) {
    for (const [i, wallet] of account.wallets.entries()) {
      const meters = metersOfWallet.get(wallet.id) ?? [];
      const rooms = i === 0 ? account.rooms : [...new Set(meters.flatMap((meter) => meter.room ?? []))];
      core.addWallet(wallet.id);
      core.send({
        to: 'wallet',
        id: wallet.id,
        message: {
          type: 'Open',
          account: account.id,
          holder: account.name,
          kind: 'tenant',
          openingBalanceMicro: parseYuan(wallet.openingBalance),
          overdraftMicro: parseYuan(wallet.overdraft),
          thresholdsMicro: wallet.thresholds.map(parseYuan),
          rooms,
          meters,
        },
      });
      await pace();
    }
  }
  for (const wallet of owners) {
    const meters = metersOfWallet.get(wallet) ?? [];
    core.addWallet(wallet);
    core.send({
      to: 'wallet',
      id: wallet,
      message: {
        type: 'Open',
        account: 'owner',
        holder: '',
        kind: 'owner',
        openingBalanceMicro: 0,
        overdraftMicro: 0,
        thresholdsMicro: [],
        rooms: [],
        meters,
      },
    });
    await pace();
  }
  // Every actor handles what it was sent: one turn a message.
  while (core.busy) await new Promise((resolve) => setImmediate(resolve));
}
