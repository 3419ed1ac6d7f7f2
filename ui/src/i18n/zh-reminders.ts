/** What people of the site are told: approvals that wait, contracts that end. */
export const zhReminders = {
  'notices.kind.approvalWaits': '待审批',
  'banner.approvals': '有 {count} 项申请等待您审批。',
  'banner.approvalsAction': '查看',
} as const;
