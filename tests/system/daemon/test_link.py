# SPDX-License-Identifier: Apache-2.0
"""The link to the agents: who gets in, what is acknowledged, what survives."""

import contextlib
import random
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import PEER_TYPE, RackPeer
from tests.system.daemon.conftest import DaemonMaker, keep_image, peer_of, submit, token_of


def states(farm: Farm) -> dict[str, str]:
    return {name: board["state"] for name, board in farm.boards().items()}


def expect_closed(peer: RackPeer) -> None:
    with pytest.raises(ConnectionClosed):
        while True:
            peer.socket.recv(timeout=180)


def test_a_run_from_submit_to_verdict(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        number = submit(daemon)
        assign = peer.receive("assign")
        assert assign["board"] == "b1" and assign["fence"] == 1 and assign["job"] == number
        peer.step(assign, "power-on", 0)
        peer.print(assign, b"hello\r\n")
        peer.wait_ack(assign["run"], peer.end(assign))
        job = daemon.wait_job(number)
        assert (job["verdict"], job["cause"]) == ("passed", "all-required-seen")
        console = daemon.api("GET", f"runs/{assign['run']}/console")
        assert console.content == b"hello\r\n" and console.headers["x-console-open"] == "false"
        assert daemon.api("GET", f"runs/{assign['run']}/console?from=2&to=4").content == b"ll"
        assert daemon.api("GET", f"runs/{assign['run']}/console?from=100").content == b""
        assert states(daemon) == {"b1": "free"}


def test_who_gets_in(daemon: Farm) -> None:
    for token, status in ((daemon.token, 403), (token_of(daemon, "member"), 403), ("nonsense", 401)):
        with pytest.raises(InvalidStatus) as refused:
            RackPeer(daemon.url, token)
        assert refused.value.response.status_code == status


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"protocol": 2}, "protocol"),
        ({"types": [{**PEER_TYPE, "arch": "sparc"}]}, "arch"),
        ({"surprise": 1}, "surprise"),
        ({"agent": "x" * 100}, "agent"),
    ],
)
def test_a_hello_that_is_refused(daemon: Farm, change: Any, field: str) -> None:
    with peer_of(daemon) as peer:
        with pytest.raises(ConnectionClosed):
            peer.hello(["b1"], **change)
        refused = next(message for message in peer.inbox if message["type"] == "refused")
        assert field in refused["field"] + refused["expected"]
    assert states(daemon) == {}


def test_a_board_of_another_rack_is_refused(daemon: Farm) -> None:
    with peer_of(daemon, "rack1") as first, peer_of(daemon, "rack2") as second:
        first.hello(["b1"])
        with pytest.raises(ConnectionClosed):
            second.hello(["b1", "b2"])
        refused = next(message for message in second.inbox if message["type"] == "refused")
        assert "b1" in refused["found"] + refused["field"]
        assert states(daemon) == {"b1": "free"}


@pytest.mark.parametrize("text", ["{}", "nonsense", '{"type":"ping"}', '{"type":"event"}'])
def test_nonsense_before_hello(daemon: Farm, text: str) -> None:
    with peer_of(daemon) as peer:
        peer.socket.send(text)
        expect_closed(peer)


def test_nonsense_after_hello(daemon: Farm) -> None:
    for text in ("{}", '{"type":"hello"}', '{"type":"ack","run":1,"n":1}', b"binary"):
        with peer_of(daemon) as peer:
            peer.hello(["b1"])
            peer.socket.send(text)
            expect_closed(peer)
    wait_until("the board to be offline", lambda: states(daemon) == {"b1": "offline"})


def test_a_message_larger_than_allowed(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        with pytest.raises(ConnectionClosed):
            peer.socket.send('{"type":"ping","x":"' + "y" * (2 << 20) + '"}')
            expect_closed(peer)
            raise ConnectionClosed(None, None)
    assert daemon.get("farm")["degraded"] is None


def test_a_newer_connection_takes_over(daemon: Farm) -> None:
    with peer_of(daemon) as old:
        old.hello(["b1"])
        with peer_of(daemon) as new:
            new.hello(["b1", "b2"])
            expect_closed(old)
            assert states(daemon) == {"b1": "free", "b2": "free"}
            number = submit(daemon, "b2")
            assert new.receive("assign")["job"] == number


def test_repeated_events_change_nothing_and_a_gap_is_a_fault(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        number = submit(daemon)
        assign = peer.receive("assign")
        peer.step(assign, "power-on", 0)
        peer.wait_ack(assign["run"], 2)
        peer.sent[assign["run"]] = 0
        peer.step(assign, "power-on", 0)
        peer.receive("ack")
        assert len(daemon.job(number)["runs"][0]["steps"]) == 1
        peer.sent[assign["run"]] = 7
        with contextlib.suppress(ConnectionClosed):
            peer.step(assign, "attach", 1)
        expect_closed(peer)
    with peer_of(daemon) as peer:
        runs = [{"run": assign["run"], "fence": assign["fence"], "last": 2, "ended": False}]
        welcome = peer.hello(["b1"], runs)
        assert welcome["runs"] == [{"run": assign["run"], "have": 2, "known": True, "cancel": False}]


def test_an_old_fence_is_stale(make_daemon: DaemonMaker) -> None:
    daemon = make_daemon("--agent-grace", "200ms")
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        number = submit(daemon)
        assign = peer.receive("assign")
        peer.step(assign, "power-on", 0)
        peer.wait_ack(assign["run"], 2)
    job = daemon.wait_job(number)
    assert (job["verdict"], job["runs"][0]["cause"]) == ("infrastructure", "agent-lost")
    with peer_of(daemon) as peer:
        runs = [{"run": assign["run"], "fence": assign["fence"], "last": 2, "ended": False}]
        assert peer.hello(["b1"], runs)["runs"][0]["known"] is False
        peer.sent[assign["run"]] = 2
        peer.step(assign, "attach", 1)
        assert peer.receive("stale") == {"type": "stale", "run": assign["run"], "fence": assign["fence"]}


def test_cancel_reaches_the_agent(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        number = submit(daemon)
        assign = peer.receive("assign")
        answer = daemon.api("POST", f"jobs/{number}/cancel", json={"reason": "wrong image"})
        assert answer.status_code == 200 and answer.json()["job"]["cancel_wanted"] is True
        assert peer.receive("cancel")["run"] == assign["run"]
        peer.end(assign, "cancelled", "cancelled")
        assert daemon.wait_job(number)["verdict"] == "cancelled"
    assert daemon.api("POST", f"jobs/{number}/cancel").status_code == 409
    assert daemon.api("POST", "jobs/4711/cancel").status_code == 404


@pytest.mark.takes(15)
def test_a_silent_agent_is_given_up(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        peer.fall_silent()
        wait_until("the agent to be given up", lambda: states(daemon) == {"b1": "offline"})


def test_kill_and_restart_keep_what_was_acknowledged(daemon: Farm) -> None:
    chance = random.Random(7)
    acknowledged: list[int] = []
    for _ in range(8):
        with peer_of(daemon) as peer:
            peer.hello(["b1"])
            sha256 = keep_image(daemon)
            for _ in range(chance.randrange(1, 12)):
                acknowledged.append(submit(daemon))
            assert daemon.daemon is not None
            daemon.daemon.kill()
            daemon.daemon.wait(180)
        daemon.start_daemon()
        held = {job["id"] for job in daemon.get("jobs?limit=1000")["jobs"]}
        assert held >= set(acknowledged)
        assert daemon.api("GET", f"images/{sha256}").status_code == 200
        events = daemon.get("events?limit=1000")["events"]
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_a_run_goes_on_over_a_restart_of_the_daemon(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        number = submit(daemon)
        assign = peer.receive("assign")
        peer.step(assign, "power-on", 0)
        peer.wait_ack(assign["run"], 2)
        daemon.end(daemon.daemon)
    daemon.start_daemon()
    assert daemon.job(number)["runs"][0]["state"] == "running"
    with peer_of(daemon) as again:
        runs = [{"run": assign["run"], "fence": assign["fence"], "last": 2, "ended": False}]
        welcome = again.hello(["b1"], runs)
        assert welcome["runs"] == [{"run": assign["run"], "have": 2, "known": True, "cancel": False}]
        again.sent[assign["run"]] = 2
        again.wait_ack(assign["run"], again.end(assign))
        assert daemon.wait_job(number)["verdict"] == "passed"
