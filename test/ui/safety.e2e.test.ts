/** Safe switching on the screen, in both languages. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seriousFaults, Stage } from './browser.ts';
import { roomOf } from './samples.ts';
import { makeLayout, makeTiles, money, NOW_MS, part, plainTile, yuan } from './site.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterEach(async () => {
  await stage.endPages();
  expect(stage.complaints.splice(0)).toEqual([]);
});
afterAll(() => stage.close());

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
