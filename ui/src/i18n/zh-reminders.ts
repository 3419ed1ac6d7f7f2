/** 待审批、合同到期、电价变更记录。 */
import type { enReminders } from './en-reminders.ts';

export const zhReminders: Readonly<Record<keyof typeof enReminders, string>> = {
  'notices.kind.approvalWaits': '待审批',
  'banner.approvals': '有 {count} 项申请等待您审批。',
  'banner.approvalsAction': '查看',
  'notices.kind.contractEnds': '合同到期',
  'notices.contractDays': '合同到期前多少天提醒',
  'accounts.ending': '合同即将到期',
  'accounts.noneEnding': '没有即将到期的合同。',
  'tariff.history': '变更记录…',
  'tariff.historyTitle': '“{name}”的变更记录',
  'tariff.historyLead':
    '来自审计日志：谁发布了版本、谁分配了表计。随站点文件导入、开户或新建表计时选定的方案不在此列。',
  'tariff.historyEmpty': '尚无变更。',
  'tariff.approvedBy': '审批人',
  'tariff.what': '变更',
  'tariff.details': '内容',
  'tariff.history.created': '新建',
  'tariff.history.published': '发布',
  'tariff.history.assigned': '分配',
  'tariff.notKept': '日志中没有详细内容。',
  'tariff.assignedMeters': '{count} 块表',
  'tariff.andMore': '{names} 等，另有 {count} 块',
  'tariff.named': '名称：{name}',
  'tariff.versionsAdded': '新增版本，生效时间：{list}',
  'tariff.versionsChanged': '修改版本：{list}',
  'tariff.versionsRemoved': '删除版本：{list}',
  'tariff.holidaysChanged': '节假日历变更 {count} 天',
};
