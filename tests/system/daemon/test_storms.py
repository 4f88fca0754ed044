# SPDX-License-Identifier: Apache-2.0
"""Much at once: queues that outlive a kill, cancels that race ends, agents that come and go, two of one name."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import RackPeer
from tests.system.daemon.conftest import job_body, keep_image, may_be_told, peer_of

Json = dict[str, Any]


def submit_many(farm: Farm, count: int, threads: int = 8) -> list[int]:
    sha256 = keep_image(farm)
    headers = {"Authorization": f"Bearer {farm.token}"}

    def one(_: int) -> int:
        answer = requests.post(f"{farm.url}/api/v1/jobs", headers=headers, json=job_body(sha256), timeout=180)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["job"]["id"])

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(count)))


def serve(peer: RackPeer, assign: Json) -> None:
    peer.step(assign, "power-on", 0)
    peer.print(assign, b"hello\r\n")
    peer.wait_ack(assign["run"], peer.end(assign))


def test_a_long_queue_outlives_a_kill(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1", "b2"])
        jobs = submit_many(daemon, 500)
        assert len(set(jobs)) == 500
        assert daemon.daemon is not None
        daemon.daemon.kill()
        daemon.daemon.wait(180)
    daemon.start_daemon()
    assert {job["id"] for job in daemon.get("jobs?limit=1000")["jobs"]} == set(jobs)
    with peer_of(daemon) as peer:
        peer.hello(["b1", "b2"])
        served = []
        for _ in range(60):
            assign = peer.receive("assign")
            served.append(assign["job"])
            serve(peer, assign)
        assert len(set(served)) == 60
        assert max(served) <= min(set(jobs) - set(served)) + 2, "not first come, first served"
        events = daemon.get("events?limit=1000")["events"]
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_cancels_that_race_ends(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1", "b2"])
        jobs = submit_many(daemon, 200)
        headers = {"Authorization": f"Bearer {daemon.token}"}
        stop = threading.Event()

        def agent() -> None:
            """Ends each run as soon as it comes; on a cancel it has ended already."""
            while not stop.is_set():
                try:
                    assign = peer.receive("assign", 0.2)
                except AssertionError:
                    continue
                peer.step(assign, "power-on", 0)
                peer.end(assign)

        def cancel(number: int) -> int:
            return requests.post(f"{daemon.url}/api/v1/jobs/{number}/cancel", headers=headers, timeout=180).status_code

        rack = threading.Thread(target=agent)
        rack.start()
        try:
            with ThreadPoolExecutor(4) as pool:
                answers = dict(zip(jobs, pool.map(cancel, jobs), strict=True))
            assert set(answers.values()) <= {200, 409}, set(answers.values())
            wait_until(
                "all jobs to finish",
                lambda: all(job["state"] == "finished" for job in daemon.get("jobs?limit=1000")["jobs"]),
            )
        finally:
            stop.set()
            rack.join()
        for job in daemon.get("jobs?limit=1000")["jobs"]:
            assert job["verdict"] in ("cancelled", "passed"), job
            if answers[job["id"]] == 409:
                assert job["verdict"] == "passed", job
        assert {board["state"] for board in daemon.boards().values()} == {"free"}
        finished = [e for e in all_events(daemon) if e["type"] == "job.finished"]
        assert sorted(event["job"] for event in finished) == sorted(jobs)
        # And it goes on.
        (number,) = submit_many(daemon, 1)
        serve(peer, peer.receive("assign"))
        assert daemon.wait_job(number)["verdict"] == "passed"


def all_events(farm: Farm) -> list[Json]:
    events: list[Json] = []
    while page := farm.get(f"events?after={len(events)}&limit=1000")["events"]:
        events += page
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    return events


def test_an_agent_that_comes_and_goes_in_the_middle_of_runs(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])  # or nobody knows its type
        peer.close()
    jobs = submit_many(daemon, 12)
    run: Json | None = None
    for turn in range(48):
        with peer_of(daemon) as peer:
            held = [] if run is None else [{"run": run["run"], "fence": run["fence"], "last": 2, "ended": False}]
            welcome = peer.hello(["b1"], held)
            if run is None:
                run = peer.receive("assign")
                peer.step(run, "power-on", 0)  # that may be lost
                continue
            (known,) = welcome["runs"]
            assert known["known"] is True, (turn, known)
            peer.sent[run["run"]] = known["have"]
            if known["have"] < 2:
                peer.sent[run["run"]] = 0
                peer.step(run, "power-on", 0)
            if turn % 4 == 3:
                peer.wait_ack(run["run"], peer.end(run))
                run = None
    assert {job["verdict"] for job in map(daemon.job, jobs)} == {"passed"}


def test_two_agents_of_one_name(daemon: Farm) -> None:
    """Two racks were given one name: the later is told so, the one that was there first goes on."""
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        (number,) = submit_many(daemon, 1)
        assign = peer.receive("assign")
        peer.step(assign, "power-on", 0)
        begun = time.monotonic()
        for _ in range(20):
            with peer_of(daemon) as other, pytest.raises(ConnectionClosed):
                other.hello(["b1"], boot="0badcafe")
            (refused,) = other.inbox
            assert (refused["type"], refused["field"], refused["found"]) == ("refused", "agent", "peer1")
            assert "127.0.0.1" in refused["expected"], refused
        assert 1 <= daemon.log("assayd.log", 1 << 20).count("hello was refused") <= may_be_told(begun)
        peer.wait_ack(assign["run"], peer.end(assign))
        assert daemon.wait_job(number)["verdict"] == "passed"
    # Once it is gone its name is free.
    wait_until("the first to be gone", lambda: daemon.boards()["b1"]["state"] == "offline")
    with peer_of(daemon) as other:
        other.hello(["b1"], boot="0badcafe")


def test_a_refused_hello_leaves_the_older_connection_alone(daemon: Farm) -> None:
    with peer_of(daemon) as peer, peer_of(daemon, "other") as other:
        peer.hello(["b1"])
        other.hello(["b2"])
        with peer_of(daemon) as again, pytest.raises(ConnectionClosed):
            again.hello(["b1", "b2"])
        assert again.inbox[0]["type"] == "refused"
        (number,) = submit_many(daemon, 1)
        serve(peer, peer.receive("assign"))
        assert daemon.wait_job(number)["verdict"] == "passed"
