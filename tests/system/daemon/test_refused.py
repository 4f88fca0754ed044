# SPDX-License-Identifier: Apache-2.0
"""A change that the database refuses for what is in it. A trigger, made behind the daemon's back, does the refusing."""

import sqlite3

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import RackPeer
from tests.system.daemon.conftest import job_body, keep_image, peer_of, submit


def refuse(farm: Farm, table: str, when: str, event: str = "INSERT") -> None:
    with sqlite3.connect(farm.state / "assay.db", timeout=180) as db:
        db.execute(
            f"CREATE TRIGGER refuse_{table}_{event} BEFORE {event} ON {table} WHEN {when}"
            " BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
        )
    db.close()


def expect_closed(peer: RackPeer) -> None:
    with pytest.raises(ConnectionClosed):
        while True:
            peer.socket.recv(timeout=180)


def pass_run(peer: RackPeer, number: int, farm: Farm) -> None:
    assign = peer.receive("assign")
    peer.wait_ack(assign["run"], peer.end(assign))
    assert farm.wait_job(number)["verdict"] == "passed"


def test_a_submit_that_cannot_be_stored(daemon: Farm) -> None:
    refuse(daemon, "job", "NEW.name = 'poison'")
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        body = job_body(keep_image(daemon))
        body["text"] = body["text"].replace("name: spoken", "name: poison")
        answer = daemon.api("POST", "jobs", json=body)
        assert answer.status_code == 500 and "refused by the test" in answer.json()["error"]["message"], answer.text
        expect_closed(peer)
    assert daemon.get("jobs")["jobs"] == []
    assert daemon.get("farm")["degraded"] is None
    assert daemon.log("assayd.log", 1 << 20).count("is set aside") == 1
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        pass_run(peer, submit(daemon), daemon)
    events = daemon.get("events?limit=1000")["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_an_event_that_cannot_be_stored(daemon: Farm) -> None:
    refuse(daemon, "step", "NEW.step = 'poison'")
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        bad = submit(daemon)
        poisoned = peer.receive("assign")
        with peer_of(daemon, "peer2") as other:
            other.hello(["b2"])
            good = submit(daemon)
            untouched = other.receive("assign")
            other.step(untouched, "power-on", 0)
            other.wait_ack(untouched["run"], 2)
            peer.step(poisoned, "poison", 0)
            expect_closed(peer)
            expect_closed(other)
    job = daemon.wait_job(bad)
    assert (job["verdict"], job["cause"]) == ("infrastructure", "internal")
    assert "refused by the test" in job["text"]
    held = {"run": poisoned["run"], "fence": poisoned["fence"], "last": 2, "ended": False}
    with peer_of(daemon) as peer:
        assert peer.hello(["b1"], [held])["runs"] == [
            {"run": poisoned["run"], "have": 0, "known": False, "cancel": False}
        ]
    held = {"run": untouched["run"], "fence": untouched["fence"], "last": 2, "ended": False}
    with peer_of(daemon, "peer2") as other:
        other.sent[untouched["run"]] = 2
        assert other.hello(["b2"], [held])["runs"][0] == {
            "run": untouched["run"],
            "have": 2,
            "known": True,
            "cancel": False,
        }
        other.wait_ack(untouched["run"], other.end(untouched))
    assert daemon.wait_job(good)["verdict"] == "passed"
    assert daemon.get("farm")["degraded"] is None


def test_a_run_of_which_nothing_can_be_stored(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        stuck = submit(daemon)
        assign = peer.receive("assign")
        refuse(daemon, "run", "1", "UPDATE")
        peer.step(assign, "power-on", 0)
        expect_closed(peer)
    wait_until("the run to be frozen", lambda: "is frozen" in daemon.log("assayd.log", 1 << 20))
    held = {"run": assign["run"], "fence": assign["fence"], "last": 2, "ended": False}
    with peer_of(daemon) as peer:
        assert peer.hello(["b1"], [held])["runs"][0]["known"] is False
        assert daemon.boards()["b1"]["state"] == "running"
        assert "frozen" in daemon.boards()["b1"]["reason"]
        assert daemon.get("farm")["degraded"] is None
        assert daemon.job(stuck)["state"] == "queued"
    with sqlite3.connect(daemon.state / "assay.db", timeout=180) as db:
        db.execute("DROP TRIGGER refuse_run_UPDATE")
    db.close()
    daemon.end(daemon.daemon)
    daemon.start_daemon()
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        pass_run(peer, stuck, daemon)


def test_what_is_always_refused_degrades_the_farm(daemon: Farm) -> None:
    sha256 = keep_image(daemon)
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        wait_until("b1", lambda: "b1" in daemon.boards())
        assert submit(daemon) == 1
        peer.receive("assign")
        refuse(daemon, "event", "1")
    wait_until("the farm to be degraded", lambda: daemon.get("farm")["degraded"])
    assert "refused by the test" in daemon.get("farm")["degraded"]
    answer = daemon.api("POST", "jobs", json=job_body(sha256))
    assert answer.status_code == 503 and "nothing can be stored" in answer.text
    daemon.end(daemon.daemon)
    with sqlite3.connect(daemon.state / "assay.db", timeout=180) as db:
        db.execute("DROP TRIGGER refuse_event_INSERT")
    db.close()
    daemon.start_daemon()
    assert daemon.get("farm")["degraded"] is None
