/** A tariff being edited: a plain copy, what is wrong with it by path, and what was charged and must stay. */
import { calendarFaults, type CalendarFault } from '../../../protocol/tariffCalendar.ts';
import { tariffSchema, type Tariff, type TariffVersion } from '../../../protocol/tariff.ts';

export const emptyVersion = (from: string): TariffVersion => ({
  from,
  components: [{ name: 'energy', price: '0.6000' }],
});
export const emptyTariff = (from: string): Tariff => ({
  ...{ id: '', name: '', utility: 'electricity', holidays: {} },
  versions: [emptyVersion(from)],
});

export class TariffDraft {
  /** Deep: every field of the form writes into it. */
  value = $state() as Tariff;
  readonly isNew: boolean;
  readonly #before: readonly string[];
  /** Local minute up to which it has been charged; null: nothing has. */
  readonly chargedUntil: string | null;

  constructor(tariff: Tariff, isNew: boolean, chargedUntil: string | null) {
    this.value = structuredClone(tariff);
    this.isNew = isNew;
    this.#before = isNew ? [] : tariff.versions.map((version) => JSON.stringify(version));
    this.chargedUntil = chargedUntil;
  }

  readonly checked = $derived(tariffSchema.safeParse($state.snapshot(this.value)));
  readonly wrong = $derived.by((): Readonly<Record<string, string>> => {
    if (this.checked.success) return {};
    return Object.fromEntries(this.checked.error.issues.map((issue) => [issue.path.join('.'), issue.message]));
  });

  /** Of the calendars that are to be published; those that hold already stay as they are. */
  readonly faults = $derived(
    this.value.versions.map((version): readonly CalendarFault[] =>
      this.#before.includes(JSON.stringify(version)) ? [] : calendarFaults(version.calendar ?? [], this.value.holidays),
    ),
  );
  readonly fits = $derived(this.checked.success && this.faults.every((faults) => faults.length === 0));

  /** Charged by: it stays as it is. */
  kept(version: TariffVersion): boolean {
    return !this.isNew && this.chargedUntil !== null && version.from <= this.chargedUntil;
  }

  wrongAt(path: string): string | undefined {
    return this.wrong[path];
  }
  /** Something anywhere below a path. */
  wrongBelow(path: string): readonly string[] {
    return Object.entries(this.wrong).flatMap(([at, message]) => (at.startsWith(`${path}.`) ? [message] : []));
  }
}
