/** 导入房间和表计：单元格的问题。 */
import type { enSiteImport } from './en-siteImport.ts';

export const zhSiteImport: Readonly<Record<keyof typeof enSiteImport, string>> = {
  'import.mistake.missing': '缺少内容',
  'import.mistake.id': '字母、数字和 . _ -（最多 64 个）',
  'import.mistake.whole': '应为整数',
  'import.mistake.area': '应为平方米数，如 42.5',
  'import.mistake.unitId': '通信地址应为 1 至 247',
  'import.mistake.profile': '没有这种表型，请参照模板',
  'import.mistake.number': '最多 12 位数字',
  'import.mistake.role': '应为 tenant、public 或 main',
  'import.mistake.factor': '应为 1 至 9999 的整数',
  'import.mistake.positive': '应为大于 0 的整数',
  'import.mistake.poll': '毫秒数，至少 500',
  'import.mistake.meterTwice': '与第 {about} 行重复',
  'import.mistake.addressTwice': '同一线路上第 {about} 行已用此通信地址',
  'import.mistake.floorElsewhere': '该楼层在楼栋 {about} 中',
  'import.mistake.roomElsewhere': '该房间在楼层 {about} 上',
  'import.mistake.differs': '前面的行写的是 {about}',
  'import.mistake.fixed': '现为 {about}，导入不会更改',
  'import.mistake.addressTaken': '该线路上表计 {about} 已用此通信地址',
  'import.mistake.tariffUtility': '电价方案与表计类别不符',
  'import.mistake.noLine': '没有这条线路，请先添加',
  'import.mistake.noRoom': '没有这个房间',
  'import.mistake.roomNeeded': '租户表计须有所在房间',
  'import.mistake.profileUtility': '该表型计量的是其他类别',
  'import.mistake.noTariff': '没有这个电价方案，请先添加',
};
