export const enScreens = {} as const;
