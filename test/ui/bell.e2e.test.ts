/** What makes an operator look up: the sound of priority 1 and notifications of a hidden tab, with both recorded. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { stageForTests } from '../tools/stage.ts';
import { patient } from './browser.ts';
import { alarmOf } from './samples.ts';
import { makeLayout, makeTiles } from './site.ts';

const stage = stageForTests();

const layout = makeLayout({ buildings: 1, floors: 2, rooms: 4 });
const start = () => stage.core(layout, makeTiles(layout));
const leak = (id: string, seq: number) => ({
  ...alarmOf(seq, { kind: 'flowThroughOpen', priority: 1 }),
  id,
  room: 'A-0101',
});

type Heard = { tones: number; shown: string[]; hidden: boolean };
declare const heard: Heard;
declare const document: object;

/** Before the page's own code: what would be heard and shown is written down. */
function recorder(): void {
  const record: Heard = { tones: 0, shown: [], hidden: false };
  const param = { value: 0, setValueAtTime: () => undefined, exponentialRampToValueAtTime: () => undefined };
  class FakeContext {
    state = 'suspended';
    currentTime = 0;
    destination = {};
    resume(): Promise<void> {
      this.state = 'running';
      return Promise.resolve();
    }
    createGain() {
      return { gain: param, connect: (next: unknown) => next };
    }
    createOscillator() {
      const start = (): void => {
        record.tones += 1;
      };
      return { frequency: param, connect: (next: unknown) => next, start, stop: () => undefined };
    }
  }
  class FakeNotification {
    static permission = 'default';
    static requestPermission(): Promise<string> {
      FakeNotification.permission = 'granted';
      return Promise.resolve('granted');
    }
    constructor(text: string) {
      record.shown.push(text);
    }
  }
  Object.assign(globalThis, { heard: record, AudioContext: FakeContext, Notification: FakeNotification });
  Object.defineProperty(document, 'visibilityState', { get: () => (record.hidden ? 'hidden' : 'visible') });
}

async function listening(): Promise<{ core: Awaited<ReturnType<typeof start>>; page: Page }> {
  const core = await start();
  const page = await stage.loggedIn(core, '/alarms');
  await page.addInitScript(recorder);
  await page.reload();
  await page.getByTestId('age').waitFor();
  return { core, page };
}
const tones = (page: Page): Promise<number> => page.evaluate(() => heard.tones);

describe('the sound', () => {
  it('comes at once with priority 1 and no other, and silencing it acknowledges nothing', async () => {
    const { core, page } = await listening();
    await core.raise({ ...alarmOf(1, { kind: 'meterSilent', priority: 2 }), id: 'two' });
    await page.getByText('Meter is silent', { exact: true }).waitFor();
    expect(await tones(page)).toBe(0);
    await core.raise(leak('first', 2));
    await expect.poll(() => tones(page), patient).toBeGreaterThan(0);
    const silence = page.getByRole('button', { name: 'Silence' });
    await silence.click();
    await expect.poll(() => silence.count(), patient).toBe(0);
    expect(core.asked('acknowledgeAlarms')).toEqual([]);
    const before = await tones(page);
    await core.raise(leak('second', 3));
    await silence.waitFor();
    await expect.poll(() => tones(page), patient).toBeGreaterThan(before);
  });

  it('stays off where its box is cleared, after a reload too', async () => {
    const { core, page } = await listening();
    await page.getByLabel('Sound for priority 1').uncheck();
    await page.reload();
    await page.getByTestId('age').waitFor();
    await core.raise(leak('first', 1));
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Silence' }).count()).toBe(0);
    expect(await tones(page)).toBe(0);
  });
});

describe('a notification', () => {
  it('is shown for priorities 1 and 2 while the tab is hidden, and not while it is in sight', async () => {
    const { core, page } = await listening();
    await page.getByLabel('Notify me when this tab is hidden').check();
    await core.raise(leak('seen', 1));
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).waitFor();
    await page.evaluate(() => {
      heard.hidden = true;
    });
    await core.raise({ ...alarmOf(2, { kind: 'clockDrift', priority: 3 }), id: 'three' });
    await core.raise({ ...leak('unseen', 3), room: 'A-0102' });
    await expect.poll(() => page.evaluate(() => heard.shown), patient).toHaveLength(1);
    expect((await page.evaluate(() => heard.shown))[0]).toContain('A-0102');
  });
});
