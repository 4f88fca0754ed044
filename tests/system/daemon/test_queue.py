# SPDX-License-Identifier: Apache-2.0
"""Who gets which board, and what is said to those who wait."""

import signal

import requests

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import RackPeer, peer_image
from tests.system.daemon.conftest import job_body, keep_image, peer_of, submit, token_of


def submit_as(farm: Farm, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    image = requests.post(f"{farm.url}/api/v1/images?name=peer.hex", headers=headers, data=peer_image(b""), timeout=180)
    body = job_body(str(image.json()["sha256"]))
    answer = requests.post(f"{farm.url}/api/v1/jobs", headers=headers, json=body, timeout=180)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["job"]["id"])


def test_a_rack_serves_its_own_organisation(daemon: Farm) -> None:
    theirs = RackPeer(daemon.url, token_of(daemon, "agent", "acme"), "acme1")
    with peer_of(daemon) as ours, theirs:
        ours.hello(["b1"])
        theirs.hello(["a1"])
        first, second = submit(daemon), submit(daemon)
        assign = ours.receive("assign")
        assert (assign["job"], assign["board"]) == (first, "b1")
        (entry,) = daemon.get("queue")["queue"]
        assert (entry["job"], entry["waits"]) == (second, "for a board of type peer: 1 running")
        (entry,) = daemon.get(f"queue?run={entry['run']}")["queue"]
        why = {board["board"]: board["reason"] for board in entry["boards"]}
        assert why == {"a1": "owner", "b1": "running"}
        refused = daemon.api("POST", "jobs", json=job_body(keep_image(daemon), "a1"))
        assert refused.status_code == 422
        assert "another organisation's board" in refused.text
        number = submit_as(daemon, token_of(daemon, "member", "acme"))
        assert theirs.receive("assign")["job"] == number


def test_a_type_that_only_another_organisation_has_boards_of(daemon: Farm) -> None:
    with RackPeer(daemon.url, token_of(daemon, "agent", "acme"), "acme1") as theirs:
        with peer_of(daemon) as ours:
            ours.hello([])  # the type is the farm's own
            theirs.hello(["a1"])
            wait_until("a1", lambda: "a1" in daemon.boards())
            refused = daemon.api("POST", "jobs", json=job_body(keep_image(daemon)))
            assert refused.status_code == 422
            assert "a1: another organisation's board" in refused.text
        with peer_of(daemon) as ours:
            ours.hello(["b1"])
            submit(daemon)
            assert ours.receive("assign")["board"] == "b1"


def test_members_take_turns_also_after_a_crash(daemon: Farm) -> None:
    other = token_of(daemon, "member")
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        mine = [submit(daemon) for _ in range(3)]
        later = submit_as(daemon, other)
        assign = peer.receive("assign")
        assert assign["job"] == mine[0]
        peer.step(assign, "power-on", 0)
        peer.wait_ack(assign["run"], 2)
        daemon.end(daemon.daemon, signal.SIGKILL)
    daemon.start_daemon()
    with peer_of(daemon) as peer:
        held = {"run": assign["run"], "fence": assign["fence"], "last": 2, "ended": False}
        assert peer.hello(["b1"], [held])["runs"][0]["known"] is True
        peer.sent[assign["run"]] = 2
        peer.end(assign)
        order = []
        for _ in range(3):
            assign = peer.receive("assign")
            order.append(assign["job"])
            peer.end(assign)
        assert order[0] == later, "who asked for little waits behind one run, not behind three"
        assert order[1:] == mine[1:]
        for number in (*mine, later):
            assert daemon.wait_job(number)["verdict"] == "passed"


def test_a_host_that_bears_one_board_at_a_time(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1", "b2"], limit=1)
        first, second = submit(daemon), submit(daemon)
        assign = peer.receive("assign")
        (entry,) = daemon.get(f"queue?run={daemon.job(second)['runs'][0]['id']}")["queue"]
        why = {board["board"]: board["reason"] for board in entry["boards"]}
        assert sorted(why.values()) == ["host-full", "running"]
        peer.end(assign)
        assert peer.receive("assign")["job"] == second
        assert daemon.wait_job(first)["verdict"] == "passed"


def test_boards_by_their_tags_also_before_their_agent_is_back(daemon: Farm) -> None:
    sha256 = keep_image(daemon)

    def submit_tagged(*tags: str) -> requests.Response:
        text = (
            f"name: x\nretries: 0\nrequire: {{tests: 1}}\nruns: [{{type: peer, image: peer.hex, tags: {list(tags)}}}]\n"
        )
        return daemon.api("POST", "jobs", json=job_body(sha256, text=text))

    with peer_of(daemon) as peer:
        peer.hello(["b1", "b2"], tags={"b2": ["scope"]})
        assert submit_tagged("scope").status_code == 201
        assign = peer.receive("assign")
        assert assign["board"] == "b2"
        peer.end(assign)
        daemon.wait_job(assign["job"])
        assert daemon.boards()["b2"]["tags"] == ["scope"]
        refused = submit_tagged("laser")
        assert refused.status_code == 422
        assert "it has no tag laser" in refused.text
    daemon.end(daemon.daemon)
    daemon.start_daemon()
    waiting = submit_tagged("scope")  # nobody knows yet
    assert waiting.status_code == 201
    with peer_of(daemon) as peer:
        peer.hello(["b1", "b2"], tags={"b2": ["scope"]})
        assert peer.receive("assign")["board"] == "b2"
