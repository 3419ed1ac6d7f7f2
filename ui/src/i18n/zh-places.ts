/** 独立仪表，以及业主用量。 */
import type { enPlaces } from './en-places.ts';

export const zhPlaces: Readonly<Record<keyof typeof enPlaces, string>> = {
  'meterPage.open': '打开仪表',
  'meterPage.close': '关闭仪表',
  'meterPage.behind': '下级 {count} 块表',
  'meterPage.gone': '仪表 {meter} 已不存在。',
  'meterPage.readings': '最近读数',
  'meterPage.noReadings': '尚未读取。',
};
