import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tile } from './fake-core.ts';
import { FakeCore, Gateway } from './fake-core.ts';
import { Browser, parsedJson } from './http-client.ts';

const core = new FakeCore();
let gateway: Gateway;

beforeAll(async () => {
  await core.addOperators();
  gateway = await core.start();
});
afterAll(() => core.end());

/** Text of a scrape as a table from series to value. */
async function figures(on: Gateway): Promise<Map<string, number>> {
  const text = await (await new Browser(on).send('GET', '/metrics')).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('the gateway process', () => {
  it('beats once a second and tells how many walls are open', async () => {
    const beat = await gateway.until((message) => message.type === 'heartbeat');
    expect(beat).toEqual({ type: 'heartbeat', wallClients: 0 });
  });

  it('does not share its port: a second one on it ends with one line', async () => {
    const second = new Gateway({ PORT: String(gateway.port) });
    expect(await second.exited).toBe(1);
    expect(second.stderr.join('')).toMatch(/^wattroom gateway: cannot listen on 127\.0\.0\.1:\d+; is it taken\?\n$/);
  });

  it('ends when the core is gone, and its port is free again', async () => {
    const orphan = await core.start();
    orphan.child.disconnect();
    expect(await orphan.exited).toBe(0);
    const heir = new Gateway({ PORT: String(orphan.port) });
    core.gateways.push(heir);
    expect(await heir.until(({ type }) => type === 'ready')).toEqual({ type: 'ready', port: orphan.port });
  });

  it('leaves Ctrl-C to the core', async () => {
    const other = await core.start();
    other.child.kill('SIGINT');
    other.messages.length = 0;
    await other.until(({ type }) => type === 'heartbeat');
    expect(other.child.exitCode).toBeNull();
  });

  it('refuses a reachable host without TLS, and to run without a core, with one line', async () => {
    const open = new Gateway({ HOST: '0.0.0.0' });
    expect(await open.exited).toBe(1);
    expect(open.stderr.join('')).toMatch(/^wattroom gateway: HOST=0\.0\.0\.0 [^\n]*PUBLIC_URL[^\n]*\n$/);
    const main = fileURLToPath(new URL('../../server/gateway/main.ts', import.meta.url));
    const alone = spawn(process.execPath, [main], { stdio: ['ignore', 'ignore', 'pipe'] });
    const said: string[] = [];
    alone.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    expect(await once(alone, 'close')).toEqual([1, null]);
    expect(said.join('')).toContain('is started by the core');
  });

  it('breaks rather than go on when the core says what it does not understand', async () => {
    const confused = await core.start();
    confused.child.send({ type: 'nonsense' });
    expect(await confused.exited).toBe(1);
  });
});

describe('health', () => {
  it('is 200 with the silent lines and meters in the body, 503 when the core says it is not well', async () => {
    const browser = new Browser(gateway);
    const well = await browser.send('GET', '/healthz');
    expect(well.status).toBe(200);
    expect(await parsedJson(well)).toEqual({ core: true, ...core.health });
    core.health = { ...core.health, healthy: false, parked: ['wallet w-1'] };
    const ill = await browser.send('GET', '/healthz');
    expect([ill.status, (await parsedJson(ill))['parked']]).toEqual([503, ['wallet w-1']]);
    core.health = { ...core.health, healthy: true, parked: [] };
  });

  it('is 503 when the core does not answer', async () => {
    core.silent = true;
    const response = await new Browser(gateway).send('GET', '/healthz');
    core.silent = false;
    expect(response.status).toBe(503);
    expect(await parsedJson(response)).toEqual({ healthy: false, core: false });
  });

  it('and figures need the token once a proxy is between', async () => {
    const token = 'a-long-monitoring-token';
    const browser = new Browser(await core.start({ METRICS_TOKEN: token }));
    const through = { 'x-forwarded-for': '203.0.113.9' };
    for (const path of ['/healthz', '/metrics']) {
      expect((await browser.send('GET', path, undefined, through)).status).toBe(401);
      const authorised = { ...through, authorization: `Bearer ${token}` };
      expect((await browser.send('GET', path, undefined, authorised)).status).toBe(200);
      expect((await browser.send('GET', path)).status).toBe(200);
    }
  });
});

describe('figures', () => {
  it('are those of the core and our own, each name once', async () => {
    const browser = new Browser(gateway);
    await browser.send('GET', '/api/layout');
    const seen = await figures(gateway);
    expect(seen.get('wattroom_pulses_total{outcome="charged"}')).toBe(3);
    expect(seen.get('wattroom_wall_clients')).toBe(0);
    expect(seen.get('wattroom_gateway_core_up')).toBe(1);
    expect(seen.get('wattroom_http_requests_total{method="GET",route="/api/layout",status="401"}')).toBe(1);
  });

  it('count the time from a pulse’s arrival to the frame that shows it', async () => {
    const arrivedMs = Number(process.hrtime.bigint()) / 1e6 - 300;
    await core.batch(gateway, [tile('b1', 'b1-r1', 'pulse')], false, [arrivedMs, arrivedMs]);
    // Counted with the frame that shows them.
    await expect.poll(async () => (await figures(gateway)).get('wattroom_pulse_to_wall_seconds_count')).toBe(2);
    const seen = await figures(gateway);
    expect(seen.get('wattroom_pulse_to_wall_seconds_bucket{le="0.25"}')).toBe(0);
    expect(seen.get('wattroom_pulse_to_wall_seconds_sum') ?? 0).toBeGreaterThan(0.6);
  });
});
