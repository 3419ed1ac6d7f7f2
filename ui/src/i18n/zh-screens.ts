import type { enScreens } from './en-screens.ts';

export const zhScreens: Readonly<Record<keyof typeof enScreens, string>> = {};
