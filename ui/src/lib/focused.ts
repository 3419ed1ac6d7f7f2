/** Takes the focus when it appears, where the element that had it has gone. For `{@attach}`. */
export const focused = (element: HTMLElement): void => element.focus();
