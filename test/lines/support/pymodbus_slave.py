"""A Modbus slave by pymodbus (Debian's 3.0.0rc1): prints its port, then serves a DDSY1352, an SDM120 and a water meter.

Usage: pymodbus_slave.py rtu|socket. Ends with its standard input.
"""
import asyncio
import struct
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer


def words(fmt, value):
    raw = struct.pack(fmt, value)
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw), 2)]


class Meter(ModbusSequentialDataBlock):
    """Registers from 0, with a call after each write."""

    def __init__(self, size, on_write=None):
        super().__init__(0, [0] * size)
        self.on_write = on_write

    def put(self, address, values):
        super().setValues(address, values)

    def setValues(self, address, values):
        super().setValues(address, values)
        if self.on_write is not None:
            self.on_write(self, address, values)


def ddsy_written(meter, address, values):
    if address == 0x57 and len(values) == 2:
        closed = values[0] == 1 and values[1] == 0
        meter.put(0x224, [(0x2000 if closed else 0) | (0x0008 if values[0] == 1 else 0)])
        meter.put(0x204, [123 if closed else 0])


def water_written(meter, address, values):
    if address == 0x1C:
        meter.put(0x1C, [1 if values[0] == 1 else 2])


ddsy = Meter(0x240, ddsy_written)
ddsy.put(0x43, [0x2203, 0x0100, 0x0017])
ddsy.put(0x200, [7, 2301])
ddsy.put(0x215, words(">I", 7_654_321))
ddsy_written(ddsy, 0x57, [1, 0])

sdm = Meter(0x160)
sdm.put(0x00, words(">f", 230.5))
sdm.put(0x48, words(">f", 1234.5))
sdm.put(0x4A, words(">f", 0.25))

water = Meter(0x40, water_written)
water.put(0x01, words("<f", 12.5))
water.put(0x12, [0, 0, 0x12, 0x3456])
water.put(0x1C, [1])


async def main():
    slaves = {
        1: ModbusSlaveContext(hr=ddsy, zero_mode=True),
        2: ModbusSlaveContext(ir=sdm, zero_mode=True),
        3: ModbusSlaveContext(hr=water, zero_mode=True),
    }
    framer = ModbusRtuFramer if sys.argv[1] == "rtu" else ModbusSocketFramer
    context = ModbusServerContext(slaves=slaves, single=False)
    server = ModbusTcpServer(context, framer, None, ("127.0.0.1", 0), ignore_missing_slaves=True)
    task = asyncio.ensure_future(server.serve_forever())
    await server.serving
    print(server.server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_event_loop().run_in_executor(None, sys.stdin.read)
    task.cancel()


asyncio.run(main())
