# SPDX-License-Identifier: Apache-2.0
"""Simulated racks on a real farm: every fault of the script is met for what it is, none of it delays another rack, and
nothing of it can be taken for hardware."""

import contextlib
import json
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import PEER_TYPE, PING_S, RackPeer, peer_image
from tests.support.tunnel import CONSOLE, GDB, OPENED, Channel, Tunnel
from tests.system.agent.conftest import AGENT
from tests.system.daemon.test_robust import frame

Json = dict[str, Any]
REQUIRE = "require: {tests: 4, cases: [G.a, G.b]}\nend: {silence: 1s}\n"


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    made = Farm(tmp_path)
    made.start_daemon()
    yield made
    made.stop()


def wait_boards(farm: Farm, count: int) -> None:
    def ready() -> bool:
        assert farm.agent is None or farm.agent.poll() is None, f"agent ended: {farm.log('agent.log')}"
        return [board["state"] for board in farm.boards().values()].count("free") == count

    wait_until(f"{count} idle boards", ready)


def submit(farm: Farm, runs: str) -> int:
    kept = farm.api("POST", "images?name=peer.hex", data=peer_image()).json()
    text = f"name: simulated\nretries: 0\n{REQUIRE}runs:\n{runs}"
    answer = farm.api("POST", "jobs", json={"text": text, "images": {"peer.hex": kept["sha256"]}})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["job"]["id"])


def on_boards(numbers: range, image: str = "peer.hex", rack: int = 1) -> str:
    return "".join(f"  - {{board: sim{rack}-{number}, image: {image}}}\n" for number in numbers)


def causes(job: Json) -> list[str]:
    return [run["cause"] for run in job["runs"]]


# The outcome of the script, and the cause the farm gives it.
OUTCOMES = [
    ("pass", "all-required-seen"),
    ("fail", "case-failed"),
    ("missing", "case-missing"),
    ("silent", "no-output"),
    ("reboot", "reboot"),
    ("flood", "all-required-seen"),
    ("probe", "probe"),
    ("vanish", "board-lost"),
]


def test_every_outcome_is_met_for_what_it_is(farm: Farm) -> None:
    script = {
        "boards": [{"from": i, "outcomes": {name: 1}} for i, (name, _) in enumerate(OUTCOMES, 1)],
        "steps": {
            "flash": {"uniform": ["1ms", "9ms"]},
            "capture": {"lognormal": {"median": "9ms", "sigma": 1, "most": "1s"}},
        },
    }
    farm.start_simulated(20, script)
    wait_boards(farm, 20)
    job = farm.wait_job(submit(farm, on_boards(range(1, len(OUTCOMES) + 1))))
    assert causes(job) == [cause for _, cause in OUTCOMES]
    flood = job["runs"][[name for name, _ in OUTCOMES].index("flood")]
    assert flood["console"]["bytes"] > 1 << 20 and flood["console"]["dropped"] == 0
    wait_boards(farm, 20)  # those that failed for the rack's reasons were brought up again


def test_a_board_that_hangs_or_rejects_delays_nobody(farm: Farm) -> None:
    script = {
        "boards": [{"from": 1, "to": 2, "outcomes": {"hang": 1}}, {"from": 3, "outcomes": {"reject": 1}}],
        "outcomes": {"pass": 1},
    }
    farm.start_simulated(20, script)
    wait_boards(farm, 20)
    hanging = submit(farm, on_boards(range(1, 3)))
    done = farm.wait_job(submit(farm, "  - {type: simulated, image: peer.hex, count: 80}\n"))
    assert Counter(causes(done)) == {"all-required-seen": 80}
    assert {run["board"] for run in done["runs"]}.isdisjoint({"sim1-1", "sim1-2", "sim1-3"})
    assert farm.get(f"jobs/{hanging}")["state"] == "running"
    assert farm.api("POST", f"jobs/{hanging}/cancel").status_code in (200, 202)
    assert causes(farm.wait_job(hanging)) == ["cancelled", "cancelled"]


def test_a_rack_that_accepts_and_never_answers_delays_nobody(farm: Farm) -> None:
    farm.start_simulated(20, {"rack-boards": 10, "racks": [{"rack": 1, "fault": "deaf"}]})
    wait_boards(farm, 20)
    known = submit(farm, on_boards(range(1, 2), rack=2) * 2)  # an image that is new would get three boards at a time
    assert causes(farm.wait_job(known)) == ["all-required-seen"] * 2
    stuck = submit(farm, on_boards(range(1, 11)))
    wait_until(
        "the deaf rack to have all its boards' runs",
        lambda: all(run["state"] == "assigned" for run in farm.get(f"jobs/{stuck}")["runs"]),
    )
    for _ in range(5):
        done = farm.wait_job(submit(farm, on_boards(range(1, 11), rack=2)))
        assert Counter(causes(done)) == {"all-required-seen": 10}
    assert all(run["state"] == "assigned" for run in farm.get(f"jobs/{stuck}")["runs"])


@pytest.mark.takes(20)
def test_a_rack_that_reads_nothing_delays_nobody(farm: Farm) -> None:
    farm.start_simulated(10)
    wait_boards(farm, 10)
    rack_token = (farm.state / "agent.token").read_text().strip()
    board = {"name": "b1", "type": "peer", "state": "idle", "reason": "", "unique_id": "", "virtual": True}
    hello = {"type": "hello", "protocol": 1, "agent": "full", "version": "0.0.0", "boot": "00c0ffee"}
    step = {"type": "event", "fence": 1, "n": 1, "at_us": 1, "event": "step.begun", "phase": "forward", "row": 0}
    # Each is answered by "stale", more than the sockets hold. Made before it connects: one of which nothing is heard
    # meanwhile would be given up for that.
    stale = b"".join(frame(json.dumps({**step, "step": "x" * 40, "run": run})) for run in range(1, 100000))
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", farm.port))
    over = threading.Event()

    def ping() -> None:
        """As every agent does: one that is not heard of for 15 s is given up."""
        with contextlib.suppress(OSError):
            while not over.wait(PING_S):
                sock.sendall(frame(json.dumps({"type": "ping"}).ljust(126)))

    pings = threading.Thread(target=ping)
    with connect(
        f"ws://127.0.0.1:{farm.port}/api/v1/link",
        sock=sock,
        subprotocols=[Subprotocol("assay-link-1")],
        additional_headers={"Authorization": f"Bearer {rack_token}"},
        max_queue=1,
        ping_interval=None,
        open_timeout=180,
        close_timeout=0.1,
    ) as peer:
        peer.send(json.dumps({**hello, "types": [PEER_TYPE], "boards": [board], "runs": []}))
        wait_until("b1", lambda: "b1" in farm.boards())
        sock.sendall(stale)
        pings.start()
        try:
            for _ in range(5):
                done = farm.wait_job(submit(farm, on_boards(range(1, 11))))
                assert Counter(causes(done)) == {"all-required-seen": 10}
            assert farm.boards()["b1"]["state"] == "free", "it is still connected"
        finally:
            over.set()
            sock.shutdown(socket.SHUT_RDWR)  # also what waits to be sent
            pings.join()


def test_a_simulated_board_is_held_too(farm: Farm) -> None:
    farm.start_simulated(2)
    wait_boards(farm, 2)
    answer = farm.api("POST", "leases", json={"type": "simulated", "for_ms": 600_000, "grace_ms": 0})
    assert answer.status_code == 201, answer.text
    number = int(answer.json()["lease"]["id"])
    (run,) = wait_until("its run", lambda: farm.get(f"jobs/{number}")["runs"])
    with connect(
        f"ws://127.0.0.1:{farm.port}/api/v1/leases/{number}/tunnel",
        subprotocols=[Subprotocol("assay-tunnel-1")],
        additional_headers={"Authorization": f"Bearer {farm.token}"},
        ping_interval=None,
        open_timeout=180,
    ) as live:
        tunnel = Tunnel(live.send)

        def opened(service: int) -> Channel:
            channel = tunnel.open(service)
            while channel.frames.empty():
                data = live.recv(timeout=180)
                assert isinstance(data, bytes)
                tunnel.take(data)
            return channel

        wait_until("the hold", lambda: opened(CONSOLE).frames.get().kind == OPENED)
        debugger = opened(GDB)
        assert debugger.ended == "no-service", debugger.why
        channel = opened(CONSOLE)
        channel.write(b"said to nobody\r\n")
        wait_until("the echo", lambda: b"said to nobody" in farm.api("GET", f"runs/{run['id']}/console").content)
    assert farm.api("DELETE", f"leases/{number}").status_code == 200
    job = farm.wait_job(number)
    assert (job["verdict"], causes(job)) == ("passed", ["lease-ended"])
    wait_boards(farm, 2)


def test_a_rack_that_leaves_and_comes_back_loses_nothing(farm: Farm) -> None:
    script = {
        "rack-boards": 10,
        "racks": [{"rack": 1, "fault": "leaves", "every": "500ms", "for": "100ms"}],
        "steps": {"capture": "50ms"},
    }
    farm.start_simulated(20, script)
    wait_until("the rack that stays", lambda: any(board["state"] == "free" for board in farm.boards().values()))
    done = farm.wait_job(submit(farm, "  - {type: simulated, image: peer.hex, count: 60}\n"))
    assert Counter(causes(done)) == {"all-required-seen": 60}
    wait_until("the rack to have left twice", lambda: farm.log("assayd.log", 1 << 20).count("sim1: disconnected") > 1)


def test_nothing_of_it_can_be_taken_for_hardware(farm: Farm) -> None:
    farm.start_simulated(2)
    wait_boards(farm, 2)
    for board in farm.boards().values():
        assert board["simulated"] is True and board["virtual"] is True and board["type"] == "simulated"
    job = farm.wait_job(submit(farm, "  - {type: simulated, image: peer.hex}\n"))
    run = job["runs"][0]
    assert run["verdict"] == "passed" and run["board_type"] == "simulated"
    assert all("simulated" in step["text"] for step in run["steps"] if step["step"] != "judge")
    assert "is simulated: no firmware ran" in farm.api("GET", f"runs/{run['id']}/console").text
    with RackPeer(farm.url, (farm.state / "agent.token").read_text().strip()) as peer:
        peer.hello(["b1"])
        assert farm.boards()["b1"]["simulated"] is False


def test_a_real_board_cannot_have_a_simulated_type(farm: Farm) -> None:
    board = {"name": "b", "type": "simulated", "state": "idle", "reason": "", "unique_id": "", "virtual": False}
    hello = {"type": "hello", "protocol": 1, "agent": "peer1", "version": "0", "boot": "00c0ffee", "runs": []}
    with RackPeer(farm.url, (farm.state / "agent.token").read_text().strip()) as peer:
        peer.send({**hello, "types": [{**PEER_TYPE, "type": "simulated"}], "boards": [board]})
        assert peer.receive("refused")["field"] == "boards[0].type"
    assert farm.boards() == {}


def refused(*argv: str) -> str:
    done = subprocess.run([str(AGENT), *argv], capture_output=True, text=True, timeout=180)
    assert done.returncode == 2, done.stderr
    return done.stderr


def test_what_is_no_script_or_number_is_said(tmp_path: Path) -> None:
    script = tmp_path / "s.yaml"
    script.write_text("outcomes: {explode: 1}\n")
    state = ("--state-dir", str(tmp_path / "state"))
    assert f"{script}:1: outcomes.explode" in refused("--simulate", "2", "--script", str(script), *state)
    assert "1 to 100000" in refused("--simulate", "many", *state)
    rack = tmp_path / "rack.yaml"
    rack.write_text("rack: r\nboards:\n  - {name: b, type: simulated, virtual: {chip: nrf51}}\n")
    assert "simulated ones come from --simulate" in refused("--check", str(rack))
