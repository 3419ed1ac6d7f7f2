import type { enChargingSwap } from './en-chargingSwap.ts';

export const zhChargingSwap: Readonly<Record<keyof typeof enChargingSwap, string>> = {
  'meterMoney.phase.leaving': '换表前正在取回表内余额',
  'meterMoney.phase.back': '已取回 {amount}，等待写入新表。请现在换表并登记；在此之前保持合闸。',
  'meterMoney.tables.writing': '正在写入时段表',
  'meterMoney.tables.asTariff': '时段表已回读，与电价方案一致',
  'meterMoney.tables.differ': '时段表与电价方案不一致，请查看表计参数',
  'meterMoney.tables.unknown': '时段表尚未读取',
  'meterMoney.tables.cannot': '电价方案的时段超出电表能力，请留意差额',
  'meterMoney.takeBack': '取回余额…',
  'meterMoney.takeBackTitle': '换表前取回余额',
  'meterMoney.takeBackEffect': '取回电表 {meter} 的全部余额，登记新表前保持合闸。其间的充值写入新表。',
  'meterMoney.putBack': '不换了…',
  'meterMoney.putBackTitle': '不换表',
  'meterMoney.putBackEffect': '把 {amount} 重新写入电表 {meter}，恢复自行扣费。',
  'meterMoney.swapBack': '旧表余额已取回：{amount}，连同其间的充值一并写入新表。',
  'meterMoney.swapTyped':
    '旧表仍存有余额。若能通信，请先关闭本窗口并取回余额；若不能，请填写旧表显示的余额：用量照常入账，其余写入新表，用量无法解释的差额记入表计差额。',
  'meterMoney.swapLeft': '旧表剩余金额（元）',
  'meterMoney.swapLeftCubic': '旧表剩余水量（m³）',
  'meterMoney.cubicWrong': '单位为 m³，最多三位小数，例如 4.125',
  'meterMoney.litresHint':
    '表内存放水量，按初始化时的水价折成整升，不足一升的留在钱包。水价变动后，取回再重新写入才生效。',
  'meterMoney.swapLeftHint': '平台账面 {amount}（{time}）。负数为欠费。',
  'meterMoney.swapLeftWrong': '单位为元，最多两位小数，例如 12.30',
  'meterMoney.swapHasOrder': '正在写入的第 {count} 次（{amount}）已包含在内',
  'meterMoney.multiplierCannot':
    '该表按表内电价自行扣费，电价未必对应互感器一次侧，因此不允许改变倍率。如需更换互感器，请先销户（表内余额随之取回），更换后以平台预付费重新开户。',
  'statement.ourPrice': '按平台计价为 {amount}',
  'event.MeterSwapPrepared': '换表前取回表内余额',
  'event.MeterSwapCalledOff': '不换表：余额重新写入电表',
};
