/** Why an amount: what made it, what it led to, and a link that opens this one explanation and nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Explanation, ExplanationLink } from '../../protocol/explanations.ts';
import type { OpOutcome, OpResult } from '../../protocol/ops.ts';
import { sharedSchema } from '../../protocol/explanations.ts';
import { answerInternal } from '../../server/core/internal.ts';
import { MemoryDisk } from '../tools/memoryStore.ts';
import { plainSite, startCore, type Running } from '../tools/siteInMemory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function result<T>(outcome: OpOutcome): T {
  if (!outcome.ok) throw new Error(`${outcome.refusal}: ${outcome.detail}`);
  return outcome.result as T;
}
const ask = async (site: Running, params: object): Promise<Explanation> =>
  result(await site.do('getExplanation', params, '', 'viewer'));
const linksOf = async (site: Running, wallet = 'w1'): Promise<ExplanationLink[]> =>
  result<OpResult<'getExplanationLinks'>>(await site.do('getExplanationLinks', { wallet }, '')).items;
/** What the holder of a link gets. */
async function open(site: Running, token: string): Promise<unknown> {
  const answer = answerInternal(site.core, { ask: 'sharedExplanation', token });
  await site.settle();
  return answer;
}

let keys = 0;
const key = (): string => `k${(keys += 1)}`;

/** Meters start at 1 000 Wh; a quarter of an hour later 500 Wh have been used at 1 yuan. */
async function used(wh = 500, balance = '100', rules = {}) {
  const disk = new MemoryDisk();
  const plain = plainSite(2, balance, { warnBeforeCutMs: 10 * MINUTE, thresholdHysteresis: '0.01', ...rules });
  const accounts = plain.accounts.map((account) => ({
    ...account,
    wallets: account.wallets.map((wallet) => ({ ...wallet, thresholds: ['0.50', '0.20', '0'] })),
  }));
  const meters = plain.meters.map((meter, n) => ({ ...meter, number: `20260000000${n + 1}` }));
  const site = await startCore(disk, { ...plain, accounts, meters });
  await site.read('m1', 1_000);
  await site.read('m2', 9_000);
  await site.pass(10 * MINUTE);
  await site.read('m1', 1_000 + wh);
  return { site, disk };
}
const give = async (site: Running, params: object = {}): Promise<string> => {
  const { link } = result<OpResult<'giveExplanationLink'>>(
    await site.do('giveExplanationLink', { wallet: 'w1', kind: 'balance', ...params }, key(), 'cashier'),
  );
  const token = (await linksOf(site)).find(({ id }) => id === link)?.token;
  if (token == null) throw new Error('a new link opens');
  return token;
};

describe('the explanation of a charge', () => {
  it('has registers, multiplier, time, prices, transfers and the balance before and after', async () => {
    const { site } = await used();
    const { movement, holder, rooms, decisions } = await ask(site, { wallet: 'w1', kind: 'balance' });
    expect([holder, rooms, decisions]).toEqual(['Tenant 1', ['Room 1'], []]);
    expect(movement).toMatchObject({
      ...{ kind: 'charge', meterNumber: '202600000001', tariffName: 'electricity' },
      ...{ beforeMicro: 100_000_000, betweenMicro: 0 },
      charge: {
        ...{ fromIndex: 1_000, toIndex: 1_500, multiplier: 1, amountMicro: 500_000, balanceAfterMicro: 99_500_000 },
        ...{ tariff: 't-electricity', lines: [{ component: 'energy', priceMicro: 1_000_000, quantity: 500 }] },
        transfers: [{ from: 'wallet:w1', to: 'revenue:electricity:energy', amountMicro: 500_000 }],
      },
    });
  });

  it('names what else moved while the quarter of an hour was open', async () => {
    const { site } = await used();
    result(await site.do('recharge', { wallet: 'w1', amount: '20', channel: 'cash' }, key()));
    await site.pass(MINUTE);
    await site.read('m1', 1_700);
    const { movement } = await ask(site, { wallet: 'w1', kind: 'balance' });
    expect(movement).toMatchObject({ beforeMicro: 100_000_000, betweenMicro: 20_000_000 });
    expect(movement).toMatchObject({ charge: { amountMicro: 700_000, balanceAfterMicro: 119_300_000 } });
  });

  it('before + what came between − the charge is always the balance afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ use: fc.integer({ min: 0, max: 400 }), pay: fc.integer({ min: 0, max: 30 }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        async (steps) => {
          const { site } = await used();
          let index = 1_500;
          for (const { use, pay } of steps) {
            await site.pass(3 * MINUTE);
            if (pay > 0)
              result(await site.do('recharge', { wallet: 'w1', amount: String(pay), channel: 'card' }, key()));
            await site.read('m1', (index += use));
          }
          const charges = result<OpResult<'getCharges'>>(await site.do('getCharges', { wallet: 'w1' }, '')).items;
          for (const { id } of charges) {
            const { movement } = await ask(site, { wallet: 'w1', kind: 'charge', subject: id });
            if (movement?.kind !== 'charge' || movement.beforeMicro === null)
              throw new Error('a charge with its start');
            const { amountMicro, balanceAfterMicro } = movement.charge;
            expect(movement.beforeMicro + movement.betweenMicro - amountMicro).toBe(balanceAfterMicro);
          }
          // Two of the same wallet follow each other: what the older left is what the newer found, but for orders between.
          const total = steps.reduce((sum, { pay }) => sum + pay * 1_000_000, 0);
          expect(site.core.wallets.get('w1')?.state.balanceMicro).toBe(100_000_000 + total - (index - 1_000) * 1_000);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('the explanation of an order', () => {
  it('says what it did, the debt it paid, its transfer and what it led to', async () => {
    const { site } = await used(700, '0.60');
    await site.pass(15 * MINUTE);
    await site.read('m1', 1_700, { switchState: 'closed' });
    await site.pass(30 * MINUTE);
    await site.read('m1', 1_700, { switchState: 'open' });
    const order = result<{ id: string }>(
      await site.do('recharge', { wallet: 'w1', amount: '10', channel: 'cash' }, key()),
    ).id;
    const { movement, decisions } = await ask(site, { wallet: 'w1', kind: 'order', subject: order });
    expect(movement).toMatchObject({
      ...{ kind: 'order', order: 'recharge', effectMicro: 10_000_000, debtMicro: 100_000 },
      ...{ beforeMicro: -100_000, afterMicro: 9_900_000 },
      transfers: [{ from: 'cash:cash', to: 'wallet:w1', amountMicro: 10_000_000 }],
    });
    expect(decisions.map(({ kind }) => kind)).toEqual(['restored', 'closeWanted']);
    const [newest] = result<OpResult<'getCharges'>>(await site.do('getCharges', { wallet: 'w1' }, '')).items;
    const charged = await ask(site, { wallet: 'w1', kind: 'charge', subject: newest?.id });
    expect(charged.decisions.map(({ kind, meter }) => [kind, meter])).toEqual([
      ['warned', null],
      ['exhausted', null],
      ['cutWanted', '202600000001'],
    ]);
    expect(charged.decisions[0]).toMatchObject({ thresholdMicro: 0, balanceMicro: -100_000 });
  });

  it('of before the transfers were kept still says what it did', async () => {
    const { site, disk } = await used();
    const old = {
      ...{ id: 'F-old', kind: 'refund', wallet: 'w1', account: 'a1', room: 'r1', amountMicro: 5, channel: 'cash' },
      ...{ balanceAfterMicro: 1, atMs: 5, by: 'x', note: '', reverses: null, reversedBy: null },
    };
    const kept = disk.records.get('order') ?? new Map();
    disk.records.set('order', kept);
    kept.set('F-old', { value: old, index: { all: 5, 'wallet:w1': 5 } });
    const { movement } = await ask(site, { wallet: 'w1', kind: 'order', subject: 'F-old' });
    expect(movement).toMatchObject({ effectMicro: -5, beforeMicro: 6, afterMicro: 1, transfers: [] });
  });
});

it('nothing of another wallet is explained, and nothing that does not exist', async () => {
  const { site } = await used();
  const [charge] = result<OpResult<'getCharges'>>(await site.do('getCharges', { wallet: 'w1' }, '')).items;
  const order = result<{ id: string }>(
    await site.do('recharge', { wallet: 'w1', amount: '1', channel: 'cash' }, key()),
  ).id;
  for (const params of [
    { wallet: 'w2', kind: 'charge', subject: charge?.id },
    { wallet: 'w2', kind: 'order', subject: order },
    { wallet: 'w1', kind: 'charge', subject: 'm9:1' },
    { wallet: 'w1', kind: 'notice', subject: 'none' },
    { wallet: 'w9', kind: 'balance' },
  ]) {
    expect(await site.do('getExplanation', params, '')).toMatchObject({ ok: false, refusal: 'notFound' });
    expect(await site.do('giveExplanationLink', params, key())).toMatchObject({ ok: false, refusal: 'notFound' });
  }
  expect((await ask(site, { wallet: 'w2', kind: 'balance' })).movement).toBeNull();
  expect(await site.do('giveExplanationLink', { wallet: 'w2', kind: 'balance' }, key())).toMatchObject({
    refusal: 'invalid',
  });
});

describe('a link for the tenant', () => {
  it('opens what was explained when it was given, whatever moves later, in the language of the account', async () => {
    const { site } = await used();
    const token = await give(site);
    result(await site.do('recharge', { wallet: 'w1', amount: '20', channel: 'cash' }, key()));
    const shared = sharedSchema.parse(await open(site, token));
    expect(shared.explanation.movement).toMatchObject({ kind: 'charge', charge: { balanceAfterMicro: 99_500_000 } });
    expect(shared.language).toBe('zh');
    expect(JSON.stringify(shared)).not.toMatch(/the-|w2|a2|Tenant 2/);
  });

  it('opens nothing with any byte of it changed, left out or added', async () => {
    const { site } = await used();
    const token = await give(site);
    const bytes = Buffer.from(token);
    for (let at = 0; at < bytes.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(await site.core.links.opened(changed.toString('latin1')), `byte ${at}, bit ${bit}`).toBeNull();
      }
    for (let at = 0; at <= token.length; at++) {
      expect(
        (await site.core.links.opened(token.slice(0, at) + token.slice(at + 1))) === null || at === token.length,
      ).toBe(true);
      expect(await site.core.links.opened(`${token.slice(0, at)}A${token.slice(at)}`)).toBeNull();
    }
    expect(await open(site, token)).not.toBeNull();
  });

  it('ends at its time, not before, and no later one is signed into it', async () => {
    const { site } = await used();
    const token = await give(site, { days: 2 });
    site.clock.step(2 * DAY - 1);
    expect(await open(site, token)).not.toBeNull();
    site.clock.step(1);
    expect(await open(site, token)).toBeNull();
    const [id = '', end = '', signature = ''] = token.split('.');
    const later = (Number.parseInt(end, 36) + DAY).toString(36);
    expect(await open(site, `${id}.${later}.${signature}`)).toBeNull();
    expect((await linksOf(site))[0]).toMatchObject({ token: null, revokedMs: null });
  });

  it('is good for 14 days where nothing is said, and for 90 at most', async () => {
    const { site } = await used();
    await give(site);
    const [link] = await linksOf(site);
    expect((link?.expiresMs ?? 0) - (link?.madeMs ?? 0)).toBe(14 * DAY);
    for (const days of [0, 91, 1.5])
      expect(await site.do('giveExplanationLink', { wallet: 'w1', kind: 'balance', days }, key())).toMatchObject({
        refusal: 'invalid',
      });
  });

  it('opens nothing once it is taken back; who made and who took it back stand in the list and in the audit log', async () => {
    const { site } = await used();
    const token = await give(site);
    const [link] = await linksOf(site);
    expect(link).toMatchObject({ by: 'the-cashier', revokedBy: null });
    expect(await site.do('revokeExplanationLink', { wallet: 'w2', link: link?.id }, key())).toMatchObject({
      refusal: 'notFound',
    });
    result(await site.do('revokeExplanationLink', { wallet: 'w1', link: link?.id }, key(), 'manager'));
    expect(await open(site, token)).toBeNull();
    expect((await linksOf(site))[0]).toMatchObject({ token: null, revokedBy: 'the-manager' });
    const audit = JSON.stringify(result(await site.do('getAudit', {}, '', 'auditor')));
    expect(audit).toContain('giveExplanationLink');
    expect(audit).toContain('revokeExplanationLink');
    expect(audit).not.toContain(token);
  });

  it('is made once for an id, survives a restart, and none is good at another site', async () => {
    const { site, disk } = await used();
    const params = { wallet: 'w1', kind: 'balance', days: 14 };
    const [first, second] = [
      await site.do('giveExplanationLink', params, 'same'),
      await site.do('giveExplanationLink', params, 'same'),
    ];
    expect(second).toEqual(first);
    const token = (await linksOf(site))[0]?.token ?? '';
    expect(await linksOf(site)).toHaveLength(1);
    const again = await startCore(disk, null, site.clock);
    expect(await open(again, token)).not.toBeNull();
    expect((await linksOf(again))[0]?.token).toBe(token);
    const other = (await used()).site;
    await give(other);
    expect(await open(other, token)).toBeNull();
  });
});

describe('notices', () => {
  it('are explained by the movement that led to them', async () => {
    const disk = new MemoryDisk();
    const site = await startCore(disk, plainSite(1, '50.40'));
    const own = site.core.directory.get('account', 'a1');
    if (!own) throw new Error('there is a1');
    site.core.setConfig('account', 'a1', { ...own, phone: '13800001000', language: 'en' });
    site.core.notices.channels = new Set(['sms']);
    site.core.links.origin = 'https://power.example.com';
    const text = { kind: 'lowBalance', language: 'en', subject: 's', text: '{balance}: {link}' };
    result(await site.do('setNoticeText', text, key(), 'administrator'));
    await site.read('m1', 1_000);
    await site.pass(10 * MINUTE);
    await site.read('m1', 1_500);
    const [notice] = result<OpResult<'getNotices'>>(await site.do('getNotices', {}, '')).items;
    expect(notice).toMatchObject({ kind: 'lowBalance', about: 'w1' });
    const explained = await ask(site, { wallet: 'w1', kind: 'notice', subject: notice?.id });
    expect(explained).toMatchObject({
      notice: { kind: 'lowBalance', text: notice?.text },
      movement: { kind: 'charge', charge: { amountMicro: 500_000 } },
    });
    expect(explained.decisions.map(({ kind }) => kind)).toEqual(['warned']);
    const [, token = ''] = /^¥49\.90: https:\/\/power\.example\.com\/why#(\S+)$/.exec(notice?.text ?? '') ?? [];
    // The notice is no longer there to be counted on: the link in it opens the movement all the same, after a restart too.
    const again = await startCore(disk, null, site.clock);
    expect(sharedSchema.parse(await open(again, token))).toMatchObject({
      language: 'en',
      explanation: { notice: { kind: 'lowBalance', text: null }, movement: { charge: { amountMicro: 500_000 } } },
    });
  });

  it('make no link where their text has no place for one', async () => {
    const { site } = await used();
    expect(await linksOf(site)).toEqual([]);
    expect(site.core.links.state.key).toBeNull();
  });
});
