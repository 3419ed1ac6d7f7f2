/** 轮询之外在仪表上查找、读取、设置的内容。 */
import type { enField } from './en-field.ts';

export const zhField: Record<keyof typeof enField, string> = {
  'scan.title': '搜索仪表',
  'scan.from': '起始地址',
  'scan.to': '结束地址',
  'scan.rangeWrong': '填写 1 到 247 的整数，起始不大于结束。',
  'scan.lead': '在抄表间隙逐个地址询问一次，不打扰已登记的仪表。',
  'scan.start': '开始',
  'scan.stop': '停止',
  'scan.state.running': '正在搜索：{done} / {total}',
  'scan.state.done': '已完成：{done} / {total}',
  'scan.state.stopped': '已停止：{done} / {total}',
  'scan.state.lineDown': '线路无应答，已停止：{done} / {total}',
  'scan.by': '操作员 {who}，{when}',
  'scan.none': '没有未登记的地址应答。',
  'scan.known': '已登记：{count}',
  'scan.unknownModel': '有应答，但不是已知型号',
  'scan.garbled': '应答不完整：两块表地址相同，或线路参数不对',
  'scan.add': '登记为仪表',
  'lines.readNow': '立即全部抄读',
  'lines.readAsked': '已下发：{count}',
};
