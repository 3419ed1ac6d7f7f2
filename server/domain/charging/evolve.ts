/** The durable state of a wallet's meter after one more event. */
import { assert, assertNever } from '../assert.ts';
import type { Charging, ChargingEvent } from './state.ts';

/** `balanceMicro`: what the wallet gains by the event; negative: it went into the meter. */
export function evolveCharging(
  state: Charging,
  event: ChargingEvent,
): { readonly charging: Charging; readonly balanceMicro: number } {
  const to = (change: Partial<Charging>, balanceMicro = 0): ReturnType<typeof evolveCharging> => ({
    charging: { ...state, ...change },
    balanceMicro,
  });
  const used = { usedMicro: state.usedMicro + ('usedMicro' in event ? event.usedMicro : 0) };
  switch (event.type) {
    case 'MeterSetUp': {
      // What it held before is not ours; the start makes it nothing.
      const last = state.last ?? { ...event.found, remainingMicro: 0 };
      const { repriced: _written, ...rest } = state;
      const phase = state.phase === 'settingUp' ? ('starting' as const) : state.phase;
      return { charging: { ...rest, last, phase }, balanceMicro: 0 };
    }
    case 'MeterOrderQueued':
      return to({ queue: [...state.queue, event.order] });
    case 'MeterWriteStarted': {
      const order = state.queue.find(({ id }) => id === event.order);
      assert(order !== undefined && state.current === null, `${event.order} waits and nothing is being written`);
      const current = { ...order, count: event.count };
      return to({ current, queue: state.queue.filter((one) => one !== order) });
    }
    case 'MeterWritten': {
      assert(state.current?.id === event.order, `${event.order} is being written`);
      const phase = state.phase === 'starting' ? 'running' : state.phase;
      const back = backBy(state, -event.boughtMicro);
      return to({ ...used, ...back, current: null, held: null, last: event.standing, phase }, -event.boughtMicro);
    }
    case 'MeterUsed':
      return to({ ...used, last: event.standing });
    case 'MeterOrderDropped':
      return to({
        queue: state.queue.filter(({ id }) => id !== event.order),
        current: state.current?.id === event.order ? null : state.current,
      });
    case 'MeterHeld':
      return to({ held: event.held });
    case 'MeterFits':
      return to({ held: null });
    case 'MeterResolved': {
      const { action, standing, boughtMicro } = event;
      const { current } = state;
      if (action === 'gone') return to({ ...used, current: null, held: null, last: standing, queue: [] }, -boughtMicro);
      const again = action === 'hasNot' && current ? [withoutCount(current)] : [];
      const started = action === 'has' && state.phase === 'starting' ? { phase: 'running' as const } : {};
      const back = action === 'has' ? backBy(state, -boughtMicro) : {};
      return to(
        { ...used, ...started, ...back, current: null, held: null, last: standing, queue: [...again, ...state.queue] },
        -boughtMicro,
      );
    }
    case 'MeterPricesChosen':
      return to({ settings: { ...state.settings, pricesMicro: event.pricesMicro }, repriced: true });
    case 'MeterDrifted':
      return to({ drifts: event.on });
    case 'MeterReleased':
      return to({ released: true });
    case 'MeterSwapPrepared':
      return to({ phase: 'leaving', released: false, queue: [event.order, ...state.queue] });
    case 'MeterSwapCalledOff': {
      const { backMicro: _back, ...rest } = state;
      const queue = state.queue.filter(({ kind }) => kind !== 'empty');
      const { repriced } = event;
      const priced = repriced && {
        settings: { ...state.settings, pricesMicro: repriced.pricesMicro },
        last: state.last && { ...state.last, remainingMicro: repriced.remainingMicro },
      };
      const line = { phase: 'running' as const, queue: event.order ? [event.order, ...queue] : queue };
      const again = { ...rest, ...line, ...priced };
      return { charging: again, balanceMicro: 0 };
    }
    case 'MeterSwapped': {
      const { backMicro: _back, repriced: _old, ...rest } = state;
      const { queue, pricesMicro } = event;
      const fresh = { phase: 'settingUp' as const, released: false, last: null, current: null, held: null };
      const charging = { ...rest, ...used, ...fresh, queue, settings: { ...state.settings, pricesMicro } };
      return { charging, balanceMicro: event.backMicro };
    }
    case 'MeterEnding': {
      const { backMicro: _back, ...rest } = state;
      return { charging: { ...rest, phase: 'ending', released: false, tenancy: event.tenancy }, balanceMicro: 0 };
    }
    case 'MeterEnded':
      return to({ phase: 'ended', queue: [], last: state.last && { ...state.last, remainingMicro: 0 } });
    default:
      return assertNever(event);
  }
}

/** All of it has come back from a meter that another one follows. */
const backBy = ({ phase, current }: Charging, backMicro: number): Partial<Charging> =>
  phase === 'leaving' && current?.kind === 'empty' ? { backMicro } : {};

export function withoutCount({ count: _count, ...order }: NonNullable<Charging['current']>): Charging['queue'][number] {
  return order;
}
