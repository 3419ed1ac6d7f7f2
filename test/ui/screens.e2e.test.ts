import { describe, expect, it } from 'vitest';
import { stageForTests } from '../tools/stage.ts';
import { patient, seriousFaults } from './browser.ts';
import { alarmOf, roomOf, someAlarms } from './samples.ts';
import { makeLayout, makeTiles, money, NOW_MS, part, plainTile } from './site.ts';

const stage = stageForTests();

const layout = makeLayout({ buildings: 2, floors: 4, rooms: 6 });
const ROOM = 'A-0302';
const tripped = {
  ...plainTile('b1', ROOM),
  electricity: part(`e-${ROOM}`, { wanted: 'open', actual: 'open', cause: 'moneyExhausted', rate: 0 }),
  money: money(ROOM, -0.42, 0),
};
const start = () =>
  stage.core(layout, [...makeTiles(layout).filter(({ room }) => room !== ROOM), tripped], someAlarms());

describe('the recharge form', () => {
  it('says what is wrong beside the field, how much is missing, and what the balance becomes', async () => {
    const page = await stage.loggedIn(await start(), `/?room=${ROOM}`);
    await page.getByTestId('balance').filter({ hasText: '−¥0.42' }).waitFor();
    await page.getByRole('button', { name: 'Recharge', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Missing for power to return: ¥0.43').waitFor();
    const amount = dialog.getByLabel('Amount, yuan');
    for (const wrong of ['1.005', 'abc', '0', '-3']) {
      await amount.fill(wrong);
      await dialog.getByText('Yuan with at most two decimals').waitFor();
      expect(await amount.getAttribute('aria-invalid')).toBe('true');
    }
    await amount.fill('0.42');
    await dialog.getByText('Power stays off: ¥0.01 more is needed.').waitFor();
    await dialog.getByRole('button', { name: '¥50', exact: true }).click();
    await dialog.getByText('Balance afterwards: ¥49.58. Power returns by itself').waitFor();
  });

  it('books once however often the button is pressed, and the room closes', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, `/?room=${ROOM}`);
    await page.getByTestId('breaker').filter({ hasText: 'Open, as wanted' }).waitFor();
    await page.getByRole('button', { name: 'Recharge', exact: true }).click();
    await page.getByLabel('Amount, yuan').fill('20');
    await page.getByRole('button', { name: 'Book ¥20.00' }).dblclick();
    await page.getByText('Booked: order R-90001, balance ¥19.58.').waitFor();
    expect(core.asked('recharge')).toHaveLength(1);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByTestId('balance').filter({ hasText: '¥19.58' }).waitFor();
    await page.getByTestId('breaker').filter({ hasText: 'Closed, as wanted' }).waitFor();
  });

  it('sends the same again under the same key when no answer came', async () => {
    const core = await start();
    let lost = true;
    core.override = ({ op }) => {
      if (op !== 'recharge' || !lost) return undefined;
      lost = false;
      return { ok: false, refusal: 'coreAway', detail: 'gone' };
    };
    const page = await stage.loggedIn(core, `/?room=${ROOM}`);
    await page.getByRole('button', { name: 'Recharge', exact: true }).click();
    await page.getByLabel('Amount, yuan').fill('20');
    await page.getByRole('button', { name: 'Book ¥20.00' }).click();
    await page.getByText('It is not known whether this was done').waitFor();
    expect(await page.getByLabel('Amount, yuan').isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Send again with the same number', exact: true }).click();
    await page.getByText('Booked: order R-90001').waitFor();
    const [first, second] = core.asked('recharge');
    expect(first?.idempotencyKey).toBeTruthy();
    expect(second?.idempotencyKey).toBe(first?.idempotencyKey);
    expect(second?.params).toEqual(first?.params);
  });

  it('shows a refusal in words', async () => {
    const core = await start();
    core.override = ({ op }) => (op === 'recharge' ? { ok: false, refusal: 'storeAway', detail: '' } : undefined);
    const page = await stage.loggedIn(core, `/?room=${ROOM}`);
    await page.getByRole('button', { name: 'Recharge', exact: true }).click();
    await page.getByLabel('Amount, yuan').fill('20');
    await page.getByRole('button', { name: 'Book ¥20.00' }).click();
    await page.getByText('The store is away and money is on hold. Nothing was booked').waitFor();
  });
});

describe('the drawer', () => {
  it('switches in three steps: effect and reason, stored, confirmed by reading back', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, '/?room=A-0101');
    await core.put([plainTile('b1', 'A-0101')]);
    await page.getByTestId('breaker').filter({ hasText: 'Closed, as wanted' }).waitFor();
    await page.getByRole('button', { name: 'Trip…' }).click();
    await page.getByText('Opens the breaker of A-0101').waitFor();
    await page.getByRole('button', { name: 'Trip', exact: true }).click();
    await page.getByText('Say why').waitFor();
    expect(core.asked('switchMeter')).toHaveLength(0);
    await page.getByLabel('Reason').fill('inspection');
    await page.getByRole('button', { name: 'Trip', exact: true }).click();
    await page.getByText('Writing and reading back…').waitFor();
    expect(core.asked('switchMeter')[0]?.params).toMatchObject({
      meter: 'e-A-0101',
      action: 'forceTrip',
      reason: 'inspection',
    });
    await page.getByTestId('breaker').filter({ hasText: 'Wanted open, read back closed' }).waitFor();
    await core.confirm('A-0101');
    await page.getByText('Confirmed by reading back: open').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByTestId('breaker').filter({ hasText: 'Open, as wanted' }).waitFor();
  });

  it('gives a cause an end in site time, refuses one in the past, and shows both cause and hold with their ends', async () => {
    const core = await start();
    await core.put([plainTile('b1', 'A-0101')]);
    const page = await stage.loggedIn(core, '/?room=A-0101');
    await page.getByRole('button', { name: 'Keep power…' }).click();
    await page.getByLabel('Reason').fill('freezers');
    const end = page.getByLabel('Ends at (optional)');
    const submit = page.locator('dialog button.primary');
    for (const [typed, said] of [
      ['2025-07-15 14:00', 'This lies in the past.'],
      ['15/07/2025', 'Not a date or time.'],
    ] as const) {
      await end.fill(typed);
      await submit.click();
      await page.getByText(said).waitFor();
      expect(await end.getAttribute('aria-invalid')).toBe('true');
    }
    expect(core.asked('switchMeter')).toHaveLength(0);
    await end.fill('2025/7/16 8:00');
    await submit.click();
    await page.getByText('Wanted state stored: closed').waitFor();
    const untilMs = Date.parse('2025-07-16T08:00:00+08:00');
    expect(core.asked('switchMeter')[0]?.params).toMatchObject({ action: 'keepPower', untilMs });
    const room = roomOf(layout, core.tile('A-0101'));
    const entry = { by: 'olga', reason: 'freezers', sinceMs: NOW_MS, untilMs };
    const meters = room.meters.map((meter) => ({ ...meter, causes: { keepPower: entry }, operatorHold: entry }));
    core.override = ({ op }) => (op === 'getRoom' ? { ok: true, result: { ...room, meters } } : undefined);
    await page.keyboard.press('Escape');
    const causes = page.getByRole('list', { name: 'All causes' }).getByRole('listitem');
    await causes
      .filter({ hasText: 'Cuts for money are held: freezers' })
      .filter({ hasText: 'until 16 Jul 2025, 08:00' })
      .waitFor();
    expect(await causes.count()).toBe(2);
    await page.getByLabel('More').selectOption('liftHold');
    await page.getByText('Lets A-0101 be cut for money again.').waitFor();
  });

  it('explains a charge down to the register, the tariff version and the ledger', async () => {
    const page = await stage.loggedIn(await start(), '/?room=A-0101');
    await page
      .getByRole('button', { name: /^Explain the charge of/ })
      .first()
      .click();
    for (const part of [
      '10,482.200 kWh → 10,482.370 kWh',
      'version 2025-01',
      '¥1.0062',
      'Wallet w-A-0101 → Revenue: Electricity · energy',
    ]) {
      await page.getByText(part).first().waitFor();
    }
  });

  it('takes an order back with a reason, and offers it for no order twice', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, '/?room=A-0101');
    await page.getByRole('button', { name: 'Orders' }).click();
    await page.getByText('taken back by V-88103').waitFor();
    expect(await page.getByRole('button', { name: 'Take back…' }).count()).toBe(1);
    await page.getByRole('button', { name: 'Take back…' }).click();
    await page.getByLabel('Reason').fill('wrong room');
    await page.getByRole('button', { name: 'Take back', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(core.asked('reverse')[0]?.params).toMatchObject({ order: 'R-88213', note: 'wrong room' });
  });

  it('lets a person release a reading that is held', async () => {
    const core = await start();
    const held = { ...plainTile('b1', 'A-0101'), electricity: part('e-A-0101', { quarantined: true }) };
    await core.put([held]);
    const page = await stage.loggedIn(core, '/?room=A-0101');
    await page.getByText('last good 10,482.37 kWh: it went backwards').waitFor();
    await page.getByRole('button', { name: 'Release…', exact: true }).click();
    await page.getByLabel('Reason').fill('meter swapped');
    await page.getByRole('button', { name: 'Do it' }).click();
    await expect
      .poll(() => core.asked('resolveQuarantine')[0]?.params, patient)
      .toMatchObject({ action: 'release', reason: 'meter swapped' });
  });

  it('shows what is unknown as unknown, never as an old number', async () => {
    const core = await start();
    const lost = part('e-A-0101', { actual: 'unknown', link: 'never', lastReadingMs: null, rate: null });
    await core.put([{ ...plainTile('b1', 'A-0101'), electricity: lost }]);
    const page = await stage.loggedIn(core, '/?room=A-0101');
    await page.getByTestId('breaker').filter({ hasText: 'State not known' }).waitFor();
    const voltage = page.getByText('Voltage').locator('..');
    expect(await voltage.textContent()).toContain('—');
  });

  it('gives a viewer everything to read and nothing to press', async () => {
    const page = await stage.loggedIn(await start(), `/?room=${ROOM}`, {}, 'vera');
    await page.getByTestId('balance').waitFor();
    await page.getByTestId('breaker').waitFor();
    for (const name of ['Recharge', 'Refund', 'Trip…', 'Read now', 'Acknowledge']) {
      expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(0);
    }
  });
});

describe('alarms', () => {
  it('are pushed, acknowledged by selection, and shelved with a reason', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, '/alarms');
    const silent = page.getByRole('article', { name: 'Meter is silent, A-0203' });
    await page.getByRole('article', { name: 'Line is dead, Shaft C-2' }).waitFor();
    await core.raise(alarmOf(9, { kind: 'meterSilent', priority: 2, room: 'A-0203', meter: 'e-A-0203' }));
    await silent.waitFor();
    await silent.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Acknowledge selected (1)' }).click();
    await silent.getByText('acknowledged by olga').waitFor();
    await silent.getByRole('button', { name: 'Shelve…' }).click();
    await page.getByLabel('Reason').fill('new meter on its way');
    await page.getByRole('button', { name: 'Shelve', exact: true }).click();
    await silent.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Shelved 2' }).click();
    await silent.getByText('new meter on its way').waitFor();
    await silent.getByRole('button', { name: 'Take off the shelf' }).click();
    await page.getByRole('button', { name: 'Shelved 1' }).waitFor();
    expect(core.asked('shelveAlarm')[0]?.params).toMatchObject({ minutes: 120 });
  });

  it('collapse in a flood, with priority 1 apart and the first one named', async () => {
    const core = await start();
    for (let n = 1; n <= 12; n++) {
      const sinceMs = NOW_MS - n * 1000;
      await core.raise(
        alarmOf(n, {
          kind: 'meterSilent',
          priority: 2,
          room: `B-0${(n % 4) + 1}0${(n % 6) + 1}`,
          meter: `m${n}`,
          sinceMs,
        }),
      );
    }
    await core.say({ flood: true });
    const page = await stage.loggedIn(core, '/alarms');
    await page.getByText('Alarm flood').waitFor();
    await page.getByText('12 alarms').waitFor();
    await page.getByRole('article', { name: /Flow through an open breaker/ }).waitFor();
    expect(await page.getByRole('article', { name: /Meter is silent/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Acknowledge all (12)' }).click();
    await expect
      .poll(() => core.asked('acknowledgeAlarms')[0]?.params, patient)
      .toMatchObject({ ids: expect.arrayContaining(['meterSilent:m12']) });
  });

  it('of the past are searched and exported', async () => {
    const core = await start();
    core.history.push(...someAlarms());
    const page = await stage.loggedIn(core, '/alarms');
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByLabel('Search').fill('shaft');
    await expect.poll(() => core.asked('getAlarmHistory').at(-1)?.params, patient).toMatchObject({ text: 'shaft' });
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    expect((await download).suggestedFilename()).toBe('alarms.csv');
    const sheet = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export Excel' }).click();
    expect((await sheet).suggestedFilename()).toBe('alarms.xlsx');
  });
});

describe('each screen', () => {
  const screens = ['/', '/home', '/alarms', '/low-money', '/lines', '/system', `/?room=${ROOM}`];
  for (const theme of ['light', 'dark'] as const) {
    it(`has no serious fault for axe, ${theme}`, async () => {
      const core = await start();
      const faults: string[] = [];
      const door = await stage.page(core, '/', { theme });
      await door.getByRole('button', { name: 'Log in' }).click();
      faults.push(...(await seriousFaults(door, theme)));
      const page = await stage.loggedIn(core, '/', { theme });
      for (const path of screens) {
        await page.goto(`${core.url}${path}`);
        await page.getByTestId('age').waitFor();
        await expect.poll(() => page.getByText('Loading').count(), patient).toBe(0);
        faults.push(...(await seriousFaults(page, theme)).map((fault) => `${path} ${fault}`));
      }
      await page.getByRole('button', { name: 'Recharge', exact: true }).click();
      faults.push(...(await seriousFaults(page, theme)).map((fault) => `recharge ${fault}`));
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'List' }).click();
      faults.push(...(await seriousFaults(page, theme)).map((fault) => `list ${fault}`));
      expect(faults).toEqual([]);
    });
  }

  for (const language of ['zh', 'en'] as const) {
    it(`fits a screen 390 wide, ${language}`, async () => {
      const core = await start();
      const page = await stage.loggedIn(core, '/', { width: 390, height: 844, language });
      for (const path of screens) {
        await page.goto(`${core.url}${path}`);
        await page.getByTestId('age').waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(390);
      }
    });
  }

  it('is reached by the navigation and by the back button', async () => {
    const page = await stage.loggedIn(await start());
    await page.getByRole('link', { name: 'Low money' }).click();
    await page.getByRole('heading', { name: 'Low money' }).waitFor();
    await page.getByRole('cell', { name: '−¥0.42' }).first().waitFor();
    await page.getByRole('link', { name: 'Lines' }).click();
    await page.getByRole('button', { name: 'Show meters of Shaft A-1' }).click();
    await page.getByRole('cell', { name: 'e-A-0105', exact: true }).waitFor();
    await page.getByRole('link', { name: 'System' }).click();
    await page.getByText('Sum of all accounts').waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Lines' }).waitFor();
  });

  it('ends with the session', async () => {
    const page = await stage.loggedIn(await start());
    await page.getByLabel('Menu of Olga').click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  });
});
