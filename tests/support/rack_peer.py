# SPDX-License-Identifier: Apache-2.0
"""An agent's end of the link, spoken by hand: what a test says is what goes over the wire. For tests of the
daemon that need exact messages at exact moments; anything about boards uses the real agent."""

import base64
import contextlib
import hashlib
import json
import threading
import time
from typing import Any

from websockets.exceptions import ConnectionClosed

from tests.support.socket_peer import Json, SocketPeer
from tests.support.tunnel_frames import CREDIT, Frame, decode

PING_S = 2.0  # the daemon gives an agent up that it has not heard for 15 s

COUNTS = ("passed", "failed", "ignored", "missing", "crashed", "error", "waived", "expected")

# A board type no real board has: its name says that only protocol tests use it.
PEER_TYPE: Json = {
    "type": "peer",
    "description": "Spoken by a test",
    "mcu": "none",
    "arch": "armv7-m",
    "memory": [
        {"kind": "flash", "address": 0, "size": 1 << 20},
        {"kind": "ram", "address": 0x20000000, "size": 1 << 20},
    ],
    "vectors": 0,
    "openocd": {"config": ["target/none.cfg"]},
    "console": {"baud": 115200},
}


class RackPeer(SocketPeer):
    """One connection. run numbers and fences come from assigns; n is counted here, per run. From its hello on it pings
    by itself, whatever the test does meanwhile and however long that takes."""

    def __init__(self, url: str, token: str, agent: str = "peer1") -> None:
        self.agent = agent
        self.sent: dict[int, int] = {}
        self.inbox: list[Json] = []
        self.frames: list[Frame] = []
        self.offset: dict[int, int] = {}
        self.console: dict[int, bytes] = {}
        self.silent = threading.Event()
        headers = {"Authorization": f"Bearer {token}"}
        # Neither what the test does not read nor a daemon that stands still may keep the connection from its close.
        more: Json = {"max_size": 1 << 20, "max_queue": None, "ping_interval": None}
        super().__init__(url, "/api/v1/link", "assay-link-1", headers, **more)

    def _ping(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while not self.silent.wait(PING_S):
                self.send({"type": "ping"})

    def fall_silent(self) -> None:
        """No ping any more."""
        self.silent.set()

    def close(self) -> None:
        self.fall_silent()
        super().close()

    def receive(self, kind: str, timeout_s: float = 180) -> Json:
        """The next message of that type; others are kept for later."""
        end = time.monotonic() + timeout_s
        for i, message in enumerate(self.inbox):
            if message["type"] == kind:
                return self.inbox.pop(i)
        while True:
            try:
                said = self.socket.recv(timeout=max(0.0, end - time.monotonic()))
            except TimeoutError:
                raise AssertionError(f"no {kind} came within {timeout_s:g} s, but {self.inbox}") from None
            if isinstance(said, bytes):
                self.frames.append(decode(said))
                if kind == "frame":
                    return {}
                continue
            message = json.loads(said)
            if message["type"] == kind:
                return dict(message)
            if message["type"] != "pong":
                self.inbox.append(message)

    def hello(
        self,
        boards: list[str],
        runs: list[Json] | None = None,
        tags: dict[str, list[str]] | None = None,
        **more: Any,
    ) -> Json:
        self.send(
            {
                "type": "hello",
                "protocol": 1,
                "agent": self.agent,
                "version": "0.0.0",
                "boot": "00c0ffee",
                "recovers": True,
                "types": [PEER_TYPE],
                "boards": [
                    {
                        "name": name,
                        "type": "peer",
                        "state": "idle",
                        "reason": "",
                        "unique_id": "",
                        "virtual": True,
                        **({"tags": tags[name]} if tags and name in tags else {}),
                    }
                    for name in boards
                ],
                "runs": runs or [],
                **more,
            }
        )
        welcome = self.receive("welcome")
        threading.Thread(target=self._ping, daemon=True).start()
        return welcome

    def frame(self, kind: int) -> Frame:
        """The next frame of a tunnel, which is of that kind; credit is left out when another is waited for."""
        while True:
            if not self.frames:
                self.receive("frame")
            frame = self.frames.pop(0)
            if frame.kind == kind:
                return frame
            assert frame.kind == CREDIT, frame

    def send_frame(self, frame: Frame) -> None:
        self.socket.send(frame.encode())

    def event(self, assign: Json, kind: str, **fields: Any) -> int:
        if kind == "case":
            fields = {"category": "functional", "standing": "", "waiver": 0, "measurements": [], **fields}
        run = assign["run"]
        n = self.sent[run] = self.sent.get(run, 0) + 1
        self.send(
            {
                "type": "event",
                "run": run,
                "fence": assign["fence"],
                "n": n,
                "at_us": time.time_ns() // 1000,
                "event": kind,
                **fields,
            }
        )
        return n

    def print(self, assign: Json, data: bytes) -> int:
        run = assign["run"]
        seen = self.console.get(run, b"")
        self.console[run] = seen + data
        return self.event(assign, "console", offset=len(seen), data=base64.b64encode(data).decode())

    def step(self, assign: Json, name: str, row: int) -> None:
        self.event(assign, "step.begun", step=name, phase="forward", row=row)
        self.event(assign, "step.ended", step=name, phase="forward", row=row, cause="none", text="done", took_us=1000)

    def end(self, assign: Json, verdict: str = "passed", cause: str = "all-required-seen") -> int:
        seen = self.console.get(assign["run"], b"")
        return self.event(
            assign,
            "run.ended",
            verdict=verdict,
            cause=cause,
            text="said by a test",
            counts=dict.fromkeys(COUNTS, 0),
            cases_total=0,
            console_bytes=len(seen),
            console_dropped=0,
            console_sha256=hashlib.sha256(seen).hexdigest(),
            measurements=[],
        )

    def wait_ack(self, run: int, n: int) -> None:
        while self.receive("ack")["n"] < n:
            pass


def _hex_record(address: int, kind: int, data: bytes) -> str:
    body = bytes([len(data)]) + address.to_bytes(2, "big") + bytes([kind]) + data
    return ":" + (body + bytes([-sum(body) & 0xFF])).hex().upper()


def peer_image(content: bytes = b"") -> bytes:
    """An Intel HEX file that PEER_TYPE can hold; other content makes another image."""
    vectors = b"".join(word.to_bytes(4, "little") for word in (0x20001000, 0x101, 0x101, 0x101))
    lines = [_hex_record(0, 0, vectors), _hex_record(0x100, 0, (content + b"\xfe\xe7" * 8)[:16])]
    return ("\n".join([*lines, _hex_record(0, 1, b"")]) + "\n").encode()
