/** About how long a value's JSON is, in UTF-8 bytes: for filling commits, without writing the text twice. */

/** Nothing the core stores has longer numbers: a safe integer has 16 digits. */
const NUMBER_LENGTH = 12;

/** Ids and names are shorter and have nothing to escape; free text is measured. */
const PLAIN_MAX = 40;

/** Numbers are taken as of middle length; the store checks the exact bounds. */
export function jsonSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return value.length > PLAIN_MAX ? Buffer.byteLength(JSON.stringify(value)) + 1 : Buffer.byteLength(value) + 3;
    case 'number':
      return NUMBER_LENGTH;
    case 'object': {
      if (value === null) return 5;
      let size = 2;
      if (Array.isArray(value)) for (const item of value) size += jsonSize(item);
      else for (const key in value) size += key.length + 3 + jsonSize((value as Record<string, unknown>)[key]);
      return size;
    }
    default:
      return 6;
  }
}
