/** How a commit, a snapshot and a record's index names are written in Redis (the scripts are in redisScripts.ts). */
import type { ArchivedCommit } from './archive.ts';
import type { EncodedSnapshot } from './encode.ts';

/** A commit is the stream entry `<number>-0`. */
export const numberOf = (id: string): number => Number(id.slice(0, id.indexOf('-')));

export function entryOf(id: string, message: Record<string, string>): ArchivedCommit {
  return { number: numberOf(id), atMs: Number(message.at), events: message.events ?? '', hash: message.hash ?? '' };
}

/** A snapshot is one field of a hash: a line of what is said about the state, then the state as it is. */
export function snapshotText({ commit, commitHash, schema, state, checksum }: Omit<EncodedSnapshot, 'key'>): string {
  return `${commit} ${commitHash} ${schema} ${checksum}\n${state}`;
}

/** What cannot be read comes back as a snapshot whose checksum does not fit. */
export function snapshotOf(key: string, text: string): EncodedSnapshot {
  if (text.startsWith('[')) return firstSnapshotOf(key, text);
  const end = text.indexOf('\n');
  const [commit, commitHash = '', schema, checksum = ''] = text.slice(0, Math.max(0, end)).split(' ');
  return { key, commit: Number(commit), commitHash, schema: Number(schema), state: text.slice(end + 1), checksum };
}

/** As the first releases wrote it: a JSON list. */
function firstSnapshotOf(key: string, text: string): EncodedSnapshot {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    fields = null; // unreadable: its checksum below cannot fit
  }
  const [commit, hash, schema, state, checksum] = Array.isArray(fields) ? fields : [];
  return {
    key,
    commit: Number(commit),
    commitHash: String(hash),
    schema: Number(schema),
    state: String(state),
    checksum: String(checksum),
  };
}

/** The names of the indexes a record is in: one line each, so that the script finds them without a parser. */
export const membersText = (names: readonly string[]): string => names.join('\n');
export const membersOf = (text: string): string[] => text.split('\n');
