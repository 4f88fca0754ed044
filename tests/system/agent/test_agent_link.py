# SPDX-License-Identifier: Apache-2.0
"""The agent's connection, against a farm whose words and silences are the test's: what it says again, what it drops,
and that it always comes back."""

import hashlib
import json
import queue
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import yaml
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from tests.support.farm import PATIENT, ROOT, virtual_board
from tests.support.processes import kill, running_with, wait_until
from tests.support.vboard_control import vboard_control
from tests.system.agent.conftest import AGENT, firmware

Json = dict[str, Any]
LIMIT = 180.0  # seconds; generous, never what is measured


class Session:
    """One connection of the agent's, from its hello on."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.hello = self.next("hello")

    def next(self, kind: str) -> Json:
        """The next message of that type; others are passed over."""
        while True:
            message: Json = json.loads(self.socket.recv(timeout=LIMIT))
            if message["type"] == kind:
                return message

    def say(self, kind: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))

    def welcome(self, *runs: Json) -> None:
        self.say("welcome", farm="f00", runs=list(runs))

    def wait_idle_board(self) -> None:
        boards = self.hello["boards"]
        while boards[0]["state"] != "idle":
            boards = [self.next("board")]

    def until_closed(self) -> None:
        with pytest.raises(ConnectionClosed):
            while True:
                self.socket.recv(timeout=LIMIT)


class ScriptedFarm:
    def __init__(self, directory: Path) -> None:
        self.dir = directory
        self.sessions: queue.Queue[ServerConnection] = queue.Queue()
        self.over = Event()
        self.server: Server = serve(
            self._on_connection,
            "127.0.0.1",
            0,
            subprotocols=[Subprotocol("assay-link-1")],
            max_size=1 << 20,
            max_queue=None,  # what a test has not read yet holds up neither a pong nor the close
            ping_interval=None,
        )
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()
        rack = directory / "rack.yaml"
        rack.write_text(yaml.safe_dump({"rack": "r1", "boards": [virtual_board("mb", "microbit")]}))
        (directory / "token").write_text("secret\n")
        self.image = firmware("suite")
        self.sha256 = hashlib.sha256(self.image.read_bytes()).hexdigest()
        cache = directory / "state" / "images"
        cache.mkdir(parents=True)
        shutil.copy(self.image, cache / self.sha256)
        self.log = directory / "agent.log"
        port = self.server.socket.getsockname()[1]
        with self.log.open("wb") as log:
            self.agent = subprocess.Popen(
                [
                    *(str(AGENT), "--rack", str(rack), "--daemon", f"http://127.0.0.1:{port}"),
                    *("--token-file", str(directory / "token"), "--state-dir", str(directory / "state")),
                    *("--types-dir", str(ROOT / "share/board-types")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=directory,
            )

    def _on_connection(self, socket: ServerConnection) -> None:
        assert socket.request and socket.request.headers["Authorization"] == "Bearer secret"
        self.sessions.put(socket)
        self.over.wait()  # the connection would end with this call

    def session(self) -> Session:
        return Session(self.sessions.get(timeout=LIMIT))

    def assign(self, session: Session, run: int, fence: int) -> None:
        session.say(
            "assign",
            **{"run": run, "job": 1, "attempt": 1, "fence": fence, "board": "mb", "name": "scripted"},
            image={"sha256": self.sha256, "size": self.image.stat().st_size, "name": "suite.elf"},
            require={"summaries": 1},
            end={"when": "summary", **PATIENT},
            waivers=[],
            limits=[],
        )

    def stop(self) -> None:
        self.agent.terminate()
        try:
            assert self.agent.wait(180) == 0, self.log.read_text()
            wait_until("children to be gone", lambda: not list(running_with(str(self.dir))))
        finally:
            for pid in running_with(str(self.dir)):
                kill(pid)
            self.over.set()
            self.server.shutdown()
            self.thread.join()


@pytest.fixture
def scripted(tmp_path: Path) -> Iterator[ScriptedFarm]:
    farm = ScriptedFarm(tmp_path)
    yield farm
    farm.stop()


def test_a_run_is_gone_on_with_where_the_farm_has_it(scripted: ScriptedFarm) -> None:
    first = scripted.session()
    first.welcome()
    first.wait_idle_board()
    scripted.assign(first, 12, 3)
    seen = [first.next("event") for _ in range(5)]
    assert [one["n"] for one in seen] == [1, 2, 3, 4, 5]
    assert first.socket.ping().wait(LIMIT), "no pong"
    first.socket.close()
    second = scripted.session()
    assert second.hello["boot"] == first.hello["boot"]
    (held,) = second.hello["runs"]
    assert (held["run"], held["fence"]) == (12, 3)
    second.welcome({"run": 12, "have": 2, "known": True, "cancel": False})
    again = [second.next("event")]
    while again[-1]["event"] != "run.ended":
        again.append(second.next("event"))
    assert [one["n"] for one in again] == list(range(3, again[-1]["n"] + 1))
    assert again[:3] == seen[2:], "what is said again is what was said"
    assert again[-1]["verdict"] == "passed", again[-1]
    # Nothing of it is on disk as durable yet: it is told of until it is acknowledged.
    second.socket.close()
    third = scripted.session()
    assert [(one["run"], one["ended"]) for one in third.hello["runs"]] == [(12, True)]
    third.welcome({"run": 12, "have": again[-1]["n"], "known": True, "cancel": False})
    third.socket.close()
    assert scripted.session().hello["runs"] == []


def test_a_farm_from_before_absent_boards_gets_the_rack_without_the_word(scripted: ScriptedFarm) -> None:
    session = scripted.session()
    session.welcome()
    session.wait_idle_board()
    assert vboard_control(scripted.dir / "state/boards/mb", "fault dead")["ok"]
    session.say("recover", board="mb", reason="a test says so")
    while not session.next("board").get("absent"):
        pass
    session.socket.close()  # as such a farm does
    session = scripted.session()
    assert session.hello["boards"][0]["absent"]
    found = "boards[0].absent: found an unknown field, expected only the fields of the message"
    session.say("refused", field="hello", found="something else", expected=found)
    session.socket.close()
    session = scripted.session()
    assert "absent" not in session.hello["boards"][0] and session.hello["boards"][0]["state"] == "recovering"
    session.welcome()
    session.say("recover", board="mb", reason="a test says so")
    while "looked for" not in (board := session.next("board"))["reason"]:
        pass
    assert "absent" not in board and board["state"] == "recovering"
    session.socket.close()
    assert scripted.session().hello["boards"][0]["name"] == "mb"


@pytest.mark.parametrize("how", ["stale", "unknown"])
def test_a_run_that_went_elsewhere_is_dropped(scripted: ScriptedFarm, how: str) -> None:
    session = scripted.session()
    session.welcome()
    session.wait_idle_board()
    scripted.assign(session, 12, 3)
    session.next("event")
    if how == "stale":
        session.say("stale", run=12, fence=2)  # of another lease: means nothing
        session.next("event")
        session.say("stale", run=12, fence=3)
    else:
        session.socket.close()
        session = scripted.session()
        session.welcome({"run": 12, "have": 0, "known": False, "cancel": False})
    while session.hello["runs"] or session.hello["boards"][0]["state"] != "idle":
        session.socket.close()  # it is undone meanwhile, and each hello tells how far that is
        session = scripted.session()
    session.welcome()
    scripted.assign(session, 13, 3)  # no newer lease than the last one
    assert session.next("rejected")["run"] == 13
    scripted.assign(session, 13, 4)
    assert session.next("event")["run"] == 13


@pytest.mark.parametrize("nonsense", ["no JSON", '{"type": "event"}', '{"type": "welcome"}', "x" * ((1 << 20) + 1)])
def test_nonsense_ends_the_connection_and_no_more(scripted: ScriptedFarm, nonsense: str) -> None:
    session = scripted.session()
    session.welcome()
    session.socket.send(nonsense)
    session.until_closed()
    again = scripted.session()
    assert again.hello["boot"] == session.hello["boot"]
    again.welcome()
    again.wait_idle_board()


def test_a_refused_rack_says_why_and_asks_again(scripted: ScriptedFarm) -> None:
    begun = time.monotonic()
    for _ in range(6):
        session = scripted.session()
        session.say("refused", field="boards[0].name", found="mb, which rack r2 has", expected="another name")
        session.socket.close()
    session = scripted.session()
    # Ever more rarely: 50 ms at first, twice that each time, half of it at least.
    assert time.monotonic() - begun > (50 + 100 + 200 + 400 + 800 + 1600) / 2 / 1000
    session.welcome()
    session.wait_idle_board()
    log = scripted.log.read_text()
    assert log.count("boards[0].name is mb, which rack r2 has, expected another name") == 1, log


def test_a_farm_that_takes_the_connection_and_says_nothing(scripted: ScriptedFarm) -> None:
    session = scripted.session()
    session.until_closed()  # its websocket answers pings all the while
    assert "says nothing to hello" in scripted.log.read_text()
    session = scripted.session()
    session.welcome()
    session.wait_idle_board()
