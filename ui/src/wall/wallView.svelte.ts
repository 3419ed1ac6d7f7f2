/** What the operator chose to see of the wall; kept while screens change. */
import type { Utility } from '../../../protocol/site.ts';
import { fits, filters, utilityOf, type Filter } from './look.ts';
import type { RoomRow } from './wallModel.svelte.ts';

export const modes = ['byPlace', 'byAction', 'asList'] as const;
export type Mode = (typeof modes)[number];

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/** Room, tenant or meter id holds the text. */
function holds(row: RoomRow, text: string): boolean {
  const { tile } = row;
  const parts = [row.name, row.id, tile?.tenant, tile?.electricity?.meter, tile?.water?.meter];
  return parts.some((part) => part !== undefined && part !== null && folded(part).includes(text));
}

class WallView {
  utility = $state<Utility>('electricity');
  mode = $state<Mode>('byPlace');
  search = $state('');
  chosen = $state.raw<readonly Filter[]>([]);
  /** Rooms with a meter whose printed number holds the text: the wall carries no numbers, the core is asked. */
  numbered = $state.raw<ReadonlySet<string>>(new Set());
  /** The room the keyboard is on. */
  focused = $state.raw<RoomRow | null>(null);
  readonly #text = $derived(folded(this.search.trim()));

  get narrowed(): boolean {
    return this.#text !== '' || this.chosen.length > 0;
  }

  toggle(filter: Filter): void {
    const next = this.chosen.includes(filter)
      ? this.chosen.filter((each) => each !== filter)
      : [...this.chosen, filter];
    this.chosen = filters.filter((each) => next.includes(each));
  }

  clear(): void {
    this.search = '';
    this.chosen = [];
  }

  /** Every word of the search and any of the filters. */
  matches(row: RoomRow): boolean {
    if (this.#text !== '' && !holds(row, this.#text) && !this.numbered.has(row.id)) return false;
    const { tile } = row;
    if (this.chosen.length === 0) return true;
    return tile !== null && this.chosen.some((filter) => fits(tile, this.utility, filter));
  }

  /** W or litres an hour of a room; 0 while unknown. */
  rate(row: RoomRow): number {
    const part = row.tile === null ? null : utilityOf(row.tile, this.utility);
    return part?.rate ?? 0;
  }
}

export const wallView = new WallView();
