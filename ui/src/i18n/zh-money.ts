import type { enMoney } from './en-money.ts';

export const zhMoney: Readonly<Record<keyof typeof enMoney, string>> = {};
