/** 表计档案与抄表单。 */
import type { enMeters } from './en-meters.ts';

export const zhMeters: Readonly<Record<keyof typeof enMeters, string>> = {
  'meter.renew': '换表、互感器…',
  'meter.renewTitle': '表计 {meter}',
  'meter.what': '操作内容',
  'meter.swap': '更换表计',
  'meter.multiplier': '倍率',
  'meter.swapEffect': '按旧表止码结清，新表从起码开始计量。余额和阶梯累计不变。',
  'meter.multiplierEffect': '按原倍率结清至此读数，之后按新倍率计量。',
  'meter.swapSubmit': '换表',
  'meter.multiplierSubmit': '更改',
  'meter.last': '旧表止码（kWh 或 m³）',
  'meter.first': '新表起码（kWh 或 m³）',
  'meter.newNumber': '新表号',
  'meter.indexes': '抄表单',
  'meter.indexesLead': '每块表在两个时刻（或之前最近一次）的读数，以及其间用量。',
  'meter.indexFrom': '起码',
  'meter.indexTo': '止码',
  'meter.readAt': '抄读时间',
  'meter.between': '期间用量（kWh 或 m³）',
  'meter.show': '查询',
  'meter.sum': '所列 {count} 块表合计（不含总表）',
  'meter.wrongSpan': '须不早于开始时间。',
};
