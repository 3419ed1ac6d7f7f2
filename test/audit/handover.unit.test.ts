/** Handing a shift over: what is on the sheet, and whose signatures it takes. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { handoverSchema, handoverSheetSchema } from '../../protocol/handover.ts';
import type { Who } from '../../protocol/ipc.ts';
import type { OpName, OpOutcome } from '../../protocol/ops.ts';
import { handoverSheet } from '../../server/core/handoverSheet.ts';
import { done, opened } from '../tools/chargingAccount.ts';
import { MemoryDisk, MemoryStore } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const who = (operator: string): Who => ({ operator, role: 'operator', provedAgoMs: 0 });
async function doAs(site: Running, by: Who, op: OpName, params: object, key: string): Promise<OpOutcome> {
  const outcome = site.intake.do(by, op, params, key);
  await site.settle();
  return outcome;
}
const refused = (outcome: OpOutcome): string | null => (outcome.ok ? null : outcome.refusal);
const answerSchema = z.object({ now: handoverSheetSchema, waiting: handoverSchema.nullable() });
async function handover(site: Running): Promise<z.infer<typeof answerSchema>> {
  const outcome = await doAs(site, who('anna'), 'getHandover', {}, '');
  return answerSchema.parse(outcome.ok && outcome.result);
}

describe('handing a shift over', () => {
  it('lists what the next shift must know', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(5));
    const set = (n: number, action: string) =>
      doAs(site, who('anna'), 'switchMeter', { meter: `m${n}`, action, reason: `why ${action}` }, action);
    for (const [i, action] of ['workTag', 'forceTrip', 'keepPower', 'hold'].entries()) await set(i + 1, action);
    await site.read('m5', 1_000, { batteryLow: true });
    await site.read('m4', 1_000, { batteryLow: true });
    const alarm = 'batteryLow:m4';
    await doAs(site, who('anna'), 'shelveAlarm', { alarm, reason: 'ordered', minutes: 60 }, 's');
    const { sections } = (await handover(site)).now;
    const lines = (name: keyof typeof sections) =>
      (sections[name]?.lines ?? []).map(({ place, reason }) => [place, reason]);
    expect(lines('workTags')).toEqual([['Room 1', 'why workTag']]);
    expect(lines('overrides')).toEqual([['Room 2', 'why forceTrip']]);
    expect(lines('keepPower')).toEqual([['Room 3', 'why keepPower']]);
    expect(lines('operatorHolds')).toEqual([['Room 4', 'why hold']]);
    expect(sections.alarms?.lines).toMatchObject([{ what: 'batteryLow', place: 'Room 5' }]);
    expect(sections.shelved?.lines).toMatchObject([
      { what: 'batteryLow', place: 'Room 4', reason: 'ordered', by: 'anna' },
    ]);
  });

  it('lists what is under way: group orders, parameters on their way, money that is not on its meter', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(7));
    const meters = [1, 2, 3, 4, 5, 6].map((n) => `m${n}`);
    await doAs(site, who('anna'), 'startGroup', { action: 'forceTrip', meters, reason: 'cable' }, 'g');
    const admin: Who = { operator: 'mia', role: 'administrator', provedAgoMs: 0 };
    const values = { meter: 'm7', values: { relayMode: 'pulse' }, reason: 'new relay' };
    expect(await doAs(site, admin, 'writeParameters', values, 'w')).toMatchObject({ ok: true });
    const { sections } = (await handover(site)).now;
    expect(sections.groups?.lines).toMatchObject([
      { what: 'forceTrip', place: 'Room 1, Room 2, Room 3, Room 4, Room 5 …', by: 'anna', reason: 'cable' },
    ]);
    expect(sections.parameterWrites?.lines).toMatchObject([
      { what: 'relayMode', place: 'Room 7', meter: 'm7', by: 'mia', reason: 'new relay' },
    ]);
    expect(sections.meterMoney?.lines).toEqual([]);
  });

  it('lists what was paid for a meter that does not answer', async () => {
    const site = await opened({ wallets: [{ id: 'w', firstRecharge: { amount: '100', channel: 'cash' } }] });
    site.line.deaf = true;
    await done(site, 'recharge', { wallet: 'w', amount: '12.50', channel: 'cash' });
    const { sections } = handoverSheet(site.core);
    expect(sections.meterMoney?.lines).toMatchObject([
      { what: 'recharge', place: 'Room 1', meter: 'm1', reason: '¥12.50' },
    ]);
  });

  it('is signed by who goes and, as it was shown, by somebody else who comes; kept over a restart', async () => {
    const disk = new MemoryDisk();
    let site = await startCore(disk, plainSite(1));
    expect(await doAs(site, who('anna'), 'signHandover', { notes: 'water in B2' }, 'a')).toMatchObject({
      result: { handover: 'H1' },
    });
    expect(refused(await doAs(site, who('bert'), 'signHandover', {}, 'b'))).toBe('handoverOver');
    site = await startCore(disk, null, undefined, new MemoryStore(disk));
    const hash = (await handover(site)).waiting?.hash ?? '';
    const take = (by: string, key: string, given = hash) =>
      doAs(site, who(by), 'takeHandover', { handover: 'H1', hash: given, remark: 'seen' }, key);
    expect(refused(await take('anna', 'c'))).toBe('ownProposal');
    expect(refused(await take('bert', 'd', 'another'))).toBe('handoverOver');
    expect(refused(await take('bert', 'e'))).toBeNull();
    expect(refused(await take('carl', 'f'))).toBe('handoverOver');
    expect((await handover(site)).waiting).toBeNull();
    expect(await doAs(site, who('bert'), 'getHandovers', {}, '')).toMatchObject({
      result: {
        items: [{ id: 'H1', notes: 'water in B2', outgoing: { operator: 'anna' }, incoming: { operator: 'bert' } }],
      },
    });
    expect(refused(await doAs(site, { ...who('bert'), provedAgoMs: 600_000 }, 'signHandover', {}, 'g'))).toBe(
      'proofNeeded',
    );
  });

  it('is withdrawn by who signed it alone', async () => {
    const site = await startCore(new MemoryDisk(), plainSite(1));
    await doAs(site, who('anna'), 'signHandover', {}, 'a');
    expect(refused(await doAs(site, who('bert'), 'withdrawHandover', { handover: 'H1' }, 'b'))).toBe('forbidden');
    expect(refused(await doAs(site, who('anna'), 'withdrawHandover', { handover: 'H1' }, 'c'))).toBeNull();
    expect(await doAs(site, who('bert'), 'signHandover', {}, 'd')).toMatchObject({ result: { handover: 'H2' } });
  });
});
