import { afterEach, expect, it } from 'vitest';
import { Actors, MAILBOX_MAX, type Ref } from '../../server/runtime/actor.ts';

let actors: Actors;
afterEach(() => actors.stop());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function quiet(): Promise<void> {
  while (actors.waiting > 0) await turn();
}

/** More than share a host, so that some do. */
const MANY = 1_200;
type Heard = { readonly who: number; readonly what: number };
function many(heard: Heard[], onParked: (key: string) => void = () => {}): Ref<number>[] {
  actors = new Actors({ onParked });
  return Array.from({ length: MANY }, (_, who) =>
    actors.spawn(`meter:m${who}`, (what: number) => {
      if (what < 0) throw new Error('a broken invariant');
      heard.push({ who, what });
    }),
  );
}

it('hands every actor its own messages in the order they were sent', async () => {
  const heard: Heard[] = [];
  const refs = many(heard);
  expect(actors.count).toBe(MANY);
  for (let what = 0; what < 3; what++) for (const ref of refs) actors.tell(ref, what);
  expect(actors.waiting).toBe(3 * MANY);
  expect(heard).toEqual([]); // never within the sender's own turn
  await quiet();
  for (let who = 0; who < MANY; who++)
    expect(heard.filter((one) => one.who === who).map(({ what }) => what)).toEqual([0, 1, 2]);
  expect(actors.takeMailboxMax()).toBe(3);
});

it('lets nobody wait behind the full mailbox of another', async () => {
  const heard: Heard[] = [];
  const refs = many(heard);
  const [busy] = refs;
  for (let what = 0; what < 1_000; what++) actors.tell(busy!, what);
  for (const ref of refs.slice(1)) actors.tell(ref, 0);
  while (heard.filter(({ who }) => who > 0).length < MANY - 1) await turn();
  expect(heard.filter(({ who }) => who === 0).length).toBeLessThan(10);
  await quiet();
  expect(heard.filter(({ who }) => who === 0).map(({ what }) => what)).toEqual(
    Array.from({ length: 1_000 }, (_, i) => i),
  );
});

it('parks the actor that throws, with its mailbox, and nobody else', async () => {
  const heard: Heard[] = [];
  const parked: string[] = [];
  const refs = many(heard, (key) => parked.push(key));
  for (const what of [1, -1, 2]) actors.tell(refs[7]!, what);
  for (const ref of refs) actors.tell(ref, 3);
  while (heard.length < MANY) await turn();
  actors.tell(refs[7]!, 4);
  for (const ref of refs) actors.tell(ref, 5);
  while (heard.length < 2 * MANY - 1) await turn();
  expect(heard.filter(({ who }) => who === 7)).toEqual([{ who: 7, what: 1 }]);
  expect(parked).toEqual(['meter:m7']);
  expect(actors.parked).toEqual(parked);
  expect([actors.isParked('meter:m7'), actors.isParked('meter:m8')]).toEqual([true, false]);
  expect(actors.waiting).toBe(4); // 2, 3, 4 and 5 are kept
});

it('lets an actor write to itself', async () => {
  const heard: number[] = [];
  actors = new Actors({ onParked: () => {} });
  const self: Ref<number> = actors.spawn('notices:site', (n: number) => {
    heard.push(n);
    if (n > 0) actors.tell(self, n - 1);
  });
  actors.tell(self, 3);
  await quiet();
  expect(heard).toEqual([3, 2, 1, 0]);
});

it('counts what a mailbox does not hold', () => {
  actors = new Actors({ onParked: () => {} });
  const ref = actors.spawn('meter:m', () => {});
  for (let n = 0; n < MAILBOX_MAX + 2; n++) actors.tell(ref, n);
  expect([actors.waiting, actors.deadLetters, actors.mailboxMax]).toEqual([MAILBOX_MAX, 2, MAILBOX_MAX]);
});
