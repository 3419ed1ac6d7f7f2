/** `Firefox · Windows` of a User-Agent; what is not recognised is shown as it was sent, shortened. */
const browsers = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['MicroMessenger/', '微信'],
  ['Firefox/', 'Firefox'],
  ['HeadlessChrome/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const systems = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
] as const;

export function browserName(agent: string): string {
  const named = (table: readonly (readonly [string, string])[]): string | undefined =>
    table.find(([mark]) => agent.includes(mark))?.[1];
  const parts = [named(browsers), named(systems)].filter((part) => part !== undefined);
  if (parts.length > 0) return parts.join(' · ');
  return agent === '' ? '—' : agent.slice(0, 40);
}
