/** Writes the golden journal of an issue, once; from then on it is replayed and never written again. */
import { writeFileSync } from 'node:fs';
import { MemoryDisk } from './memoryStore.ts';
import { plainSite, startCore } from './siteInMemory.ts';

const [, , path = ''] = process.argv;
const MINUTE = 60_000;
const disk = new MemoryDisk();
const plain = plainSite(4, '1.00', {
  warnBeforeCutMs: MINUTE,
  massCutLimit: 1,
  warningRepeats: 2,
  warningRepeatMs: 60 * MINUTE,
});
const site = await startCore(disk, {
  ...plain,
  meters: [
    ...plain.meters,
    {
      id: 'main',
      line: 'l1',
      unitId: 200,
      profile: 'eastron-sdm630',
      utility: 'electricity',
      role: 'main',
      hasBreaker: false,
      rating: 500_000,
      tariff: 't-electricity',
    },
  ],
  operators: [
    { name: 'boss', displayName: '经理 Boss', role: 'administrator', passwordHash: 'scrypt$16384$8$1$AAAA$AAAA' },
  ],
});
await site.read('main', 70_000);
for (const meter of ['m1', 'm2', 'm3', 'm4']) await site.read(meter, 1_000);
await site.pass(30 * MINUTE);
await site.read('main', 78_000);
for (const [meter, index] of [
  ['m1', 2_500],
  ['m2', 2_100],
  ['m3', 2_200],
] as const)
  await site.read(meter, index);
await site.pass(3 * MINUTE);
for (const [meter, index] of [
  ['m1', 2_510],
  ['m2', 2_110],
  ['m3', 2_210],
] as const)
  await site.read(meter, index);
await site.do('recharge', { wallet: 'w2', amount: '50', channel: 'cash' }, 'r1');
await site.do('releaseInterlock', { reason: 'checked' }, 'i1');
await site.do('recharge', { wallet: 'w1', amount: '80.50', channel: 'card', note: 'counter 1' }, 'r2');
const paid = await site.do('recharge', { wallet: 'w4', amount: '20', channel: 'transfer' }, 'r3');
await site.do('reverse', { order: paid.ok ? (paid.result as { id: string }).id : '', note: 'wrong room' }, 'v1');
await site.do('refund', { wallet: 'w1', amount: '10', channel: 'card', note: 'asked for' }, 'f1');
await site.pass(61 * MINUTE);
await site.read('m3', 2_220);
for (let i = 0; i < 3; i++) await site.read('m4', 900_000);
await site.read('m4', 1_010);
await site.read('m4', 900_000);
for (let i = 0; i < 2; i++) await site.read('m4', 900_000);
await site.do('resolveQuarantine', { meter: 'm4', action: 'discard', reason: 'noise' }, 'q1');
await site.do('switchMeter', { meter: 'm4', action: 'hold', reason: 'talks' }, 's1');
await site.do('switchMeter', { meter: 'm4', action: 'liftHold', reason: 'done' }, 's2');
await site.do(
  'switchMeter',
  { meter: 'm4', action: 'forceTrip', reason: 'works', untilMs: site.clock.site() + 5 * MINUTE },
  's3',
);
await site.pass(6 * MINUTE);
await site.read('m4', 1_020, { batteryLow: true });
await site.do('shelveAlarm', { alarm: 'batteryLow:m4', reason: 'ordered', minutes: 60 }, 'a1');
await site.do('acknowledgeAlarms', { ids: ['batteryLow:m4'] }, 'a2');
await site.read('m4', 1_030);
await site.do(
  'addOperator',
  { name: 'kasse', displayName: '收银 Cashier', role: 'operator', passwordHash: 'scrypt$16384$8$1$BBBB$BBBB' },
  'o1',
  'administrator',
);
await site.settle();
writeFileSync(path, `${JSON.stringify(disk.entries, null, 1)}\n`);
const types = new Set(disk.entries.flatMap((entry) => entry.events.map((event) => event.type)));
console.log([...types].sort().join(' '));
for (const [id, { state }] of site.core.wallets) console.log(id, state.balanceMicro, state.level, state.exhausted);
for (const [id, { state }] of site.core.meters)
  console.log(id, state.sequence, JSON.stringify(state.anchor), Object.keys(state.causes), state.quarantine?.why);
console.log(JSON.stringify([...site.core.ledger.ledger.balances]));
