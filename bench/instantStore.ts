/** A store that answers at once and forgets: what remains are the actors. */
import { MemoryDisk, MemoryStore } from '../test/tools/memoryStore.ts';
import type { Batch, Head } from '../server/store/store.ts';

export class InstantStore extends MemoryStore {
  constructor() {
    super(new MemoryDisk());
  }

  override async commit(batch: Batch): Promise<Head> {
    const head = await super.commit(batch);
    this.disk.entries = [];
    this.disk.snapshots.clear();
    this.disk.records.clear();
    return head;
  }
}
