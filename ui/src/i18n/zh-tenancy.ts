/** 账户的结束、移交与增加；告警金额、订单与单据。 */
export const zhTenancy = {
  'tenancy.held': '未再付款：应付金额超过了当时确定的数额。请重新结算；超过限额须由第二人批准。',
} as const;
