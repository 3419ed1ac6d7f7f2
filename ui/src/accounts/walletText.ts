/** What a wallet is called: its name with its number, or its number alone. */
export const walletText = ({ id, name }: { readonly id: string; readonly name: string }): string =>
  name === '' ? id : `${name} (${id})`;
