/** What people of the site are told: approvals that wait, contracts that end. */
export const enReminders = {
  'notices.kind.approvalWaits': 'approval waits',
  'banner.approvals': '{count} {count|proposal waits|proposals wait} for your approval.',
  'banner.approvalsAction': 'Look',
  'notices.kind.contractEnds': 'contract ends',
  'notices.contractDays': 'Remind of the end of a contract, days before',
  'accounts.ending': 'Contracts ending',
  'accounts.noneEnding': 'No contract ends soon.',
} as const;
