# SPDX-License-Identifier: Apache-2.0
"""What the tunnel adds to a debugger's packet, on a running farm with a virtual board, one packet at a time:

    ASSAY_BUILD_DIR=build/release build/venv/bin/python -m tests.bench.tunnel [--packets N]

  direct    to OpenOCD's gdb server over loopback, as on the rack's own host
  tunnel    the same packet to the same server: websocket to the daemon, the agent's link, the gdb server, and back
  beside    the tunnel again, while a second board's debugger reads memory without a pause

The server answers the packet by itself: what is measured is the way, not the probe. Then how much
dumps of memory carry, and a bare loopback round trip as the physical limit."""

import argparse
import contextlib
import re
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.bench.latency import loopback_ms, show
from tests.support.farm import Farm, virtual_board
from tests.support.processes import wait_until
from tests.support.tunnel import DATA, GDB, OPENED, Channel, Tunnel

PACKET = b"qC"
DUMP_BYTES = 4096


def packed(body: bytes) -> bytes:
    return b"$" + body + b"#%02x" % (sum(body) & 0xFF)


class Debugger:
    """Just enough of gdb's protocol: one packet, one answer; acknowledged as gdb does by default."""

    def __init__(self, write: Callable[[bytes], None], read: Callable[[], bytes]) -> None:
        self.write = write
        self.read = read
        self.data = b""

    def ask(self, body: bytes) -> bytes:
        self.write(packed(body))
        while not (found := re.search(rb"\$([^#]*)#..", self.data)):
            self.data += self.read()
        self.data = self.data[found.end() :]
        self.write(b"+")
        return found.group(1)


@contextlib.contextmanager
def direct(port: int) -> Iterator[Debugger]:
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(b"+")
        yield Debugger(sock.sendall, lambda: sock.recv(65536))


@contextlib.contextmanager
def tunnelled(farm: Farm, lease: int) -> Iterator[Debugger]:
    with connect(
        f"{farm.url.replace('http', 'ws')}/api/v1/leases/{lease}/tunnel",
        subprotocols=[Subprotocol("assay-tunnel-1")],
        additional_headers={"Authorization": f"Bearer {farm.token}"},
        compression=None,
    ) as live:
        tunnel = Tunnel(live.send)

        def read_all() -> None:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    data = live.recv()
                    if isinstance(data, bytes):
                        tunnel.take(data)

        thread = threading.Thread(target=read_all)
        thread.start()
        channel = tunnel.open(GDB)
        channel.next(OPENED)
        channel.write(b"+")
        yield Debugger(channel.write, lambda: read_one(channel))
        channel.close()
        live.close()
        thread.join()


def read_one(channel: Channel) -> bytes:
    body = channel.next(DATA).data
    channel.give(len(body))
    return body


def lease(farm: Farm, board: str) -> tuple[int, int]:
    """Its number, and the port of the board's gdb server."""
    answer = farm.api("POST", "leases", json={"board": board, "for_ms": 3600_000, "grace_ms": 0})
    assert answer.status_code == 201, answer.text
    number = int(answer.json()["lease"]["id"])
    pattern = rf"{board}: held for \d+ s, gdb server on port (\d+)"
    found = wait_until("the board", lambda: re.search(pattern, farm.log("agent.log", 1 << 20)))
    return number, int(found.group(1))


def round_trips_ms(debugger: Debugger, packets: int) -> list[float]:
    times = []
    for _ in range(packets):
        begun = time.perf_counter()
        debugger.ask(PACKET)
        times.append((time.perf_counter() - begun) * 1e3)
    return times


def dump_mb_s(debugger: Debugger, count: int = 50) -> float:
    begun = time.perf_counter()
    for _ in range(count):
        assert len(debugger.ask(b"m20000000,%x" % DUMP_BYTES)) == 2 * DUMP_BYTES
    return 2 * DUMP_BYTES * count / 1e6 / (time.perf_counter() - begun)


@contextlib.contextmanager
def busy(farm: Farm, other: int) -> Iterator[None]:
    """The second board's memory is read all the time."""
    over = threading.Event()

    def dump() -> None:
        with tunnelled(farm, other) as debugger:
            while not over.is_set():
                debugger.ask(b"m20000000,%x" % DUMP_BYTES)

    thread = threading.Thread(target=dump)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=2000)
    packets = parser.parse_args().packets
    with tempfile.TemporaryDirectory() as directory:
        farm = Farm(Path(directory), [virtual_board("mb1", "microbit"), virtual_board("mb2", "microbit")]).start()
        try:
            first, port = lease(farm, "mb1")
            second, _ = lease(farm, "mb2")
            show("loopback round trip", loopback_ms())
            with direct(port) as debugger:
                round_trips_ms(debugger, 100)
                show("gdb packet, direct", round_trips_ms(debugger, packets))
                print(f"{'memory, direct':30} {dump_mb_s(debugger):8.2f} MB/s")
            with tunnelled(farm, first) as debugger:
                round_trips_ms(debugger, 100)
                show("gdb packet, tunnel", round_trips_ms(debugger, packets))
                print(f"{'memory, tunnel':30} {dump_mb_s(debugger):8.2f} MB/s")
            with busy(farm, second), tunnelled(farm, first) as debugger:
                show("gdb packet, tunnel, beside", round_trips_ms(debugger, packets))
        finally:
            farm.stop()


if __name__ == "__main__":
    main()
