/** 独立仪表，以及业主用量。 */
import type { enPlaces } from './en-places.ts';

export const zhPlaces: Readonly<Record<keyof typeof enPlaces, string>> = {
  'meterPage.open': '打开仪表',
  'meterPage.close': '关闭仪表',
  'meterPage.behind': '下级 {count} 块表',
  'meterPage.gone': '仪表 {meter} 已不存在。',
  'meterPage.readings': '最近读数',
  'meterPage.noReadings': '尚未读取。',
  'owner.title': '业主用量',
  'owner.lead': '未开户的房间和公共仪表计量的用量记在业主名下，每个房间或仪表一个钱包。这里不向任何人催款。',
  'owner.none': '这里没有记在业主名下的用量。',
  'owner.meters': '现有仪表',
  'owner.let': '已出租，由租户付费',
  'owner.charged': '计费金额',
  'owner.all': '累计金额',
  'owner.sum': '{count} 个钱包合计',
  'owner.whole': '已全部计入',
  'owner.yes': '是',
  'owner.no': '否',
};
