/** What people of the site are told: approvals that wait, contracts that end. */
export const zhReminders = {
  'notices.kind.approvalWaits': '待审批',
  'banner.approvals': '有 {count} 项申请等待您审批。',
  'banner.approvalsAction': '查看',
  'notices.kind.contractEnds': '合同到期',
  'notices.contractDays': '合同到期前多少天提醒',
  'accounts.ending': '合同即将到期',
  'accounts.noneEnding': '没有即将到期的合同。',
} as const;
