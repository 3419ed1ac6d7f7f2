/** Style rules that a machine can hold; each names what to do instead. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter(Boolean);
const sources = tracked
  .filter((path) => /\.(ts|svelte|js)$/.test(path))
  .flatMap((path) => {
    try {
      return [{ path, text: readFileSync(path, 'utf8') }];
    } catch {
      return []; // deleted and not yet committed
    }
  });
const own = 'test/tidy/tidy.unit.test.ts';

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
const offenders = (test: (file: { path: string; text: string }) => boolean): string[] =>
  sources.filter((file) => file.path !== own && test(file)).map((file) => file.path);

describe('dependency direction', () => {
  const reaches = (folder: string, into: RegExp): string[] =>
    offenders(({ path, text }) => path.startsWith(folder) && importsOf(text).some((target) => into.test(target)));
  it('protocol imports nothing of the others and no node:', () =>
    expect(reaches('protocol/', /^node:|\/(server|ui|simulators|bench|test)\//)).toEqual([]));
  it('domain is pure: no node:, no store, no actors, no lines', () =>
    expect(reaches('server/domain/', /^node:|^nact|\/(store|core|runtime|lines|gateway)\//)).toEqual([]));
  it('only runtime imports nact', () =>
    expect(
      offenders(
        ({ path, text }) =>
          !path.startsWith('server/runtime/') && !path.startsWith('bench/') && importsOf(text).includes('nact'),
      ),
    ).toEqual([]));
  it('simulators never import server', () => expect(reaches('simulators/', /\/server\//)).toEqual([]));
  it('the interface never imports server', () => expect(reaches('ui/', /\/server\//)).toEqual([]));
  it('nothing of the product imports tests', () =>
    expect(
      offenders(
        ({ path, text }) =>
          /^(server|ui|protocol|simulators)\//.test(path) &&
          importsOf(text).some((target) => target.includes('/test/')),
      ),
    ).toEqual([]));
});

describe('leftovers', () => {
  const banned: readonly [RegExp, string][] = [
    [/\b(TODO|FIXME|XXX|HACK)\b/, 'finish it or file an issue'],
    [/\b(it|describe|test)\.(only|skip|todo)\(/, 'run it or delete it'],
    [/\bparseFloat\(/, 'money.ts and quantity.ts parse decimals'],
    [/@ts-(ignore|expect-error|nocheck)/, 'give it its type'],
    [/\bas any\b|: any[;,)\]|>= ]*[;,)\]|>=]/, 'unknown, and a decoder'],
    [/JSON\.parse\([^)]*\) as /, 'decode it with its schema'],
    [/\/(work|farm)\//, 'no paths of one machine'],
  ];
  it.each(banned)('no %s', (pattern) => expect(offenders(({ text }) => pattern.test(text))).toEqual([]));
  it('domain has no clock and no chance of its own', () =>
    expect(
      offenders(
        ({ path, text }) =>
          path.startsWith('server/domain/') && /Date\.now\(|new Date\(\)|Math\.random\(|performance\./.test(text),
      ),
    ).toEqual([]));
  it('tests do not sleep', () =>
    expect(
      offenders(({ path, text }) => path.startsWith('test/') && /setTimeout\(resolve, \d{2,}\)/.test(text)),
    ).toEqual([]));
});

it('no hand-written file is longer than 450 lines', () => {
  expect(sources.filter(({ text }) => text.split('\n').length > 450).map(({ path }) => path)).toEqual([]);
});
