/** Journals as a crash could have left them. */
import type { JournalEntry } from '../../server/store/store.ts';
import { MemoryDisk } from './memoryStore.ts';

/** The journal as it could have been cut: what one actor wrote in its turn stays together, nothing else does. */
export function finest(disk: MemoryDisk): JournalEntry[] {
  const turns = disk.entries.flatMap(({ atMs, events }) => {
    const runs: { atMs: number; events: (typeof events)[number][] }[] = [];
    for (const event of events) {
      const last = runs.at(-1);
      const before = last?.events[0]?.key;
      // An account's configuration follows its tenancy in the same turn.
      if (before === event.key || before === event.key.replace('account:', 'tenancy:')) last?.events.push(event);
      else runs.push({ atMs, events: [event] });
    }
    return runs;
  });
  return turns.map(({ atMs, events }, i) => ({ number: i + 1, atMs, hash: `h${i + 1}`, events }));
}

export function cutAt(disk: MemoryDisk, entries: readonly JournalEntry[]): MemoryDisk {
  const part = new MemoryDisk();
  part.siteId = disk.siteId;
  part.entries = [...entries];
  const last = part.entries.at(-1);
  if (last) part.head = { number: last.number, hash: last.hash };
  return part;
}
