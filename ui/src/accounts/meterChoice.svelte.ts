/** Meters of rooms, and the tariff each is to have from the opening on. */
import type { OpeningPlan } from '../../../protocol/accounts.ts';
import { query } from '../net/api.ts';
import type { RoomChoice } from './accountForm.svelte.ts';

type Meter = {
  readonly id: string;
  readonly utility: 'electricity' | 'water';
  readonly roomName: string;
  readonly tariff: string;
  readonly online: boolean;
};
type Tariff = { readonly id: string; readonly name: string; readonly utility: 'electricity' | 'water' };

export class MeterChoice {
  meters = $state.raw<readonly Meter[]>([]);
  tariffs = $state.raw<readonly Tariff[]>([]);
  /** By meter; one that is not here keeps its own. */
  chosen = $state.raw<Readonly<Record<string, string>>>({});
  #asked = '';

  constructor(plan: OpeningPlan | null) {
    const known = (plan?.meters ?? []).flatMap(({ meter, tariff }) => (tariff === null ? [] : [[meter, tariff]]));
    this.chosen = Object.fromEntries(known) as Record<string, string>;
    void query('getTariffs', {}).then((answer) => {
      if (answer.ok) this.tariffs = answer.value.items.map(({ tariff }) => tariff);
    });
  }

  /** Of tenants' meters; asked for when the rooms are others. */
  async load(rooms: readonly RoomChoice[], except: ReadonlySet<string> | null = null): Promise<void> {
    const asked = rooms.map(({ id }) => id).join(' ');
    if (asked === this.#asked) return;
    this.#asked = asked;
    const answers = await Promise.all(rooms.map(({ id }) => query('getRoom', { room: id })));
    if (this.#asked !== asked) return;
    this.meters = answers.flatMap((answer) =>
      answer.ok
        ? answer.value.meters
            .filter(({ id, role }) => role === 'tenant' && !except?.has(id))
            .map(({ id, utility, tariff, link }) => ({
              ...{ id, utility, tariff, roomName: answer.value.name, online: link === 'online' },
            }))
        : [],
    );
  }

  tariffOf({ id, tariff }: Meter): string {
    return this.chosen[id] ?? tariff;
  }
  choose({ id, tariff: own }: Meter, tariff: string): void {
    const { [id]: _before, ...others } = this.chosen;
    this.chosen = tariff === own ? others : { ...others, [id]: tariff };
  }

  /** The plan with the tariffs chosen for its meters. */
  apply(plan: OpeningPlanInput): OpeningPlanInput {
    if (Object.keys(this.chosen).length === 0) return plan;
    const wallet = plan.wallets.find(({ purpose }) => purpose !== 'fee')?.id ?? '';
    const all = plan.meters.length > 0 ? plan.meters : this.meters.map(({ id }) => ({ meter: id, wallet }));
    return { ...plan, meters: all.map((one) => ({ ...one, tariff: this.chosen[one.meter] ?? null })) };
  }
}
type OpeningPlanInput = NonNullable<Parameters<typeof import('../net/api.ts').command<'saveAccount'>>[1]['plan']>;
