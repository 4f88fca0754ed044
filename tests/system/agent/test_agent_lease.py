# SPDX-License-Identifier: Apache-2.0
"""Boards held for people: what a lease's run does on the agent, and the tunnels to its gdb server and console, against
a farm whose words are the test's."""

import base64
import hashlib
import json
import queue
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from tests.support.farm import PATIENT
from tests.support.processes import kill, wait_until
from tests.support.tunnel import CONSOLE, GDB, OPENED, Channel, Port, Tunnel
from tests.system.agent.conftest import firmware
from tests.system.agent.test_agent_link import LIMIT, ScriptedFarm

Json = dict[str, Any]


class Link:
    """One connection of the agent's, read all the time: messages to a queue, frames to the tunnel."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.tunnel = Tunnel(socket.send)
        self.messages: queue.Queue[Json] = queue.Queue()
        self.events: list[Json] = []
        self.thread = threading.Thread(target=self._read)
        self.thread.start()
        self.hello = self.next("hello")

    def _read(self) -> None:
        try:
            while True:
                data = self.socket.recv()
                if isinstance(data, bytes):
                    self.tunnel.take(data)
                else:
                    self.messages.put(json.loads(data))
        except ConnectionClosed:
            pass

    def say(self, kind: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))

    def next(self, kind: str) -> Json:
        while True:
            message = self.messages.get(timeout=LIMIT)
            if message["type"] == "event":
                self.events.append(message)
            if message["type"] == kind:
                return message

    def event(self, name: str, step: str = "") -> Json:
        while True:
            event = self.next("event")
            if event["event"] == name and step in ("", event.get("step")):
                return event

    def close(self) -> None:
        self.socket.close()
        self.thread.join()


class LeasingFarm(ScriptedFarm):
    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.links: list[Link] = []

    def link(self, *known: Json) -> Link:
        link = Link(self.sessions.get(timeout=LIMIT))
        self.links.append(link)
        link.say("welcome", farm="f00", runs=list(known))
        return link

    def lease(self, link: Link, run: int = 21, fence: int = 4, hold_ms: int = 3600_000, **more: Any) -> None:
        link.say(
            "assign",
            **{"run": run, "job": 9, "attempt": 1, "fence": fence, "board": "mb", "name": "lease"},
            **{"hold_ms": hold_ms, "away_ms": 60_000, **more},
        )

    def assign_next(self, link: Link) -> None:
        link.say(
            "assign",
            **{"run": 22, "job": 10, "attempt": 1, "fence": 5, "board": "mb", "name": "test"},
            image=self.image_fields(),
            require={"summaries": 1},
            end={"when": "summary", **PATIENT},
            waivers=[],
            limits=[],
        )

    def image_fields(self) -> Json:
        return {"sha256": self.sha256, "size": self.image.stat().st_size, "name": "suite.elf"}

    def stop(self) -> None:
        super().stop()
        for link in self.links:
            link.close()


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[LeasingFarm]:
    farm = LeasingFarm(tmp_path)
    yield farm
    farm.stop()


def ready(farm: LeasingFarm) -> Link:
    link = farm.link()
    assert link.hello["leases"] is True
    boards = link.hello["boards"]
    while boards[0]["state"] != "idle":
        boards = [link.next("board")]
    return link


def gdb(port: int, elf: Path, *commands: str) -> str:
    argv = ["gdb-multiarch", "-nx", "-batch", "-ex", "set confirm off", "-ex", "set remotetimeout 30"]
    for command in (f"file {elf}", f"target extended-remote 127.0.0.1:{port}", *commands):
        argv += ["-ex", command]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


def opened(link: Link, service: int, run: int = 21, fence: int = 4) -> Channel:
    channel = link.tunnel.open(service, run, fence)
    channel.next(OPENED)
    return channel


def test_a_debugger_works_through_the_tunnel(farm: LeasingFarm) -> None:
    link = ready(farm)
    farm.lease(link, image=farm.image_fields())
    link.event("step.begun", "hold")
    with Port(opened(link, GDB)) as port:
        assert link.tunnel.open(GDB, 21, 4).wait_closed() == "busy"
        said = gdb(
            port.number,
            firmware("fails"),
            "load",
            "compare-sections",
            "break main",
            "monitor reset halt",
            "continue",
            "info registers pc",
            "print/x *(unsigned*)0x10000060",
            "monitor exec touch " + str(farm.dir / "touched"),
            "monitor mdw 0xe000ed00",
            "detach",
        )
    assert "Transfer rate" in said and "matched" in said and "MIS-MATCHED" not in said, said
    assert re.search(r"Breakpoint 1, (0x\w+ in )?main", said), said
    assert re.search(r"pc +0x\w+ +0x\w+ <main", said), said
    assert "not passed on" in said and not (farm.dir / "touched").exists(), said
    assert re.search(r"0xe000ed00: 410c\w+", said), said
    link.say("cancel", run=21, fence=4, reason="given back by its holder")
    ended = link.event("run.ended")
    assert (ended["verdict"], ended["cause"], ended["text"]) == ("passed", "lease-ended", "given back")
    names = [event["step"] for event in link.events if event["event"] == "step.ended" and event["phase"] == "forward"]
    assert names == ["image", "power-on", "console-open", "attach", "identify", "flash", "verify", "hold"]
    # Nobody knows what the person left behind: it is proven before it is idle again.


def console_until(link: Link, wanted: bytes) -> bytes:
    """What the board says, from the events, until that comes."""
    said = b""
    while wanted not in said:
        event = link.event("console")
        said += base64.b64decode(event["data"])
    return said


def with_micropython(farm: LeasingFarm) -> Json:
    image = Path("/usr/share/firmware-microbit-micropython/firmware.hex").read_bytes()
    sha256 = hashlib.sha256(image).hexdigest()
    (farm.dir / "state" / "images" / sha256).write_bytes(image)
    return {"sha256": sha256, "size": len(image), "name": "firmware.hex"}


def test_what_is_typed_reaches_the_board_until_the_time_is_over(farm: LeasingFarm) -> None:
    link = ready(farm)
    farm.lease(link, image=with_micropython(farm))
    link.event("step.begun", "hold")
    console_until(link, b">>> ")
    assert link.tunnel.open(CONSOLE, 21, 3).wait_closed() == "not-held", "under an old fence"
    assert link.tunnel.open(CONSOLE, 22, 4).wait_closed() == "not-held", "of another run"
    typed = opened(link, CONSOLE)
    typed.write(b"print(6 * 7)\r\n")
    assert b"\r\n42\r\n" in console_until(link, b"42\r\n>>> ")
    debugger = opened(link, GDB)
    link.say("cancel", run=21, fence=3, reason="of another lease: means nothing")
    link.say("extend", run=21, fence=3, hold_ms=1)
    typed.write(b"print(3 * 37)\r\n")
    console_until(link, b"111\r\n>>> ")
    link.say("extend", run=21, fence=4, hold_ms=1)
    assert (typed.wait_closed(), debugger.wait_closed()) == ("lease-over", "lease-over")
    assert typed.why == "its time is over"
    ended = link.event("run.ended")
    assert (ended["cause"], ended["text"]) == ("lease-ended", "its time is over")
    assert link.tunnel.open(CONSOLE, 21, 4).wait_closed() == "not-held"
    said = b"".join(base64.b64decode(one["data"]) for one in link.events if one["event"] == "console")
    assert ended["console_bytes"] == len(said)
    assert ended["console_sha256"] == hashlib.sha256(said).hexdigest()


def test_a_hold_without_the_farm_ends_and_a_dead_tool_does_not_end_it(farm: LeasingFarm) -> None:
    link = ready(farm)
    farm.lease(link, away_ms=200)
    link.event("step.begun", "hold")
    channel = opened(link, GDB)
    channel.write(b"+$?#3f")
    channel.read(1)
    kill(int(re.findall(r"OpenOCD started in .* pid (\d+)", farm.log.read_text())[-1]))
    assert channel.wait_closed() in ("done", "lost")

    def again() -> bool:
        frame = link.tunnel.open(GDB, 21, 4).frames.get(timeout=LIMIT)
        return frame.kind == OPENED

    wait_until("another gdb server", again)
    link.close()
    wait_until("the hold to end", lambda: "the farm was away" in farm.log.read_text())
    link = farm.link({"run": 21, "have": 0, "known": True, "cancel": False})
    ended = link.event("run.ended")
    assert (ended["verdict"], ended["cause"]) == ("passed", "lease-ended")
    assert "the farm was away" in ended["text"]
    # Nobody knows what the person left behind: it was proven anew, and takes the next run with a fresh OpenOCD.
    boards = link.hello["boards"]
    while boards[0]["state"] != "idle":
        boards = [link.next("board")]
    assert "running -> recovering: a person had the board" in farm.log.read_text()
    farm.assign_next(link)
    assert link.event("run.ended")["verdict"] == "passed"
