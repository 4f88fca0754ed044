# SPDX-License-Identifier: Apache-2.0
"""Boards in doubt: their health checks, quarantine and the way back, over the real link; also over a restart."""

import signal
from typing import Any

import pytest

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import RackPeer
from tests.system.daemon.conftest import keep_image, peer_of, submit

Json = dict[str, Any]
GOLDEN = "name: golden\nrequire: {tests: 1}\nruns: [{type: peer, image: golden.hex}]\n"


def set_golden(farm: Farm, text: str = GOLDEN) -> Json:
    answer = farm.api("POST", "golden", json={"text": text, "images": {"golden.hex": keep_image(farm)}})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def say(peer: RackPeer, *states: str) -> None:
    for state in states:
        peer.send({"type": "board", "name": "b1", "state": state, "reason": "", "unique_id": ""})


def wait_state(farm: Farm, state: str) -> Json:
    return dict(
        wait_until(f"b1 to be {state}", lambda: next((b for b in [farm.boards()["b1"]] if b["state"] == state), None))
    )


def order(farm: Farm, verb: str, status: int = 200) -> Json:
    answer = farm.api("POST", f"boards/b1/{verb}", json={"why": "a test says so"})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def check_of(peer: RackPeer, farm: Farm) -> Json:
    assign = peer.receive("assign")
    assert farm.get(f"jobs/{assign['job']}")["kind"] == "check"
    return assign


def test_from_fault_to_quarantine_and_back(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        listed = set_golden(daemon)["golden"]
        assert [(row["board_type"], row["set_by"] != "") for row in listed] == [("peer", True)]
        say(peer, "recovering", "idle")
        waiting = submit(daemon)  # whatever waits, the check comes first
        for n in range(3):
            assign = check_of(peer, daemon)
            assert daemon.boards()["b1"]["state"] == "suspect"
            peer.wait_ack(assign["run"], peer.end(assign, "failed", "case-failed"))
            if n < 2:
                assert peer.receive("recover")["board"] == "b1"
                say(peer, "recovering", "idle")
        board = wait_state(daemon, "quarantined")
        assert board["hold"]["by"] == "farm" and f"run {assign['run']}" in board["hold"]["why"]
        daemon.end(daemon.daemon, signal.SIGKILL)
        daemon.start_daemon()
    with peer_of(daemon) as peer:
        peer.hello(["b1"])  # which says that it is idle
        assert daemon.boards()["b1"]["state"] == "quarantined"
        order(daemon, "release")
        assert peer.receive("recover")["board"] == "b1"
        order(daemon, "release", status=409)
        say(peer, "idle")  # said before it heard of that
        say(peer, "recovering", "idle")
        assign = check_of(peer, daemon)
        peer.wait_ack(assign["run"], peer.end(assign))
        assign = peer.receive("assign")
        assert assign["job"] == waiting
        peer.wait_ack(assign["run"], peer.end(assign))
        board = wait_state(daemon, "free")
        assert board["unproven"] == "" and board["runs_since_pass"] == 0
        history = daemon.get("boards/b1/history")["history"]
        assert [(event["type"], event["by"] == "farm") for event in history] == [
            ("board.released", False),
            ("board.quarantined", True),
        ]


def test_the_normal_way_has_no_check_in_it(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        set_golden(daemon)
        for verdict, cause in (
            ("passed", "all-required-seen"),
            ("failed", "case-failed"),
            ("passed", "all-required-seen"),
        ):
            number = submit(daemon)
            assign = peer.receive("assign")
            assert assign["job"] == number
            peer.wait_ack(assign["run"], peer.end(assign, verdict, cause))


def test_too_many_failures_are_looked_into(make_daemon: Any) -> None:
    farm: Farm = make_daemon("--check-after-runs", "2")
    with peer_of(farm) as peer:
        peer.hello(["b1"])
        set_golden(farm)
        for _ in range(2):
            submit(farm)
            assign = peer.receive("assign")
            peer.wait_ack(assign["run"], peer.end(assign, "failed", "case-failed"))
        assign = check_of(peer, farm)
        assert farm.boards()["b1"]["unproven"].startswith("2 runs ended")
        peer.wait_ack(assign["run"], peer.end(assign))
        wait_state(farm, "free")


def test_golden_images_that_are_none(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        image = keep_image(daemon)
        for runs in ("[{board: b1, image: golden.hex}]", "[{type: peer, image: golden.hex, count: 2}]"):
            text = f"name: golden\nrequire: {{tests: 1}}\nruns: {runs}\n"
            assert daemon.api("POST", "golden", json={"text": text, "images": {"golden.hex": image}}).status_code == 422
        set_golden(daemon)
        assert daemon.api("DELETE", "golden/peer").json() == {"golden": []}
        assert daemon.api("DELETE", "golden/peer").status_code == 404
        say(peer, "recovering", "idle")  # without one, that it was brought up is the check
        wait_state(daemon, "free")


# What fails where: by (board, image) and whether it is the first run, the case that fails.
BEHAVIOURS = [
    ("firmware", lambda board, golden, first: None if golden else "G.b"),
    ("this-board", lambda board, golden, first: "G.b" if board == "b1" else None),
    ("this-rack", lambda board, golden, first: None if board == "b3" else "G.b"),
    ("intermittent", lambda board, golden, first: "G.b" if first else None),
    ("intermittent", lambda board, golden, first: None if golden else f"G.{board}"),
    ("unknown", lambda board, golden, first: "G.b"),
    # A tool that died on the way tells nothing of image or board.
    ("unknown", lambda board, golden, first: None if golden else "!probe" if board == "b3" else "G.b"),
    ("intermittent", lambda board, golden, first: "!board-lost" if golden else "G.b" if first else None),
]


def end_run(peer: RackPeer, assign: Json, failing: str | None) -> None:
    if failing and failing[0] == "!":
        peer.end(assign, "infrastructure", failing[1:])
        return
    if failing:
        group, case = failing.split(".")
        where = {"offset": 0, "end": 0, "begun_at_us": 0, "ended_at_us": 0}
        said = {"verdict": "fail", "message": "", "required": True, "waived_ignore": False}
        peer.event(assign, "case", group=group, name=case, **said, **where)
    peer.end(assign, *(("failed", "case-failed") if failing else ("passed", "all-required-seen")))


@pytest.mark.parametrize(("origin", "behaviour"), BEHAVIOURS)
def test_board_or_firmware(daemon: Farm, origin: str, behaviour: Any) -> None:
    with peer_of(daemon) as peer, peer_of(daemon, "peer2") as other:
        peer.hello(["b1", "b2"])
        other.hello(["b3"])
        set_golden(daemon)
        job = submit(daemon, "b1")
        assign = peer.receive("assign")
        run = assign["run"]
        end_run(peer, assign, behaviour("b1", False, True))
        daemon.wait_job(job)
        for end, count in ((other, 1), (peer, 3)):  # the sibling is in another rack
            for _ in range(count):
                assign = end.receive("assign")
                assert daemon.get(f"jobs/{assign['job']}")["kind"] == "diagnosis"
                golden = assign["image"]["name"] == "golden.hex"
                end_run(end, assign, behaviour(assign["board"], golden, False))

        def explained() -> Json | None:
            found = daemon.get(f"runs/{run}")["origin"]
            return found if found and found["origin"] != "none" else None

        found = wait_until("the failure to be explained", explained)
        assert found["origin"] == origin and all(found["runs"].values())
        assert origin in daemon.cli("run", str(run)).stdout
        if origin == "this-board":  # and it is not trusted any more
            assert check_of(peer, daemon)["board"] == "b1"
