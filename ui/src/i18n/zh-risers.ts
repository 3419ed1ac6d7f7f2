/** 立管与竖井：跨楼层的一组房间和表计，可整体挂牌。 */
import type { enRisers } from './en-risers.ts';

export const zhRisers: Readonly<Record<keyof typeof enRisers, string>> = {
  'setup.tab.risers': '竖井',
  'riser.lead': '竖井（立管）供应上下楼层的房间。挂检修牌后，其下所有开关和阀门保持断开。',
  'riser.none': '还没有竖井。由管理员命名并选择其供应的房间和表计。',
  'riser.add': '添加竖井',
  'riser.edit': '修改竖井 {name}',
  'riser.members': '{rooms} 个房间，{meters} 个表计',
  'riser.rooms': '供应的房间',
  'riser.meters': '单独的表计',
  'riser.roomsHint': '房间、楼层或楼栋',
  'riser.metersHint': '表计编号或表号',
  'riser.addAll': '全部添加（{count}）',
  'riser.membersMissing': '请选择房间或表计。',
  'riser.removeMember': '移除 {name}',
  'tag.riser': '竖井',
  'tag.on.riser': '竖井 {name} 检修牌',
  'tag.effect.riser':
    '竖井 {name} 各楼层的所有开关和阀门将断开。摘牌前任何操作都不能合闸：充值、批量、管理人员均不可。',
};
