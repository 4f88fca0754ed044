# SPDX-License-Identifier: Apache-2.0
"""The frames of tunnels to leased boards, as core/tunnel/frame.h has them, for tests that speak them by hand."""

import struct
from typing import NamedTuple

OPEN, OPENED, DATA, CREDIT, CLOSE = 1, 2, 3, 4, 5
GDB, CONSOLE = 0, 1
DONE, LEASE_OVER, NOT_HELD, BUSY, NO_SERVICE, LOST, FAULT = range(7)
WINDOW = 128 << 10


class Frame(NamedTuple):
    kind: int
    channel: int
    run: int = 0
    fence: int = 0
    credit: int = 0
    service: int = 0
    end: int = 0
    data: bytes = b""

    def encode(self) -> bytes:
        head = struct.pack(">BI", self.kind, self.channel)
        if self.kind == OPEN:
            return head + struct.pack(">QQIB", self.run, self.fence, self.credit, self.service)
        if self.kind in (OPENED, CREDIT):
            return head + struct.pack(">I", self.credit)
        if self.kind == CLOSE:
            return head + bytes([self.end]) + self.data
        return head + self.data


def decode(message: bytes) -> Frame:
    kind, channel = struct.unpack_from(">BI", message)
    rest = message[5:]
    if kind == OPEN:
        run, fence, credit, service = struct.unpack(">QQIB", rest)
        return Frame(kind, channel, run, fence, credit, service)
    if kind in (OPENED, CREDIT):
        return Frame(kind, channel, credit=struct.unpack(">I", rest)[0])
    if kind == CLOSE:
        return Frame(kind, channel, end=rest[0], data=rest[1:])
    assert kind == DATA, message
    return Frame(kind, channel, data=rest)
