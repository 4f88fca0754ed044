# SPDX-License-Identifier: Apache-2.0
"""A person's end of the tunnels to leased boards, spoken by hand (core/tunnel/frame.h), and a port for a debugger."""

import contextlib
import queue
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.support.tunnel_frames import CLOSE, CONSOLE, CREDIT, DATA, DONE, GDB, OPEN, OPENED, WINDOW, Frame, decode

__all__ = ["CONSOLE", "DATA", "GDB", "OPENED", "Channel", "Port", "Tunnel"]

ENDS = ("done", "lease-over", "not-held", "busy", "no-service", "lost", "fault")
MAX_DATA = 16384
LIMIT_S = 180.0  # generous, never what is measured


class Channel:
    """Frames that come are given to take(); credit is kept as the frames say it must be."""

    def __init__(self, tunnel: "Tunnel", number: int) -> None:
        self.tunnel = tunnel
        self.number = number
        self.frames: queue.Queue[Frame] = queue.Queue()
        self.may_send = 0
        self.may_come = 0
        self.room = threading.Condition()
        self.ended = ""
        self.why = ""

    def take(self, frame: Frame) -> None:
        with self.room:
            if frame.kind in (OPENED, CREDIT):
                self.may_send += frame.credit
                assert self.may_send <= WINDOW
            if frame.kind == DATA:
                self.may_come -= len(frame.data)
                assert self.may_come >= 0, "more than there was credit for"
                assert 1 <= len(frame.data) <= MAX_DATA
            if frame.kind == CLOSE:
                self.ended, self.why = ENDS[frame.end], frame.data.decode()
            self.room.notify_all()
        if frame.kind != CREDIT:
            self.frames.put(frame)

    def next(self, kind: int) -> Frame:
        frame = self.frames.get(timeout=LIMIT_S)
        assert frame.kind == kind, f"{frame} {self.ended} {self.why}"
        return frame

    def wait_closed(self) -> str:
        while (frame := self.frames.get(timeout=LIMIT_S)).kind != CLOSE:
            pass
        return ENDS[frame.end]

    def give(self, credit: int) -> None:
        with self.room:
            self.may_come += credit
        self.tunnel.send(Frame(CREDIT, self.number, credit=credit).encode())

    def write(self, data: bytes) -> None:
        """Sends all of it, as credit comes."""
        while data:
            with self.room:
                assert self.room.wait_for(lambda: self.may_send > 0 or self.ended, LIMIT_S), "no credit comes"
                if self.ended:
                    return
                part = data[: min(self.may_send, MAX_DATA)]
                self.may_send -= len(part)
            self.tunnel.send(Frame(DATA, self.number, data=part).encode())
            data = data[len(part) :]

    def read(self, size: int) -> bytes:
        """So many bytes at least; what is read gives credit for as many more."""
        data = b""
        while len(data) < size:
            body = self.next(DATA).data
            self.give(len(body))
            data += body
        return data

    def close(self) -> None:
        self.tunnel.send(Frame(CLOSE, self.number, end=DONE).encode())
        self.tunnel.channels.pop(self.number, None)


class Tunnel:
    """The channels of one connection; send writes a binary message, and whoever reads calls take for each."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.send = send
        self.last = 0
        self.channels: dict[int, Channel] = {}

    def take(self, data: bytes) -> None:
        frame = decode(data)
        channel = self.channels.get(frame.channel)
        if channel:
            channel.take(frame)

    def open(self, service: int, run: int = 0, fence: int = 0, credit: int = WINDOW) -> Channel:
        self.last += 1
        channel = self.channels[self.last] = Channel(self, self.last)
        channel.may_come = credit
        self.send(Frame(OPEN, channel.number, run, fence, credit, service).encode())
        return channel


class Port:
    """A loopback port whose one connection is a channel, for a debugger to connect to."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.number = int(self.listener.getsockname()[1])
        self.connection: socket.socket | None = None
        self.threads = [threading.Thread(target=self._serve)]
        self.threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._hang_up()
        self.channel.take(Frame(CLOSE, self.channel.number, end=DONE))
        for thread in self.threads:
            thread.join()

    def _hang_up(self) -> None:
        if self.connection:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        try:
            self.connection, _ = self.listener.accept()
        except OSError:
            return
        with self.connection as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=self._back, args=(connection,))
            back.start()
            with contextlib.suppress(OSError):
                while data := connection.recv(MAX_DATA):
                    self.channel.write(data)
            self.channel.take(Frame(CLOSE, self.channel.number, end=DONE))
            back.join()

    def _back(self, connection: socket.socket) -> None:
        while True:
            frame = self.channel.frames.get()
            if frame.kind == CLOSE:
                self._hang_up()
                return
            if frame.kind == DATA:
                with contextlib.suppress(OSError):
                    connection.sendall(frame.data)
                self.channel.give(len(frame.data))
