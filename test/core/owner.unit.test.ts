/** What vacancy and public meters use stands under the owner, by room, and adds up with the statement. */
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../protocol/explanations.ts';
import type { OpName, OpResult, QueryName } from '../../protocol/ops.ts';
import type { SiteFileInput } from '../../protocol/site.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, START_MS, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
let keys = 0;
async function look<Q extends QueryName>(
  site: Running,
  op: Q,
  params: object,
  buildings?: string[],
): Promise<OpResult<Q> | string> {
  const who = { operator: 'vera', role: 'viewer' as const, ...(buildings && { buildings }) };
  const outcome = site.intake.do(who, op, params, '');
  await site.settle();
  const answer = await outcome;
  return answer.ok ? (answer.result as OpResult<Q>) : answer.refusal;
}
async function owners(site: Running, params: object = {}, buildings?: string[]): Promise<OpResult<'getOwnerWallets'>> {
  const result = await look(site, 'getOwnerWallets', params, buildings);
  if (typeof result === 'string') throw new Error(result);
  return result;
}
const act = (site: Running, op: OpName, params: object) => site.do(op, params, `k${(keys += 1)}`, 'administrator');

/** Rooms 1 (let) and 2 (vacant) in A, 3 (vacant) in B, and a public lamp behind which nothing hangs, on the line of B. */
function house(): SiteFileInput {
  const site = plainSite(3);
  const [one, two, three] = site.meters;
  const [line] = site.lines;
  if (!one || !two || !three || !line) throw new Error('a plain site has these');
  const room = (n: number) => ({ id: `r${n}`, name: `Room ${n}` });
  const { room: _room, ...bare } = one;
  return {
    ...site,
    buildings: [
      { id: 'A', name: 'Tower A', floors: [{ id: 'A1', name: '1', rooms: [room(1), room(2)] }] },
      { id: 'B', name: 'Tower B', floors: [{ id: 'B1', name: '1', rooms: [room(3)] }] },
    ],
    lines: [line, { ...line, id: 'l2', transport: { kind: 'tcp', host: '127.0.0.1', port: 5021 } }],
    meters: [one, two, { ...three, line: 'l2' }, { ...bare, id: 'lamp', line: 'l2', unitId: 90, role: 'public' }],
    accounts: site.accounts.slice(0, 1),
  };
}
/** Each is read at 0; an hour later room 1 has used 1, room 2 has used 2, room 3 has used 3 and the lamp 4 kWh. */
async function used(): Promise<Running> {
  const site = await startCore(new MemoryDisk(), house());
  const meters = ['m1', 'm2', 'm3', 'lamp'];
  for (const meter of meters) await site.read(meter, 0);
  await site.pass(HOUR);
  for (const [n, meter] of meters.entries()) await site.read(meter, (n + 1) * 1_000);
  return site;
}
const yuan = (amount: number): number => amount * 1_000_000;

describe("the owner's wallets", () => {
  it('say what was used and charged, by building and room; what a tenant uses is not among them', async () => {
    const { items, total, allMicro, cursor } = await owners(await used());
    expect(items).toEqual([
      {
        ...{ wallet: 'owner-r2', room: 'r2', roomName: 'Room 2', building: 'A', buildingName: 'Tower A' },
        ...{ meters: ['m2'], energyWh: 2_000, waterLitres: 0, chargedMicro: yuan(2), allMicro: yuan(2), whole: true },
      },
      {
        ...{ wallet: 'owner-lamp', room: null, roomName: null, building: 'B', buildingName: 'Tower B' },
        ...{ meters: ['lamp'], energyWh: 4_000, waterLitres: 0, chargedMicro: yuan(4), allMicro: yuan(4), whole: true },
      },
      {
        ...{ wallet: 'owner-r3', room: 'r3', roomName: 'Room 3', building: 'B', buildingName: 'Tower B' },
        ...{ meters: ['m3'], energyWh: 3_000, waterLitres: 0, chargedMicro: yuan(3), allMicro: yuan(3), whole: true },
      },
    ]);
    expect([total, allMicro, cursor]).toEqual([3, yuan(9), null]);
  });

  it('count a time by itself, come in pages and by building', async () => {
    const site = await used();
    await site.pass(DAY);
    await site.read('m2', 2_500);
    const since = { fromMs: START_MS + 2 * HOUR };
    const charged = async (params: object): Promise<number[]> =>
      (await owners(site, params)).items.map(({ chargedMicro }) => chargedMicro);
    expect(await charged(since)).toEqual([yuan(0.5), 0, 0]);
    expect(await charged({ toMs: START_MS + 2 * HOUR })).toEqual([yuan(2), yuan(4), yuan(3)]);
    expect(await charged({ building: 'A' })).toEqual([yuan(2.5)]);
    const first = await owners(site, { limit: 2 });
    expect([first.items.length, first.total, first.cursor]).toEqual([2, 3, '2']);
    const rest = await owners(site, { limit: 2, cursor: '2' });
    expect([rest.items.map(({ wallet }) => wallet), rest.cursor]).toEqual([['owner-r3'], null]);
  });

  it('add up with their statement, and the newest charge explains the sum', async () => {
    const site = await used();
    const totals = await look(site, 'getStatementTotals', { wallet: 'owner-r2' });
    expect(totals).toMatchObject({ openingMicro: 0, chargedMicro: yuan(2), closingMicro: -yuan(2), whole: true });
    const statement = await look(site, 'getStatement', { wallet: 'owner-r2' });
    expect(statement).toMatchObject({ items: [{ kind: 'charge', amountMicro: -yuan(2), meter: 'm2' }] });
    const why = (await look(site, 'getExplanation', { wallet: 'owner-r2', kind: 'balance' })) as Explanation;
    expect(why).toMatchObject({ wallet: 'owner-r2', rooms: ['Room 2'] });
    expect(why.movement).not.toBeNull();
  });

  it('keep what they were charged, and their place, when a tenant moves in', async () => {
    const site = await used();
    const details = {
      ...{ kind: 'person', contact: '', email: '', language: 'zh', idNumber: '', invoiceTitle: '' },
      ...{ contractFromMs: null, contractUntilMs: null, note: '' },
    };
    const plan = { rooms: ['r2'], wallets: [{ id: 'w9' }], meters: [] };
    expect(await act(site, 'saveAccount', { account: 'a9', isNew: true, name: 'New', details, plan })).toMatchObject({
      ok: true,
    });
    expect(await act(site, 'openAccount', { account: 'a9' })).toMatchObject({ ok: true });
    await site.pass(MINUTE);
    await site.read('m2', 2_000);
    await site.pass(MINUTE);
    await site.read('m2', 2_010);
    const [row] = (await owners(site, { building: 'A' })).items;
    expect(row).toMatchObject({ wallet: 'owner-r2', meters: [], allMicro: yuan(2) });
    expect(await look(site, 'getStatement', { wallet: 'owner-r2' }, ['A'])).toMatchObject({ cursor: null });
    expect(await look(site, 'getStatement', { wallet: 'owner-r2' }, ['B'])).toBe('outOfScope');
  });

  it('are seen, and their statements, by people of their building alone', async () => {
    const site = await used();
    const seen = { A: ['owner-r2'], B: ['owner-lamp', 'owner-r3'] };
    for (const building of ['A', 'B'] as const) {
      const { items, allMicro } = await owners(site, {}, [building]);
      expect(items.map(({ wallet }) => wallet)).toEqual(seen[building]);
      expect(allMicro).toBe(building === 'A' ? yuan(2) : yuan(7));
      for (const wallet of ['owner-r2', 'owner-r3', 'owner-lamp'])
        for (const op of ['getStatement', 'getStatementTotals', 'getCharges'] as const)
          expect([op, wallet, (await look(site, op, { wallet }, [building])) === 'outOfScope']).toEqual([
            ...[op, wallet],
            !seen[building].includes(wallet),
          ]);
    }
  });
});
