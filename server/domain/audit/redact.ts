/** What of parameters and values may stand in a log that is never forgotten. */
import type { Json, JsonObject } from '../json.ts';

/** Whatever their depth: the log says that they were given, not what they were. */
const secrets = new Set([
  ...['password', 'old', 'passwordHash', 'token', 'tokenHash', 'secret', 'csrf', 'session', 'invitation'],
  ...['p256dh', 'auth', 'apiKey', 'key'],
]);
/** Of these the last four characters tell them apart. */
const personal = new Set(['phone', 'idNumber', 'email']);
export const HIDDEN = '•';

const TEXT_MAX = 500;
const ITEMS_MAX = 200;
/** Of the parameters, and of each value before and after: a commit holds many entries. */
const VALUE_MAX = 4_096;

/** JSON of it without secrets, and without what is too long; keys that are `undefined` are absent. */
export function redacted(value: unknown, key = ''): Json {
  if (secrets.has(key) && value !== null && value !== undefined) return HIDDEN;
  if (typeof value === 'string') {
    if (personal.has(key) && value !== '') return `${HIDDEN}${value.length > 4 ? value.slice(-4) : ''}`;
    return value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}… (${value.length})` : value;
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
  if (Array.isArray(value)) {
    const items = value.slice(0, ITEMS_MAX).map((one) => redacted(one, key));
    return value.length > ITEMS_MAX ? [...items, `… (${value.length})`] : items;
  }
  if (typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, one]) => (one === undefined ? [] : [[name, redacted(one, name)]])),
    );
  return String(value);
}

/** Fields that are too large together say how large they are. */
export function bounded(value: JsonObject): JsonObject {
  if (JSON.stringify(value).length <= VALUE_MAX) return value;
  const share = VALUE_MAX / Math.max(1, Object.keys(value).length);
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, ITEMS_MAX)
      .map(([key, one]) => {
        const length = JSON.stringify(one).length;
        return [key, length <= Math.max(64, share) ? one : `… (${length})`];
      }),
  );
}

export function redactedObject(value: unknown): JsonObject {
  const json = redacted(value);
  if (json === null || typeof json !== 'object' || Array.isArray(json)) return bounded({ value: json });
  return bounded(json as JsonObject);
}

/** The fields that differ, before and after; null where none does. A field that is absent is null. */
export function difference(
  before: object | null,
  after: object | null,
): { readonly before: JsonObject; readonly after: JsonObject } | null {
  const was = { ...before } as Readonly<Record<string, unknown>>;
  const is = { ...after } as Readonly<Record<string, unknown>>;
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (name) => JSON.stringify(was[name] ?? null) !== JSON.stringify(is[name] ?? null),
  );
  if (names.length === 0) return null;
  const pick = (from: Readonly<Record<string, unknown>>): JsonObject =>
    redactedObject(Object.fromEntries(names.map((name) => [name, from[name] ?? null])));
  return { before: pick(was), after: pick(is) };
}
