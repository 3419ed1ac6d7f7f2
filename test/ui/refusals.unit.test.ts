/** What the server says of a wrong field has Chinese words: its sources are read for all that it can say. */
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { zhRefusals } from '../../ui/src/i18n/zh-refusals.ts';
import { refusalInChinese } from '../../ui/src/lib/refusalText.ts';

const root = new URL('../..', import.meta.url);
const PATH = /^(?:[A-Za-z]|\{\})[\w.{}-]*: /;

/** With {} for what it names. */
function textsOf(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('')];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  return [];
}

/** Texts beside the codes whose texts are shown, and all that begin with the path of a field. */
function said(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    const list = ts.isCallExpression(node) ? node.arguments : ts.isArrayLiteralExpression(node) ? node.elements : [];
    const code = list.findIndex((one) => ts.isStringLiteral(one) && ['invalid', 'accountState'].includes(one.text));
    const beside = code === -1 ? undefined : list[code + 1];
    if (beside) found.push(...textsOf(beside));
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))
      found.push(...textsOf(node).filter((text) => PATH.test(text)));
    node.forEachChild(look);
  };
  look(source);
  return found;
}

/** Words put together elsewhere, and what stops the program. */
const others = [/lost \(law 2\)$/, /^[\w.{}]+: \{\}$/];

describe('what the server says of a wrong field', () => {
  const files = ['core', 'domain'].flatMap((folder) => globSync(`server/${folder}/**/*.ts`, { cwd: root }));
  const texts = files.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(new URL(file, root), 'utf8'), ts.ScriptTarget.Latest);
    return said(source);
  });

  it('is found in the sources', () => {
    expect(texts.length).toBeGreaterThan(100);
    expect(texts).toContain('newWallet.id: {} is taken already');
  });

  it('has Chinese words, each', () => {
    const missing = texts
      .filter((text) => !others.some((pattern) => pattern.test(text)))
      .filter((text) => zhRefusals[text] === undefined && zhRefusals[text.replace(PATH, '')] === undefined);
    expect(missing).toEqual([]);
  });

  it.each([
    ['newWallet.id: w2 is taken already', 'w2 已被使用，请换一个。'],
    ['meters.0.meter: E-1 is changing hands already, with T-2', 'E-1 正在变更户主（T-2）。'],
    ['the end lies in the past', '结束时间已过。'],
    [
      'tariff.versions.0: has been charged by; add a version from later than 12:00; tariff.utility: stays water',
      '已按此版本计费，请新增晚于 12:00 的版本。 不能更改（water）。',
    ],
    [
      'values.ct: change the multiplier of the meter first; the meter then gets the same',
      '请先修改表计倍率，再写入相同的值。',
    ],
    [
      'a refund of w1 is still to be paid out or cancelled; a reading of m1 is unclear',
      'w1 有退款待付款或取消。 m1 有可疑读数待处理。',
    ],
    ['the account is open: a plan is for one that is not open', '账户已开户，不能再填开户资料（open）。'],
    ['plan.name: Invalid input', null],
  ])('%s', (detail, chinese) => {
    expect(refusalInChinese(detail)).toBe(chinese);
  });
});
