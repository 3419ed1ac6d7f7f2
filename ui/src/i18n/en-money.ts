export const enMoney = {} as const;
