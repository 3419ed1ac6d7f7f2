/** 表计层级：谁在谁之下。 */
import type { enTree } from './en-tree.ts';

export const zhTree: Readonly<Record<keyof typeof enTree, string>> = {
  'setup.tab.tree': '层级',
  'setup.upstream': '上级表计',
  'setup.upstreamHint': '留空表示没有上级。',
  'setup.upstreamWrong': '须为同类的另一只表计。',
  'tree.lead':
    '今日零点以来的用量：各表、其下级之和以及二者之差。仅供参考：线损、未入层级的表计以及抄表时刻不同都会造成差值。',
  'tree.none': '没有表计设有上级。请在表计对话框或导入表中填写上级表计。',
  'tree.label': '表计层级',
  'tree.today': '今日',
  'tree.behind': '下级合计（{count}）',
  'tree.open': '差值',
  'tree.partly': '至少：有下级今日用量未知',
  'tree.since': '自 {time}',
  'tree.loose': '没有上级',
  'tree.more': '再显示 {count} 个',
  'tree.expandAll': '全部展开',
  'tree.collapseAll': '全部收起',
};
