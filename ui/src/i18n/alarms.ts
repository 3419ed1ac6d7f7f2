/** What each alarm says and what to do about it. An alarm without an action would be an event. */
import type { AlarmKind } from '../../../protocol/wall.ts';
import type { Language } from './translate.ts';

type Texts = Readonly<Record<AlarmKind, { readonly title: string; readonly todo: string }>>;

const en: Texts = {
  flowThroughOpen: {
    title: 'Flow through an open breaker or valve',
    todo: 'Send maintenance to the meter; do not close it again. Check for a bypass or a welded contact.',
  },
  paidNotPowered: {
    title: 'Paid, but not powered',
    todo: 'Send maintenance to close it by hand. The system goes on trying.',
  },
  storeAway: {
    title: 'The store is away, money is on hold',
    todo: 'Check the database server, its disk and the network to it. Recharges resume by themselves.',
  },
  ledgerNotZero: {
    title: 'The ledger does not sum to zero',
    todo: 'Stop recharges and refunds, keep the data folder, call the administrator.',
  },
  actorParked: {
    title: 'A part of the core is parked after a fault',
    todo: 'See the System screen for its name and call the administrator. The others go on.',
  },
  emergencyCut: {
    title: 'Emergency cut in force',
    todo: 'Deal with the cause on site. Restore in steps under Emergency once it is safe.',
  },
  lineDead: {
    title: 'Line is dead',
    todo: 'Check the power and network of the serial server, then the bus wiring from its end.',
  },
  meterSilent: {
    title: 'Meter is silent',
    todo: 'Check its supply, its address and its bus terminals. It is not charged or cut meanwhile.',
  },
  quarantine: {
    title: 'Doubtful reading held, no money moved',
    todo: 'Compare with the display of the meter. Open the room and release or discard the reading.',
  },
  safetyLock: {
    title: 'Safety lock after a malignant load',
    todo: 'Inspect the room. Release the lock only when the load is gone.',
  },
  valveAbnormal: {
    title: 'Valve abnormal',
    todo: 'Check whether the valve is stuck and whether water still flows.',
  },
  interlockHolding: {
    title: 'Mass-cut interlock holds openings for money',
    todo: 'Find out why so many wallets ran out at once. Release only if they really did.',
  },
  cutHeld: {
    title: 'A cut for money is held',
    todo: 'See the hold in the room; the balance goes on falling meanwhile.',
  },
  tripFailed: {
    title: 'Breaker did not open',
    todo: 'Send maintenance. The room goes on using without money.',
  },
  meterMoney: {
    title: 'Money in the meter is not what we booked',
    todo: 'Look at the meter under "Money in meters" and say what became of the order. Nothing is booked before that.',
  },
  meterDrift: {
    title: 'The meter charges otherwise than we would',
    todo: 'Compare its prices, bands and clock with the tariff.',
  },
  wrongMeter: {
    title: 'Another meter answers at this address',
    todo: 'Check for a swapped meter or a doubled address. Nothing is charged until it is settled.',
  },
  forcedModeLost: {
    title: 'Meter had left forced mode',
    todo: 'It was put back. Find out who operated the meter on site.',
  },
  clockJump: {
    title: 'The server clock jumped',
    todo: 'Check time synchronisation of the server. The interval is marked estimated.',
  },
  clockDrift: { title: 'Meter clock is off', todo: 'Set the clock of the meter; its bands may be wrong.' },
  batteryLow: { title: 'Meter battery is low', todo: 'Plan a replacement.' },
  reverseEnergy: {
    title: 'Reverse energy',
    todo: 'Check the direction of the current transformers, or a source behind the meter.',
  },
  lostPhase: { title: 'A phase is missing', todo: 'Check fuses and voltage leads of the meter.' },
  flappingLink: { title: 'The link comes and goes', todo: 'Check terminals, shielding and termination of the bus.' },
};

const zh: Texts = {
  flowThroughOpen: { title: '分闸（关阀）后仍有流量', todo: '派人到现场检查是否绕接或触点粘连，切勿再次合闸。' },
  paidNotPowered: { title: '已缴费但未供电', todo: '派人到现场手动合闸，系统会继续尝试。' },
  storeAway: { title: '存储不可用，资金暂停', todo: '检查数据库服务器、磁盘和网络，恢复后充值自动继续。' },
  ledgerNotZero: { title: '账目合计不为零', todo: '停止充值和退款，保留数据目录，联系管理员。' },
  actorParked: { title: '核心的一部分因故障停用', todo: '在“系统”页查看名称并联系管理员，其余部分照常运行。' },
  emergencyCut: { title: '紧急断电中', todo: '先处理现场险情，确认安全后在“紧急断电”中分批恢复。' },
  lineDead: { title: '线路中断', todo: '检查串口服务器的电源和网络，再从首端检查总线接线。' },
  meterSilent: { title: '表计无应答', todo: '检查表计供电、地址和总线端子。期间不计费、不断电。' },
  quarantine: { title: '读数可疑已暂存，未动资金', todo: '与表计显示核对，打开房间后放行或作废该读数。' },
  safetyLock: { title: '恶性负载，安全锁定', todo: '到房间检查，确认负载移除后再解除锁定。' },
  valveAbnormal: { title: '阀门异常', todo: '检查阀门是否卡住、是否仍有水流。' },
  interlockHolding: { title: '批量断电联锁拦下欠费分闸', todo: '查明为何大量余额同时用尽，确认属实后再放行。' },
  cutHeld: { title: '欠费分闸被暂缓', todo: '在房间内查看暂缓原因，期间余额会继续下降。' },
  tripFailed: { title: '分闸未成功', todo: '派人到现场处理，该房间仍在无余额用电。' },
  meterMoney: { title: '表内余额与平台账目不符', todo: '在“表内余额”中查看该表并确认订单结果，确认前不记账。' },
  meterDrift: { title: '表计扣费与平台计价有偏差', todo: '请核对表内电价、时段与时钟是否与电价方案一致。' },
  wrongMeter: { title: '该地址由另一块表应答', todo: '检查是否换表或地址重复，处理完之前不计费。' },
  forcedModeLost: { title: '表计曾退出强控模式', todo: '已恢复强控，请查明现场操作人。' },
  clockJump: { title: '服务器时钟跳变', todo: '检查服务器对时，该时段已标记为估算。' },
  clockDrift: { title: '表计时钟偏差', todo: '请校准表计时钟，否则分时电量可能有误。' },
  batteryLow: { title: '表计电池电量低', todo: '请安排更换。' },
  reverseEnergy: { title: '出现反向电量', todo: '检查互感器方向，或表后是否有电源。' },
  lostPhase: { title: '缺相', todo: '检查表计的熔断器和电压接线。' },
  flappingLink: { title: '通信时断时续', todo: '检查总线端子、屏蔽和终端电阻。' },
};

export const alarmTexts: Readonly<Record<Language, Texts>> = { en, zh };

/** Why a reading is doubtful, as the core names it. */
export const doubtTexts: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    backwards: 'it went backwards',
    jump: 'a step beyond the rating',
    notANumber: 'not a number',
    allOnes: 'all bits set',
    wrongNumber: "another meter's number",
  },
  zh: {
    backwards: '读数倒走',
    jump: '增量超过额定',
    notANumber: '不是数值',
    allOnes: '全 1 数据',
    wrongNumber: '表号不符',
  },
};
