import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Actors, nameOf } from '../../server/runtime/actor.ts';

const unescape = (name: string): string =>
  name.replaceAll(/_([0-9a-f]+)_/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

// Mostly of what escapes are made of: ids that look like the escape of another are the danger.
const unit = fc.constantFrom('a', 'b', '2', 'e', '5', 'f', '_', '.', '-', ':', '楼', '\u{1f4a1}');
const key = fc.oneof(
  fc.string(),
  fc.array(unit, { maxLength: 12 }).map((units) => units.join('')),
);

it('gives every key a name of its own in the alphabet nact allows', () => {
  fc.assert(
    fc.property(key, (one) => {
      expect(nameOf(one)).toMatch(/^[A-Za-z0-9_-]*$/);
      expect(unescape(nameOf(one))).toBe(one);
    }),
  );
});

it('keeps meters apart whose ids look like the escape of each other', async () => {
  const parked: string[] = [];
  const actors = new Actors({ onParked: (who) => parked.push(who) });
  const heard: string[] = [];
  const ids = ['a.b', 'a_2e_b', 'a_2e.b', 'a__b'];
  const refs = ids.map((id) => actors.spawn(`meter:${id}`, (message: string) => heard.push(`${id} ${message}`)));
  refs.forEach((ref, i) => actors.tell(ref, String(i)));
  while (actors.waiting > 0) await new Promise((resolve) => setImmediate(resolve));
  actors.stop();
  expect(parked).toEqual([]);
  expect(heard.sort()).toEqual(ids.map((id, i) => `${id} ${i}`).sort());
});
