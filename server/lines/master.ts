/** One request at a time over a LinePort; modbus-serial encodes it, decodes the reply and knows the exceptions. */
import modbusSerial from 'modbus-serial';
import { assert, assertNever } from '../domain/assert.ts';
import { LinePort, type PortDeps, type PortFailure, type PortSettings } from './port.ts';

const ModbusRTU = modbusSerial.default;

export type Operation =
  | {
      readonly kind: 'read';
      readonly unitId: number;
      readonly fn: 3 | 4;
      readonly address: number;
      readonly count: number;
    }
  | {
      readonly kind: 'write';
      readonly unitId: number;
      readonly fn: 6 | 16;
      readonly address: number;
      readonly values: readonly number[];
      /** Asked right before the bytes go out; no withdraws the write. */
      readonly stillWanted: () => boolean;
    };

export type Answer =
  | { readonly ok: true; readonly registers: readonly number[] }
  | { readonly ok: false; readonly reason: PortFailure }
  | { readonly ok: false; readonly reason: 'exception'; readonly code: number };

export interface Master {
  /** Asserts that no other request is in flight. `done` may be called before this returns (line down). */
  run(operation: Operation, done: (answer: Answer) => void): void;
  readonly busy: boolean;
  up(): void;
  down(): void;
  receive(bytes: Uint8Array): void;
}

export function createMaster(settings: PortSettings, deps: Omit<PortDeps, 'failed' | 'mayGo'>): Master {
  let pending: ((answer: Answer) => void) | null = null;
  let mayGo: () => boolean = () => true;
  const settle = (answer: Answer): void => {
    const done = pending;
    assert(done !== null, 'an answer without a request');
    pending = null;
    done(answer);
  };
  const port = new LinePort(settings, {
    ...deps,
    failed: (reason) => settle({ ok: false, reason }),
    mayGo: () => mayGo(),
  });
  const modbus = new ModbusRTU(port);
  modbus.open(() => undefined);

  return {
    get busy() {
      return pending !== null;
    },
    up: () => port.up(),
    down: () => port.down(),
    receive: (bytes) => port.receive(bytes),
    run(operation: Operation, done: (answer: Answer) => void): void {
      assert(pending === null, 'two requests on one line');
      pending = done;
      mayGo = operation.kind === 'write' ? operation.stillWanted : () => true;
      if (!port.isOpen) return settle({ ok: false, reason: 'lineDown' });
      send(modbus, operation, (error, registers) => settle(error === null ? { ok: true, registers } : refused(error)));
    },
  };
}

type Reply = (error: unknown, registers: readonly number[]) => void;

/** The write functions carry the unit themselves: `setID` would be shared state. */
function send(modbus: InstanceType<typeof ModbusRTU>, operation: Operation, reply: Reply): void {
  const { unitId, address } = operation;
  if (operation.kind === 'read') {
    const read = (error: unknown, result: { readonly data: readonly number[] } | undefined): void =>
      reply(error ?? null, result?.data ?? []);
    return operation.fn === 3
      ? modbus.writeFC3(unitId, address, operation.count, read)
      : modbus.writeFC4(unitId, address, operation.count, read);
  }
  const written = (error: unknown): void => reply(error ?? null, []);
  const { fn, values } = operation;
  switch (fn) {
    case 6: {
      const [value] = values;
      assert(value !== undefined && values.length === 1, 'function 6 writes one register');
      return modbus.writeFC6(unitId, address, value, written);
    }
    case 16:
      return modbus.writeFC16(unitId, address, [...values], written);
    default:
      return assertNever(fn);
  }
}

/** The port lets nothing through but the expected frame or an exception, so any other error is a broken invariant. */
function refused(error: unknown): Answer {
  const code = error instanceof Error && 'modbusCode' in error ? error.modbusCode : null;
  assert(typeof code === 'number', `modbus-serial: ${String(error)}`);
  return { ok: false, reason: 'exception', code };
}
