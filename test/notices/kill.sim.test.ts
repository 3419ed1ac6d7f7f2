/** Real processes: the core and the gateway are killed while notices are under way, and the provider loses answers. Every notice arrives. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startReceivers, type Receivers } from '../../simulators/receivers/start.ts';
import { seededRandom } from '../../simulators/random.ts';
import { Api } from '../system/api.ts';
import { CoreProcess } from '../system/core.ts';
import { logins, siteInput, walletOf } from '../system/site.ts';
import { until } from '../system/until.ts';

const ROUNDS = 6;
const EACH = 5;
/** Ten times as fast, so that the pauses after failures are seconds. */
const SPEED = '10';

let core: CoreProcess | null = null;
let receivers: Receivers | null = null;
const folder = mkdtempSync(join(tmpdir(), 'wattroom-notices-'));
afterEach(async () => {
  if (core && !core.gone) await core.kill9();
  await receivers?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('no kill of core or gateway and no lost answer loses a notice or gives it a second id', async () => {
  const printed: string[] = [];
  const provider = await startReceivers({ print: (line) => printed.push(line) });
  receivers = provider;
  const site = siteInput(new Map());
  const accounts = site.accounts.map((account) => ({ ...account, phone: '13800001234' }));
  const file = join(folder, 'site.json');
  writeFileSync(file, JSON.stringify({ ...site, accounts }));
  const env = { ...provider.env, DATA_DIR: join(folder, 'data'), SITE_SPEED: SPEED };
  const random = seededRandom(5);
  const api = new Api('');
  const open = async (args: string[]): Promise<CoreProcess> => {
    const started = new CoreProcess(env, args);
    core = started;
    api.base = await started.open();
    await api.login(logins[0]!);
    return started;
  };
  let running = await open(['--init', '--site', file]);
  const { settings } = await api.call('getNoticeSettings', {});
  const channels = { ...settings.rules.channels, rechargeArrived: ['sms' as const] };
  const quiet = { ...settings.rules.quiet, hours: [] };
  await api.call('setNoticeRules', { rules: { ...settings.rules, channels, quiet, perMinuteMax: 6_000 } });
  for (let round = 0; round < ROUNDS; round++) {
    provider.http.silent = random() < 0.5;
    for (let n = 0; n < EACH; n++)
      await api.call('recharge', { wallet: walletOf('101'), amount: '1', channel: 'cash', note: `${round}.${n}` });
    const seen = provider.inbox.all.length;
    if (random() < 0.5) await until('a notice on its way', () => provider.inbox.all.length > seen || random() < 0.1);
    if (round % 2 === 0) {
      await running.kill9();
      running = await open([]);
    } else {
      const gateways = running.gateways.length;
      process.kill(running.gateways.at(-1)!, 'SIGKILL');
      api.base = await running.open(gateways + 1);
      await api.login(logins[0]!);
    }
  }
  provider.http.silent = false;
  const log = await until(
    'every notice sent',
    async () => {
      const { items } = await api.call('getNotices', { kind: 'rechargeArrived', limit: 200 });
      return items.length > 0 && items.every(({ state }) => state === 'sent') && items;
    },
    120_000,
  );
  expect(log).toHaveLength(ROUNDS * EACH);
  const arrived = new Map(provider.inbox.all.map(({ id, text }) => [id, text]));
  expect([...arrived.keys()].sort()).toEqual(log.map(({ id }) => id).sort());
  for (const { id, text } of log) expect(arrived.get(id)).toBe(text);
  // Answers were lost: some came more than once, and the id told so.
  expect(provider.inbox.all.some(({ times }) => times > 1)).toBe(true);
  const secret = provider.env.NOTICE_HTTP_SECRET ?? '';
  expect(JSON.stringify(running.said) + running.errors + running.plain.join('\n')).not.toContain(secret);
  expect(running.errors).not.toContain('13800001234');
});
