/** Money that was sent and not answered: nothing may make an operator book it twice. */
import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../protocol/ops.ts';
import { stageForTests } from '../tools/stage.ts';
import { PASSWORD, type ScriptedCore } from './scripted-core.ts';
import { makeLayout, makeTiles, plainTile } from './site.ts';

// Requests are cut off on purpose here.
const stage = stageForTests((complaint) => complaint.includes('ERR_FAILED'));

const layout = makeLayout({ buildings: 2, floors: 4, rooms: 6 });
const ROOM = 'A-0302';
const start = () =>
  stage.core(layout, [...makeTiles(layout).filter(({ room }) => room !== ROOM), plainTile('b1', ROOM)]);

function refuse(core: ScriptedCore, refusal: Refusal | null): void {
  core.override = ({ op }) =>
    refusal !== null && (op === 'recharge' || op === 'refund') ? { ok: false, refusal, detail: '' } : undefined;
}

describe('an order without an answer', () => {
  it('outlives its dialog and a reload, blocks a second one, and is sent again under the same key', async () => {
    const core = await start();
    refuse(core, 'coreAway');
    const page = await stage.loggedIn(core, `/?room=${ROOM}`);
    const recharge = page.getByRole('button', { name: 'Recharge', exact: true });
    await recharge.click();
    await page.getByLabel('Amount, yuan').fill('20');
    await page.getByLabel('Note').fill('at the desk');
    await page.getByRole('button', { name: 'Book ¥20.00' }).click();
    await page.getByRole('alert').filter({ hasText: 'It is not known whether this was done' }).waitFor();
    await page.keyboard.press('Escape');
    const notice = page.getByTestId('pending');
    await notice.filter({ hasText: 'Outcome unknown: Recharge ¥20.00' }).waitFor();
    expect(await recharge.count()).toBe(0);

    await page.goto(`${core.url}/alarms`);
    await page.getByText('A-0302: Recharge ¥20.00, outcome unknown').waitFor();
    await page.getByRole('button', { name: 'Check or send again' }).click();
    await notice.getByRole('button', { name: 'Send again with the same number' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Amount, yuan').inputValue()).toBe('20');
    expect(await dialog.getByLabel('Amount, yuan').isDisabled()).toBe(true);
    refuse(core, null);
    await dialog.getByRole('button', { name: 'Send again with the same number' }).click();
    await dialog.getByText('Booked: order R-90001').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await recharge.waitFor();
    expect(await notice.count()).toBe(0);
    const [first, second, ...more] = core.asked('recharge');
    expect(more).toEqual([]);
    expect(first?.idempotencyKey).toBeTruthy();
    expect(second?.idempotencyKey).toBe(first?.idempotencyKey);
    expect(second?.params).toEqual(first?.params);
    await page.reload();
    await recharge.waitFor();
  });

  it('that was under way at a reload is of unknown outcome, and of no concern to another operator', async () => {
    const core = await start();
    core.override = ({ op }) => (op === 'recharge' ? null : undefined);
    const page = await stage.loggedIn(core, `/?room=${ROOM}`);
    await page.getByRole('button', { name: 'Recharge', exact: true }).click();
    await page.getByLabel('Amount, yuan').fill('35.5');
    await page.getByRole('button', { name: 'Book ¥35.50' }).click();
    await expect.poll(() => core.asked('recharge').length, { timeout: 20_000 }).toBe(1);
    await page.reload();
    await page.getByTestId('pending').filter({ hasText: 'Outcome unknown: Recharge ¥35.50' }).waitFor();
    const context = page.context();
    await context.clearCookies();
    await page.reload();
    await page.locator('input[autocomplete=username]').fill('vera');
    await page.locator('input[type=password]').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByTestId('balance').waitFor();
    expect(await page.getByText('outcome unknown').count()).toBe(0);
  });

  it('stays open through refusals that do not look at the number, and ends with one that does', async () => {
    const core = await start();
    const page = await stage.loggedIn(core, `/?room=${ROOM}`);
    await page.getByRole('button', { name: 'Refund', exact: true }).click();
    await page.getByLabel('Amount, yuan').fill('10');
    await page.getByLabel('Reason').fill('moved out');
    await page.route('**/refund', (route) => route.abort());
    await page.getByRole('button', { name: 'Reserve the refund' }).click();
    const again = page.getByRole('dialog').getByRole('button', { name: 'Send again with the same number' });
    await again.waitFor();
    await page.unroute('**/refund');
    refuse(core, 'storeAway');
    await again.click();
    await page.getByRole('alert').filter({ hasText: 'store is away' }).waitFor();
    refuse(core, 'insufficientBalance');
    await again.click();
    await page.getByRole('alert').filter({ hasText: 'The balance does not cover this amount' }).waitFor();
    await page.getByRole('button', { name: 'Reserve the refund' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Recharge', exact: true }).waitFor();
    const keys = new Set(core.asked('refund').map(({ idempotencyKey }) => idempotencyKey));
    expect(keys.size).toBe(1);
  });
});
