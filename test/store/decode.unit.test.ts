import { describe, expect, it } from 'vitest';
import { commitHash, GENESIS, snapshotChecksum } from '../../server/store/chain.ts';
import { decodeEntry, decodeObject, decodeSnapshot } from '../../server/store/decode.ts';
import { snapshotOf, snapshotText } from '../../server/store/redisRows.ts';

const entry = (events: string): ReturnType<typeof decodeEntry> =>
  decodeEntry({ number: 0, hash: GENESIS }, 1, 5, events, commitHash(GENESIS, 1, 5, events));
const event = { key: 'meter:m1', type: 'IndexNoted', v: 1, data: { anchor: null } };

describe('What the store holds', () => {
  it('comes back as the events that were written', () => {
    expect(entry(JSON.stringify([event, event])).events).toEqual([event, event]);
  });

  it.each([
    ['no text of JSON', '[{'],
    ['no list', JSON.stringify(event)],
    ['no object', '[null]'],
    ['a list for an event', '[[]]'],
    ['a key that is no text', JSON.stringify([{ ...event, key: 1 }])],
    ['a type that is no text', JSON.stringify([{ ...event, type: null }])],
    ['a broken version', JSON.stringify([{ ...event, v: 1.5 }])],
    ['no version', JSON.stringify([{ key: 'a:b', type: 't', data: {} }])],
    ['no data', JSON.stringify([event, { ...event, data: undefined }])],
    ['a list for data', JSON.stringify([{ ...event, data: [] }])],
  ])('is corrupt with %s, though its hash fits', (_what, events) => {
    expect(() => entry(events)).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });

  it('is corrupt as a record that is no object', () => {
    expect(decodeObject('{"a":[1]}', 'record')).toEqual({ a: [1] });
    for (const text of ['null', '[]', '1', '"a"', '{'])
      expect(() => decodeObject(text, 'record')).toThrow('record cannot be read');
  });

  it('is the snapshot that its checksum was made of, field by field', () => {
    const written = { key: 'a:b', commit: 3, commitHash: 'c', schema: 1, state: '{"x":1}' };
    const checksum = snapshotChecksum('a:b', 3, 'c', 1, '{"x":1}');
    expect(decodeSnapshot({ ...written, checksum })).toEqual({ ...written, state: { x: 1 } });
    for (const changed of [{ key: 'a:c' }, { commit: 4 }, { commitHash: 'd' }, { schema: 2 }, { state: '{"x":2}' }])
      expect(decodeSnapshot({ ...written, ...changed, checksum })).toHaveProperty('reason');
  });

  it('is in Redis a snapshot in one form, and read in the first one too', () => {
    const snapshot = { key: 'a:b', commit: 3, commitHash: 'c', schema: 1, state: '{"x":"\\n 1"}', checksum: 'd' };
    const { key, commit, commitHash: hash, schema, state, checksum } = snapshot;
    expect(snapshotOf(key, snapshotText(snapshot))).toEqual(snapshot);
    expect(snapshotOf(key, JSON.stringify([commit, hash, schema, state, checksum]))).toEqual(snapshot);
    for (const text of ['', '[', '3 c', '3 c 1 d'])
      expect(decodeSnapshot(snapshotOf(key, text))).toHaveProperty('reason');
  });
});
