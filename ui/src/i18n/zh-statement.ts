/** 对账单合计。 */
import type { enStatement } from './en-statement.ts';

export const zhStatement: Readonly<Record<keyof typeof enStatement, string>> = {
  'statement.totals': '对账单合计',
  'statement.opening': '期初',
  'statement.in': '收入',
  'statement.charged': '扣费',
  'statement.out': '支出',
  'statement.closing': '期末',
};
