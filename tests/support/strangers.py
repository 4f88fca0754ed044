# SPDX-License-Identifier: Apache-2.0
"""What the image lwip-mps2-an385 needs of a host: settings written into it, and servers that send back what comes."""

import contextlib
import selectors
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

BEHAVES, FAILS_LATE, FAULTS_LATE, BITTEN, STOPS_IN_A_LINE, FLOODS, SEMIHOSTS = range(7)


@dataclass(frozen=True)
class Settings:
    """As in tests/images/lwip/settings.h."""

    tcp_echo_port: int = 0
    udp_echo_port: int = 0
    seconds: int = 3
    misbehaviour: int = BEHAVES


def _tool(name: str, *argv: str | Path) -> list[list[str]]:
    done = subprocess.run([f"arm-none-eabi-{name}", *map(str, argv)], check=True, capture_output=True, text=True)
    return [line.split() for line in done.stdout.splitlines()]


def with_settings(image: Path, settings: Settings, to: Path) -> Path:
    """Copies the ELF with its object "settings" overwritten, as a vendor's flashing tool would."""
    address = next(int(words[0], 16) for words in _tool("nm", image) if words[-1:] == ["settings"])
    data = bytearray(image.read_bytes())
    values = struct.pack("<4I", *astuple(settings))
    for words in _tool("readelf", "-lW", image):
        if words[:1] != ["LOAD"]:
            continue
        offset, start, size = (int(words[i], 16) for i in (1, 2, 4))
        if start <= address < start + size:
            at = offset + address - start
            data[at : at + len(values)] = values
            to.write_bytes(data)
            return to
    raise AssertionError(f"{image}: settings are in no segment")


class EchoServers:
    """One for TCP and one for UDP, on free ports of the loopback."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._wake, wake_end = socket.socketpair()
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._selector.register(wake_end, selectors.EVENT_READ, None)
        self._selector.register(self._tcp, selectors.EVENT_READ, self._on_connection)
        self._selector.register(self._udp, selectors.EVENT_READ, self._on_datagram)
        self.tcp_port: int = self._tcp.getsockname()[1]
        self.udp_port: int = self._udp.getsockname()[1]
        self.bytes_echoed = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _on_connection(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        self._selector.register(connection, selectors.EVENT_READ, self._on_data)

    def _on_data(self, connection: socket.socket) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = connection.recv(65536)
            connection.sendall(data)
        self.bytes_echoed += len(data)
        if not data:
            self._selector.unregister(connection)
            connection.close()

    def _on_datagram(self, server: socket.socket) -> None:
        data, sender = server.recvfrom(65536)
        self.bytes_echoed += len(data)
        server.sendto(data, sender)

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                key.data(key.fileobj)

    def stop(self) -> None:
        self._wake.send(b"x")
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._wake.close()
        self._selector.close()


@contextlib.contextmanager
def echo_servers() -> Iterator[EchoServers]:
    servers = EchoServers()
    try:
        yield servers
    finally:
        servers.stop()
