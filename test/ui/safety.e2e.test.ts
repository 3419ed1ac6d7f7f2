/** Safe switching on the screen, in both languages. */
import { describe, expect, it } from 'vitest';
import type { Emergency, ItemState } from '../../protocol/emergency.ts';
import { stageForTests } from '../tools/stage.ts';
import { patient, seriousFaults } from './browser.ts';
import { roomOf } from './samples.ts';
import { makeLayout, makeTiles, money, NOW_MS, part, plainTile, yuan } from './site.ts';

const stage = stageForTests();

const layout = makeLayout({ buildings: 2, floors: 4, rooms: 6 });
const ROOM = 'A-0302';
const HOUR_MS = 3_600_000;
const tripped = {
  ...plainTile('b1', ROOM),
  electricity: part(`e-${ROOM}`, { wanted: 'open', actual: 'open', cause: 'moneyExhausted', rate: 0 }),
  money: money(ROOM, -0.42, 0),
};
const start = () => stage.core(layout, [...makeTiles(layout).filter(({ room }) => room !== ROOM), tripped]);

describe('temporary power', () => {
  it('is given with a reason and an end or a debt, and shows what is in force', async () => {
    const core = await start();
    let lent = false;
    core.override = ({ op, params }) => {
      if (op === 'grantTemporaryPower') {
        lent = true;
        return { ok: true, result: { left: 2 } };
      }
      if (op !== 'getRoom' || (params as { room: string }).room !== ROOM) return undefined;
      const view = roomOf(layout, tripped);
      const temporary = lent
        ? { by: 'olga', reason: 'guests', sinceMs: NOW_MS, untilMs: NOW_MS + HOUR_MS, debtMicro: yuan(30) }
        : null;
      return { ok: true, result: { ...view, wallets: view.wallets.map((wallet) => ({ ...wallet, temporary })) } };
    };
    const page = await stage.loggedIn(core, `/?room=${ROOM}`);
    await page.getByRole('button', { name: 'Temporary power…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Power returns to').waitFor();
    await dialog.getByLabel('Reason').fill('guests');
    await dialog.getByRole('button', { name: 'Give temporary power' }).click();
    await dialog.getByText('An end, a greatest debt, or both.').waitFor();
    await dialog.getByLabel('Greatest debt').fill('0.40');
    await dialog.getByText('More than what is owed already: ¥0.42').waitFor();
    expect(core.asked('grantTemporaryPower')).toHaveLength(0);
    await dialog.getByLabel('Greatest debt').fill('30');
    await dialog.getByRole('button', { name: 'Give temporary power' }).click();
    await page.getByTestId('temporary').getByText('Owed, and taken off the next recharge: ¥0.42').waitFor();
    expect(core.asked('grantTemporaryPower')[0]?.params).toEqual({
      ...{ wallet: `w-${ROOM}`, reason: 'guests', untilMs: null, debt: '30' },
    });
    expect(await seriousFaults(page)).toEqual([]);
  });

  it('speaks Chinese', async () => {
    const page = await stage.loggedIn(await start(), `/?room=${ROOM}`, { language: 'zh', width: 420 });
    await page.getByRole('button', { name: '临时送电…' }).click();
    await page.getByRole('dialog').getByText('期间用量计入欠费').waitFor();
  });
});

const emergency = (change: Partial<Emergency> = {}): Emergency => ({
  ...{ id: 'E1', what: 'electricity', by: 'olga', reason: 'smoke on 3', atMs: NOW_MS - 60_000, phase: 'cutting' },
  place: { kind: 'building', id: 'b1', name: 'Building A', building: 'b1' },
  ...{ restore: null, endedMs: null },
  counts: { confirmed: 17, operating: 3, unknown: 2, unconfirmed: 1, kept: 1 },
  ...change,
});
const restoring = {
  ...{ by: 'olga', reason: 'safe', atMs: NOW_MS, meters: 10, pauseMs: 30_000, nextMs: NOW_MS + 30_000 },
};
const rules = { temporaryPowerPerMonth: 3, emergencyRestore: { meters: 10, pauseMs: 30_000 } };

/** Answers about one emergency cut, which it starts, cancels and restores. */
async function withEmergency(first: Emergency | null) {
  const core = await start();
  let now = first;
  let seq = 1;
  const become = (next: Emergency): void => {
    now = next;
    seq += 1;
    void core.say({ emergencies: { seq, open: 1 } });
  };
  core.override = ({ op }) => {
    const ok = (result: unknown) => ({ ok: true as const, result });
    if (op === 'previewEmergency') return ok({ opens: 22, open: 1, kept: 1, none: 0, silent: 2 });
    if (op === 'getEmergencies') return ok({ items: now === null ? [] : [now], rules });
    if (op === 'getEmergencyHistory')
      return ok({
        items: [emergency({ id: 'E0', phase: 'over', endedMs: NOW_MS, restore: restoring, counts: { restored: 24 } })],
        cursor: null,
      });
    if (op === 'getEmergency') {
      const item = (n: number, state: ItemState) => ({
        meter: `e-A-010${n}`,
        room: `A-010${n}`,
        roomName: `A-010${n}`,
        state,
      });
      return ok({ emergency: now, items: [item(1, 'confirmed'), item(2, 'unknown'), item(3, 'kept')] });
    }
    if (op === 'startEmergency') become(emergency());
    if (op === 'startEmergency') return ok({ emergency: 'E1', meters: 23 });
    if (op === 'cancelEmergency') become(emergency({ phase: 'cut', counts: { confirmed: 17, cancelled: 6, kept: 1 } }));
    if (op === 'cancelEmergency') return ok({ cancelled: 6 });
    if (op === 'restoreEmergency')
      become(
        emergency({
          phase: 'restoring',
          restore: restoring,
          counts: { restored: 8, restoring: 2, confirmed: 7, cancelled: 6, kept: 1 },
        }),
      );
    return op === 'restoreEmergency' ? ok({ ok: true }) : undefined;
  };
  if (first !== null) await core.say({ emergencies: { seq, open: 1 } });
  return core;
}

describe('an emergency cut', () => {
  it('says its effect, cuts with a reason, shows each result, is cancelled and restored', async () => {
    const core = await withEmergency(null);
    const page = await stage.loggedIn(core, '/emergency');
    await page.getByText('No emergency cut is in force.').waitFor();
    await page.locator('select').first().selectOption({ label: 'Building A' });
    await page.getByRole('button', { name: 'Cut…', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByText(
        'Building A: opens 22 breakers or valves. 2 of them do not answer now. 1 are open already and stay so. 1 with keep power are left out.',
      )
      .waitFor();
    await dialog.getByRole('button', { name: 'Open 22 breakers' }).click();
    expect(core.asked('startEmergency')).toHaveLength(0);
    await dialog.getByLabel('Reason').fill('smoke on 3');
    await dialog.getByRole('button', { name: 'Open 22 breakers' }).click();
    await page.getByRole('alert').getByText('Emergency cut in force: 1').waitFor();
    expect(core.asked('startEmergency')[0]?.params).toEqual({
      building: 'b1',
      what: 'electricity',
      reason: 'smoke on 3',
    });
    const card = page.getByRole('article', { name: 'E1 Building A' });
    await card.getByText('17 of 23 done').first().waitFor();
    await card.getByRole('button', { name: 'Each breaker' }).click();
    await card.getByText('unknown: no answer').last().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await card.getByRole('button', { name: 'Cancel the rest…' }).click();
    await dialog.getByText('Takes back 6').waitFor();
    await dialog.getByLabel('Reason').fill('false alarm');
    await dialog.getByRole('button', { name: 'Cancel the rest', exact: true }).click();
    await card.getByText('23 of 23 done').first().waitFor();
    await card.getByRole('button', { name: 'Restore…' }).click();
    await dialog.getByText('Lets 17 breakers go').waitFor();
    await dialog.getByLabel('Reason').fill('safe');
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
    await card.getByText('10 at a time').waitFor();
    await card.getByRole('button', { name: 'Stop the restore…' }).waitFor();
  });

  it('speaks Chinese, in the dark and on a phone', async () => {
    const page = await stage.loggedIn(await withEmergency(emergency()), '/emergency', {
      language: 'zh',
      theme: 'dark',
      width: 390,
    });
    const card = page.getByRole('article', { name: 'E1 Building A' });
    await card.getByText('已完成 17/23').first().waitFor();
    await card.getByRole('button', { name: '逐个结果' }).click();
    await card.getByText('未知：无应答').last().waitFor();
    expect(await seriousFaults(page, 'dark')).toEqual([]);
  });

  it('starts from the drawer of a room', async () => {
    const page = await stage.loggedIn(await withEmergency(null), '/?room=A-0101');
    await page.getByRole('button', { name: 'Emergency cut…' }).click();
    await page.getByRole('dialog', { name: 'Emergency cut · A-0101' }).getByText('Managers are told at once').waitFor();
  });
});

describe('a work tag and a breaker in hand', () => {
  const tag = {
    ...{ id: 'T1', on: { kind: 'room' as const, id: 'A-0101' }, by: 'olga', holder: 'Li Si', phone: '138 0000 1000' },
    ...{ reason: 'new fuse', sinceMs: NOW_MS },
  };

  it('is hung on the room with holder and phone, shows how to reach them, and is lifted', async () => {
    const core = await start();
    let hung = false;
    core.override = ({ op, params }) => {
      if (op === 'hangTag' || op === 'liftTag') hung = op === 'hangTag';
      if (op === 'hangTag') return { ok: true, result: { tag: 'T1', meters: 2 } };
      if (op === 'liftTag') return { ok: true, result: { ok: true } };
      if (op !== 'getRoom' || (params as { room: string }).room !== 'A-0101') return undefined;
      const view = roomOf(layout, core.tile('A-0101'));
      return {
        ok: true,
        result: { ...view, meters: view.meters.map((meter) => ({ ...meter, tags: hung ? [tag] : [] })) },
      };
    };
    const page = await stage.loggedIn(core, '/?room=A-0101');
    await page.getByRole('button', { name: 'Tag the room…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Opens every breaker and valve of A-0101.').waitFor();
    await dialog.getByLabel('Reason').fill('new fuse');
    await dialog.getByRole('button', { name: 'Work tag', exact: true }).click();
    await dialog.getByText('A number at which they can be reached.').waitFor();
    await dialog.getByLabel('Who works there').fill('Li Si');
    await dialog.getByLabel('Phone').fill('138 0000 1000');
    await dialog.getByRole('button', { name: 'Work tag', exact: true }).click();
    const list = page.getByRole('list', { name: 'Work tags' });
    expect(await list.getByRole('link', { name: '138 0000 1000' }).getAttribute('href')).toBe('tel:13800001000');
    expect(core.asked('hangTag')[0]?.params).toEqual({
      ...{ room: 'A-0101', holder: 'Li Si', phone: '138 0000 1000', reason: 'new fuse' },
    });
    expect(await seriousFaults(page)).toEqual([]);
    await list.getByRole('button', { name: 'Lift the tag…' }).click();
    await dialog.getByText('make sure that Li Si is away').waitFor();
    await dialog.getByLabel('Reason').fill('done');
    await dialog.getByRole('button', { name: 'Lift the tag', exact: true }).click();
    await list.waitFor({ state: 'detached' });
  });

  it('shows who is operating, and lets one person switch at a time', async () => {
    const core = await start();
    core.override = ({ op }) => (op === 'selectMeter' ? { ok: true, result: { by: 'paul', mine: false } } : undefined);
    await core.put([{ ...plainTile('b1', 'A-0101'), operating: 'paul' }]);
    const page = await stage.loggedIn(core, '/?room=A-0101');
    await page.getByText('paul is operating this room', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Trip…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('paul has this breaker in hand.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Trip', exact: true }).isDisabled()).toBe(true);
    core.override = () => undefined;
    await expect.poll(() => dialog.getByRole('button', { name: 'Trip', exact: true }).isEnabled(), patient).toBe(true);
  });

  it('keeps power for the whole room', async () => {
    const core = await start();
    core.override = ({ op }) => (op === 'keepRoomPower' ? { ok: true, result: { meters: 2 } } : undefined);
    const page = await stage.loggedIn(core, '/?room=A-0101', { language: 'zh', theme: 'dark', width: 420 });
    await page.getByRole('button', { name: '整间保电…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 个开关和阀门全部保电').waitFor();
    await dialog.getByLabel('原因').fill('病房');
    await dialog.getByRole('button', { name: '保电', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(core.asked('keepRoomPower')[0]?.params).toEqual({ room: 'A-0101', keep: true, reason: '病房' });
  });
});
