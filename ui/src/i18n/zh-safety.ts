import type { enSafety } from './en-safety.ts';

export const zhSafety: Readonly<Record<keyof typeof enSafety, string>> = {
  'temporary.name': '临时送电',
  'temporary.grant': '临时送电…',
  'temporary.submit': '临时送电',
  'temporary.effect':
    '为 {holder} 在欠费状态下恢复供电，当前余额 {balance}。期间用量计入欠费，下次充值优先抵扣；结束后继续按规则拉闸。',
  'temporary.left': '本月还可用 {count} 次',
  'temporary.neither': '请填写结束时间或最高欠费，至少一项。',
  'temporary.endHint': '不填则仅按欠费额结束。当前时间 {now}。',
  'temporary.debt': '最高欠费（元，选填）',
  'temporary.debtHint': '欠费达到该金额即结束。',
  'temporary.debtLow': '须大于当前欠费：{owed}。',
  'temporary.upTo': '最高欠费 {amount}',
  'temporary.owed': '当前欠费 {amount}，下次充值优先抵扣',
  'temporary.end': '收回…',
  'temporary.endEffect': '{name} 的临时送电立即结束，无保持条件时随即分闸。',
  'event.TemporaryPowerGranted': '已临时送电',
  'event.TemporaryPowerEnded': '临时送电结束：{why}',
  'temporary.why.time': '到时',
  'temporary.why.debt': '达到最高欠费',
  'temporary.why.hand': '人工收回',
  'temporary.why.money': '已充值',
};
