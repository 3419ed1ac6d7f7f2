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
      return to({ ...used, current: null, held: null, last: event.standing, phase }, -event.boughtMicro);
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
      return to(
        { ...used, ...started, current: null, held: null, last: standing, queue: [...again, ...state.queue] },
        -boughtMicro,
      );
    }
    case 'MeterPricesChosen':
      return to({ settings: { ...state.settings, pricesMicro: event.pricesMicro }, repriced: true });
    case 'MeterDrifted':
      return to({ drifts: event.on });
    case 'MeterReleased':
      return to({ released: true });
    case 'MeterEnding':
      return to({ phase: 'ending', released: false, tenancy: event.tenancy });
    case 'MeterEnded':
      return to({ phase: 'ended', last: state.last && { ...state.last, remainingMicro: 0 } });
    default:
      return assertNever(event);
  }
}

function withoutCount({ count: _count, ...order }: NonNullable<Charging['current']>): Charging['queue'][number] {
  return order;
}
