/** 批量开户。 */
import type { enOpenings } from './en-openings.ts';

export const zhOpenings: Readonly<Record<keyof typeof enOpenings, string>> = {
  'openings.several': '批量开户…',
  'openings.title': '预录账户批量开户',
  'openings.filtered': '仅限搜索“{text}”的结果。',
  'openings.looking': '正在检查 {done} / {total}…',
  'openings.none': '没有待开户的账户，请先录入账户及开户计划。',
  'openings.all': '全选',
  'openings.readings': '开户读数',
  'openings.live': '实时抄读',
  'openings.waits': '等待抄读',
  'openings.typed': '{meter} 的读数',
  'openings.noMeters': '无表计',
  'openings.refused': '不开户：',
  'openings.reason': '手工录入读数的原因',
  'openings.reasonMissing': '请填写原因。',
  'openings.tooMany': '一次最多 {most} 个账户、200 个手工读数。',
  'openings.effect':
    '将开立 {count} 个账户、{meters} 块表，其中 {typed} 块按录入读数。应收押金 {deposit}，首次充值 {recharge}。当前无应答的表计在下次抄读时接管。',
  'openings.submit': '开立 {count} 个账户',
  'openings.list': '批量开户 {id}',
  'openings.by': '{name} 于 {time} 发起',
  'openings.cancel': '停止后续开户',
  'openings.progress': '已办理 {begun} / {total}：已开户 {open}，未通过 {refused}。',
  'openings.each': '各账户结果',
  'openings.result': '结果',
  'openings.state.waiting': '等待中',
  'openings.state.cancelled': '已取消',
  'openings.troubled': '需录入读数：{meters}',
  'openings.waiting': '等待抄读 {meters}',
};
