import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { roles, siteFileSchema } from '../../protocol/site.ts';
import { loginsSchema, newLogins, operatorsOf } from '../../simulators/logins.ts';
import { fleetPlanSchema } from '../../simulators/plan.ts';
import { DEMO_ROOMS, demoSite } from '../../simulators/site/demo.ts';
import { generateSite, withPorts, type GeneratedSite } from '../../simulators/site/generate.ts';

function generated(rooms: number, seed = 1): GeneratedSite {
  return generateSite({ id: 'test', name: 'Test', rooms, seed });
}

function roomIds({ site }: GeneratedSite): string[] {
  return site.buildings.flatMap((building) => building.floors.flatMap((floor) => floor.rooms.map((room) => room.id)));
}

/** Everything the schema cannot say: names are used once and lead somewhere. */
function expectSound(made: GeneratedSite): void {
  const { site, plan } = made;
  const rooms = new Set(roomIds(made));
  const wallets = new Set(site.accounts.flatMap((account) => account.wallets.map((wallet) => wallet.id)));
  const lines = new Set(site.lines.map((line) => line.id));
  const tariffs = new Map(site.tariffs.map((tariff) => [tariff.id, tariff.utility]));
  expect(new Set(site.meters.map((meter) => meter.id)).size).toBe(site.meters.length);
  expect(new Set(site.meters.map((meter) => `${meter.line} ${meter.unitId}`)).size).toBe(site.meters.length);
  for (const meter of site.meters) {
    expect(lines.has(meter.line)).toBe(true);
    expect(meter.room === undefined || rooms.has(meter.room)).toBe(true);
    expect(meter.wallet === undefined || wallets.has(meter.wallet), `wallet of ${meter.id}`).toBe(true);
    expect(tariffs.get(meter.tariff)).toBe(meter.utility);
  }
  const drawnOn = new Set(site.meters.map((meter) => meter.wallet));
  for (const wallet of wallets) expect(drawnOn.has(wallet), `a meter on ${wallet}`).toBe(true);
  const real = plan.lines.flatMap((line) =>
    line.meters.map((meter) => `${meter.id} ${line.id} ${meter.unitId} ${meter.ct}`),
  );
  expect(real).toEqual(site.meters.map((meter) => `${meter.id} ${meter.line} ${meter.unitId} ${meter.ct}`));
}

describe('the site generator', () => {
  it.each([1, 19, 240, 2_000])('makes a valid and sound site of %i rooms', (rooms) => {
    const made = generated(rooms);
    const ports = new Map(made.site.lines.map((line, i) => [line.id, 1024 + i]));
    const parsed = siteFileSchema.safeParse(withPorts(made.site, ports, '127.0.0.1'));
    expect(parsed.error?.issues ?? []).toEqual([]);
    expect(fleetPlanSchema.safeParse(made.plan).error?.issues ?? []).toEqual([]);
    expect(new Set(roomIds(made)).size).toBe(rooms);
    expectSound(made);
  });

  it('makes 10 000 rooms that are valid, in a few seconds at most', () => {
    const started = performance.now();
    const made = generated(10_000);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(siteFileSchema.safeParse(made.site).success).toBe(true);
    expect(new Set(roomIds(made)).size).toBe(10_000);
    expect(new Set(made.site.meters.map((meter) => meter.id)).size).toBe(made.site.meters.length);
    const numbers = made.site.meters.flatMap((meter) => meter.number ?? []);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('makes the same site from the same seed, and another from another', () => {
    expect(generated(50, 3)).toEqual(generated(50, 3));
    expect(generated(50, 3).site.accounts).not.toEqual(generated(50, 4).site.accounts);
  });

  it('polls no faster than the wire allows', () => {
    for (const line of generated(2_000).site.lines) {
      const meters = generated(2_000).site.meters.filter((meter) => meter.line === line.id);
      const chars = 13 + 2 * 48;
      const silence = 3.5;
      const eachMs = ((chars + 2 * silence) * 10 * 1000) / (line.baud ?? 9600) + 20;
      const interval = Math.min(...meters.map((meter) => meter.pollIntervalMs ?? 15_000));
      expect((eachMs * meters.length) / interval, line.id).toBeLessThan(0.75);
      if (line.id > 'C') break;
    }
  });

  it('wants to know the port of every line', () => {
    expect(() => withPorts(generated(20).site, new Map(), '127.0.0.1')).toThrow('has no port');
  });
});

describe('the demo site', () => {
  const demo = demoSite(1);

  it('has 2 buildings, 240 rooms, about 300 meters of five models on 8 lines', () => {
    expect(demo.site.buildings).toHaveLength(2);
    expect(roomIds(demo)).toHaveLength(DEMO_ROOMS);
    expect(demo.site.meters.length).toBeGreaterThan(280);
    expect(demo.site.meters.length).toBeLessThan(320);
    expect(new Set(demo.site.meters.map((meter) => meter.profile)).size).toBe(5);
    expect(demo.site.lines).toHaveLength(8);
    expect(siteFileSchema.safeParse(demo.site).error?.issues ?? []).toEqual([]);
    expectSound(demo);
  });

  it('has rooms that run out within minutes whatever the hour, fewer than the interlock holds back', () => {
    const meters = new Map(demo.site.meters.map((meter) => [meter.wallet, meter]));
    const loads = new Map(
      demo.plan.lines.flatMap((line) => line.meters.map((meter) => [meter.id, meter.load] as const)),
    );
    const broke = demo.site.accounts
      .flatMap((account) => account.wallets)
      .filter((wallet) => Number(wallet.openingBalance) < 2);
    expect(broke.length).toBeGreaterThanOrEqual(4);
    expect(broke.length).toBeLessThanOrEqual(8);
    for (const wallet of broke) expect(loads.get(meters.get(wallet.id)?.id ?? '')?.profile).toBe('nightShop');
    expect(demo.site.site.rules).toMatchObject({ warnBeforeCutMs: 60_000, quietHours: [] });
  });

  it('takes readings for fresh as long as its speed asks for', () => {
    const freshness = (speed: number) => new Set(demoSite(speed).site.meters.map((meter) => meter.freshnessMs));
    expect([...freshness(1)]).toEqual([300_000]);
    expect([...freshness(60)]).toEqual([1_800_000]);
  });

  it('has one dead meter and one noisy line', () => {
    const meters = demo.plan.lines.flatMap((line) => line.meters);
    expect(meters.filter((meter) => meter.faults.dead === 1)).toHaveLength(1);
    expect(demo.plan.lines.filter((line) => (line.faults.crcError ?? 0) > 0)).toHaveLength(1);
  });

  it('has vacant rooms whose meters draw on no wallet', () => {
    const let_ = new Set(demo.site.accounts.flatMap((account) => account.rooms));
    const vacant = roomIds(demo).filter((room) => !let_.has(room));
    expect(vacant.length).toBeGreaterThan(5);
    for (const meter of demo.site.meters) {
      if (meter.room !== undefined) expect(meter.wallet === undefined).toBe(vacant.includes(meter.room));
    }
  });
});

describe('demo logins', () => {
  it('are one for each role, random, and stored as scrypt hashes the password fits', () => {
    const logins = newLogins();
    expect(loginsSchema.parse(logins).map(({ role }) => role)).toEqual([...roles]);
    expect(new Set([...logins, ...newLogins()].map(({ password }) => password)).size).toBe(2 * roles.length);
    for (const [i, operator] of operatorsOf(logins).entries()) {
      const [kind, n, r, p, salt = '', hash] = operator.passwordHash.split('$');
      expect([kind, n, r, p]).toEqual(['scrypt', '16384', '8', '1']);
      const key = scryptSync(logins[i]?.password ?? '', Buffer.from(salt, 'base64url'), 32, { N: 16_384, r: 8, p: 1 });
      expect(key.toString('base64url')).toBe(hash);
    }
  });
});
