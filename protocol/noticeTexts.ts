/** The built-in texts, and how a text becomes what is sent: typed places, filled once, formatted by language. */
import type { ApprovalRule } from './approvals.ts';
import type { AlarmKind } from './wall.ts';
import {
  placesOf,
  type NoticeKind,
  type NoticeLanguage,
  type NoticeSettings,
  type NoticeText,
  type NoticeValues,
  type PlaceType,
} from './notices.ts';

type Text = { readonly subject: string; readonly text: string };
type Texts = Readonly<Record<NoticeKind, Text>>;

const zh: Texts = {
  lowBalance: {
    subject: '{room} 余额不足',
    text: '【{site}】{account}，{room} 余额 {balance}，已低于 {level}，预计还可用 {hours}。请及时充值。',
  },
  aboutToTrip: {
    subject: '{room} 即将停供',
    text: '【{site}】{account}，{room} 余额 {balance}，已到最后一级预警。余额用尽后将停止供应，最早在本通知 {minutes} 分钟后，请尽快充值。',
  },
  tripped: {
    subject: '{room} 正在停供',
    text: '【{site}】{account}，{room} 因余额用尽正在停供，余额 {balance}。充值 {missing} 以上自动恢复。',
  },
  restored: { subject: '{room} 正在恢复供应', text: '【{site}】{account}，{room} 正在恢复供应，余额 {balance}。' },
  rechargeArrived: { subject: '充值到账', text: '【{site}】{account}，充值 {amount} 已到账，{room} 余额 {balance}。' },
  opened: { subject: '{room} 已开户', text: '【{site}】{account}，{room} 已开户，欢迎使用预付费水电服务。' },
  tariffChange: {
    subject: '价格调整通知',
    text: '【{site}】{account}，{room} 所用价格方案“{tariff}”将于 {from} 起调整。与过去 30 天的用量相比：{difference}。详情请咨询物业。',
  },
  creditLimit: {
    subject: '{room} 未出账费用已达信用额度',
    text: '【{site}】{account}，{room} 未出账费用 {unbilled}，已达信用额度 {limit}。不会因此停供，请留意账单。',
  },
  contractEnds: {
    subject: '合同到期提醒',
    text: '【{site}】{account}，{room} 的合同到期日为 {until}。续约或退租请联系物业。',
  },
  dutyAlarm: {
    subject: '一级告警：{alarm}',
    text: '【{site}】一级告警：{alarm}，{place}，始于 {since}，尚无人确认（第 {step} 次呼叫）。请立即在控制室确认。',
  },
  emergencyCut: {
    subject: '紧急断电：{place}',
    text: '【{site}】{by} 于 {since} 对 {place} 执行紧急断电，涉及 {count} 个开关。原因：{reason}。',
  },
  approvalWaits: {
    subject: '待审批：{what}',
    text: '【{site}】{by} 申请：{what}，需要第二人审批，{until} 前有效。事由：{reason}。请在“审批”中查看。',
  },
  test: { subject: '测试消息', text: '【{site}】这是 {time} 发出的测试消息。' },
};

const en: Texts = {
  lowBalance: {
    subject: '{room}: low balance',
    text: '[{site}] {account}, the balance of {room} is {balance}, below {level}; it lasts about {hours}. Please recharge.',
  },
  aboutToTrip: {
    subject: '{room}: supply is about to end',
    text: '[{site}] {account}, the balance of {room} is {balance}: the last warning. Once it is used up supply ends, {minutes} minutes after this notice at the earliest. Please recharge now.',
  },
  tripped: {
    subject: '{room}: supply is being cut',
    text: '[{site}] {account}, supply of {room} is being cut because the balance is used up ({balance}). It comes back by itself once {missing} are paid.',
  },
  restored: {
    subject: '{room}: supply is coming back',
    text: '[{site}] {account}, supply of {room} is coming back. Balance {balance}.',
  },
  rechargeArrived: {
    subject: 'Recharge received',
    text: '[{site}] {account}, {amount} have arrived. The balance of {room} is {balance}.',
  },
  opened: { subject: '{room}: account opened', text: '[{site}] {account}, your account for {room} is open.' },
  tariffChange: {
    subject: 'Prices change',
    text: '[{site}] {account}, the prices "{tariff}" of {room} change from {from} on. With your use of the past 30 days: {difference}. The office tells you more.',
  },
  creditLimit: {
    subject: '{room}: credit limit reached',
    text: '[{site}] {account}, use of {room} that is not billed yet has come to {unbilled}, the credit limit being {limit}. Nothing is cut for it; please expect the bill.',
  },
  contractEnds: {
    subject: 'Your contract ends',
    text: '[{site}] {account}, the contract for {room} ends on {until}. Please talk to the office to renew it or to move out.',
  },
  dutyAlarm: {
    subject: 'Priority 1: {alarm}',
    text: '[{site}] Priority 1: {alarm}, {place}, since {since}, not acknowledged (call {step}). Please acknowledge it in the control room.',
  },
  emergencyCut: {
    subject: 'Emergency cut: {place}',
    text: '[{site}] {by} has cut {place} at {since}: {count} breakers. Reason: {reason}.',
  },
  approvalWaits: {
    subject: 'Waits for your approval: {what}',
    text: '[{site}] {by} asks for a second person: {what}. Valid until {until}. Reason: {reason}. See “Approvals”.',
  },
  test: { subject: 'Test message', text: '[{site}] This is a test message of {time}.' },
};
export const builtInTexts: Readonly<Record<NoticeLanguage, Texts>> = { zh, en };

/** Words for alarms of priority 1, which are all that is sent by name; another is named by its code. */
export const urgentAlarmWords: Readonly<Record<NoticeLanguage, Partial<Record<AlarmKind, string>>>> = {
  zh: {
    flowThroughOpen: '断开状态下仍有流量',
    paidNotPowered: '已付费未供电',
    storeAway: '存储不可用',
    ledgerNotZero: '账目不平',
    actorParked: '核心部件停用',
    emergencyCut: '紧急断电',
  },
  en: {
    flowThroughOpen: 'flow through an open breaker',
    paidNotPowered: 'paid, but not powered',
    storeAway: 'the store is away',
    ledgerNotZero: 'the ledger does not sum to zero',
    actorParked: 'a part of the core is parked',
    emergencyCut: 'emergency cut in force',
  },
};

/** What a second person is asked for, by the rule that asks. */
const ruleWords: Readonly<Record<NoticeLanguage, Readonly<Record<ApprovalRule, string>>>> = {
  zh: {
    releaseInterlock: '放行被拦下的拉闸',
    switchMeters: '批量操作开关',
    refund: '退款',
    publishTariff: '发布价格方案',
    releaseQuarantine: '按可疑读数计费',
    changeRules: '修改防误操作规则',
  },
  en: {
    releaseInterlock: 'releasing held openings',
    switchMeters: 'switching many meters',
    refund: 'paying back money',
    publishTariff: 'publishing a tariff',
    releaseQuarantine: 'charging a doubtful reading',
    changeRules: 'changing rules that protect against mistakes',
  },
};

export function textOf(settings: NoticeSettings, kind: NoticeKind, language: NoticeLanguage): Text {
  return (
    settings.templates.find((one) => one.kind === kind && one.language === language) ?? builtInTexts[language][kind]
  );
}

const place = /\{([^{}]*)\}/g;

/** Places the kind does not have, and braces without a partner; empty when the text is good. */
export function placeMistakes(kind: NoticeKind, text: string): string[] {
  const known = placesOf[kind];
  const wrong = [...text.matchAll(place)].map((match) => match[1] ?? '').filter((name) => !Object.hasOwn(known, name));
  const rest = text.replaceAll(place, '');
  return [...wrong.map((name) => `{${name}}`), ...(/[{}]/.test(rest) ? ['{ }'] : [])];
}

/** ¥12.34: whole cents, cut off towards zero, as a notice names no more than is there. */
function money(micro: number): string {
  const cents = Math.floor(Math.abs(micro) / 10_000);
  return `${micro < 0 && cents > 0 ? '-' : ''}¥${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

function hours(value: number, language: NoticeLanguage): string {
  const days = value >= 48;
  const count = Math.floor(days ? value / 24 : value);
  if (language === 'zh') return `${count} ${days ? '天' : '小时'}`;
  return `${count} ${days ? 'days' : count === 1 ? 'hour' : 'hours'}`;
}

/** What a month like the past one would cost more or less. */
function difference(micro: number | null, language: NoticeLanguage): string {
  const zh = language === 'zh';
  if (micro === null) return zh ? '尚无用量，无法估算' : 'no use yet to compare';
  const amount = money(Math.abs(micro));
  if (amount === money(0)) return zh ? '费用不变' : 'no difference';
  if (zh) return micro > 0 ? `约多付 ${amount}` : `约少付 ${amount}`;
  return micro > 0 ? `about ${amount} more` : `about ${amount} less`;
}

export const UNKNOWN = '—';

function formatted(
  type: PlaceType,
  value: string | number | null | undefined,
  language: NoticeLanguage,
  zone: string,
): string {
  if (type === 'difference' && typeof value !== 'string') return difference(value ?? null, language);
  if (value === null || value === undefined) return UNKNOWN;
  if (type === 'alarm') return urgentAlarmWords[language][value as AlarmKind] ?? String(value);
  if (type === 'rule') return ruleWords[language][value as ApprovalRule] ?? String(value);
  if (typeof value === 'string') return value.replaceAll(/\s+/g, ' ');
  if (type === 'money') return money(value);
  if (type === 'hours') return hours(value, language);
  if (type === 'date')
    return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
      ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' },
    }).format(value);
  if (type === 'time')
    return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
      ...{ timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
      hourCycle: 'h23',
    }).format(value);
  return String(value);
}

/** Every place of the kind as text in the language; `zone` is the site's. */
export function formattedValues(
  kind: NoticeKind,
  values: NoticeValues,
  language: NoticeLanguage,
  zone: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(placesOf[kind]).map(([name, type]) => [name, formatted(type, values[name], language, zone)]),
  );
}

/** Fills once: what a value contains is never taken for a place. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(place, (whole, name: string) => values[name] ?? whole);
}

/** Without the clause about how long the balance lasts where nobody knows. */
export function withoutUnknown(text: string, { hours: left }: NoticeValues): string {
  return left === null ? text.replaceAll(/[，；,;]\s*[^，；。,;.]*\{hours\}[^，；。,;.]*/g, '') : text;
}

/** Something to show a text with while it is edited. */
export const sampleValues: NoticeValues = {
  ...{ site: '示例园区', account: '张三', room: 'A-101', meter: 'E-101', balance: 12_340_000, level: 20_000_000 },
  link: 'https://wattroom.example.com/why#…',
  ...{ hours: 6, minutes: 30, missing: 5_010_000, amount: 100_000_000, tariff: '商业分时', difference: 1_230_000 },
  ...{
    from: Date.UTC(2026, 6, 1, 0, 0),
    alarm: 'paidNotPowered',
    place: 'A-101',
    step: 2,
    by: '王工',
    reason: '水管爆裂',
    count: 48,
    what: 'refund',
    until: Date.UTC(2026, 5, 2, 4, 0),
  },
  ...{ since: Date.UTC(2026, 5, 1, 4, 0), time: Date.UTC(2026, 5, 1, 4, 0) },
};

/** What a site entered for one kind and language. */
export const textMistakes = ({ kind, subject, text }: NoticeText): string[] => [
  ...placeMistakes(kind, subject),
  ...placeMistakes(kind, text),
];
