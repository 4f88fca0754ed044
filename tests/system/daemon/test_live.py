# SPDX-License-Identifier: Apache-2.0
"""The live websocket: everything, in order, once, to readers fast and slow."""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.bench.viewers import open_viewer
from tests.support.farm import Farm
from tests.support.live import Viewer
from tests.support.processes import wait_until
from tests.support.rack_peer import RackPeer
from tests.system.daemon.conftest import DaemonMaker, peer_of, submit, token_of

Json = dict[str, Any]
NONSENSE = [
    "nonsense",
    "[]",
    "{}",
    '{"subscribe":"farm"}',
    '{"subscribe":"moon","id":"x"}',
    '{"subscribe":"job:x","id":"x"}',
    '{"subscribe":"farm","id":7}',
    '{"subscribe":"farm","id":"x","after":-1}',
    '{"id":"x"}',
]


def is_type(kind: str) -> Callable[[Json], bool]:
    return lambda event: bool(event["type"] == kind)


def flap(peer: RackPeer, times: int) -> None:
    """Makes events: a board that changes its mind."""
    for i in range(times):
        state = "recovering" if i % 2 == 0 else "idle"
        peer.send({"type": "board", "name": "b1", "state": state, "reason": "", "unique_id": ""})


def test_events_come_in_order_from_the_beginning(daemon: Farm) -> None:
    with Viewer(daemon.url, daemon.token) as viewer, peer_of(daemon) as peer:
        viewer.subscribe("farm", after=0)
        peer.hello(["b1"])
        number = submit(daemon)
        peer.wait_ack(1, peer.end(peer.receive("assign")))
        viewer.wait_event(lambda event: event["type"] == "job.finished" and event["job"] == number)
        assert viewer.seqs() == list(range(1, len(viewer.events) + 1))
        kept = daemon.get("events?limit=1000")["events"]
        assert kept[: len(viewer.events)] == viewer.events


def test_topics(daemon: Farm) -> None:
    with Viewer(daemon.url, daemon.token) as viewer, peer_of(daemon) as peer:
        peer.hello(["b1", "b2"])
        first, second = submit(daemon, "b1"), submit(daemon, "b2")
        assigns = {assign["job"]: assign for assign in (peer.receive("assign"), peer.receive("assign"))}
        for assign in assigns.values():
            peer.print(assign, f"of job {assign['job']}\n".encode())
            peer.end(assign)
        daemon.wait_job(first)
        daemon.wait_job(second)
        run = assigns[second]["run"]
        for topic, value in (("job", second), ("run", run), ("board", "b2")):
            with Viewer(daemon.url, daemon.token) as narrow:
                narrow.subscribe(f"{topic}:{value}", after=0)
                narrow.wait_event(is_type("run.finished"))
                assert {event.get(topic) for event in narrow.events} == {value}
        viewer.subscribe(f"job:{second}", "j", after=0, console=True)
        viewer.wait("the console", lambda: viewer.console.get(run) == f"of job {second}\n".encode())
        assert set(viewer.console) == {run}


def test_resume_after_reconnect_misses_nothing(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        seen: list[int] = []
        for _ in range(6):
            with Viewer(daemon.url, daemon.token) as viewer:
                viewer.subscribe("farm", after=seen[-1] if seen else 0)
                flap(peer, 20)
                viewer.wait_events(7)
                seen += viewer.seqs()
            flap(peer, 20)
        assert seen == list(range(1, len(seen) + 1))


def test_resume_long_after_is_fed_from_the_store(make_daemon: DaemonMaker) -> None:
    daemon = make_daemon("--live-ring", "16")
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        flap(peer, 1000)
        wait_until("all to be stored", lambda: len(daemon.get("events?after=1000&limit=1")["events"]) == 1)
        with Viewer(daemon.url, daemon.token) as viewer:
            viewer.subscribe("farm", after=0)
            viewer.wait_events(1000)
            flap(peer, 10)
            viewer.wait_events(1010)
            assert viewer.seqs() == list(range(1, len(viewer.events) + 1))
            assert viewer.gaps == []


def small_socket(port: int) -> socket.socket:
    """A connection whose own kernel holds little for it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    return client


def test_slow_reader_is_told_the_gap_and_catches_up(make_daemon: DaemonMaker) -> None:
    daemon = make_daemon("--live-ring", "16", "--live-send-buffer", "4096")
    with (
        peer_of(daemon) as peer,
        Viewer(daemon.url, daemon.token) as quick,
        Viewer(daemon.url, daemon.token, max_queue=1, sock=small_socket(daemon.port)) as slow,
    ):
        peer.hello(["b1"])
        slow.subscribe("farm", after=0)
        quick.subscribe("farm", after=0)
        total = 0
        # It reads nothing meanwhile; the quick one sees to it that the ring has gone on.
        while total < 5000:
            flap(peer, 500)
            total += 500
            quick.wait_events(total)
        slow.wait_events(total, 120)
        assert slow.gaps, "it never fell behind"
        assert slow.seqs() == list(range(1, len(slow.events) + 1))


def test_console_goes_on_where_it_was_left(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        submit(daemon)
        assign = peer.receive("assign")
        run = assign["run"]
        peer.print(assign, b"0123456789")
        with Viewer(daemon.url, daemon.token) as viewer:
            viewer.subscribe(f"run:{run}")
            viewer.wait("the console", lambda: viewer.console.get(run) == b"0123456789")
            peer.print(assign, b"abc")
            viewer.wait("more", lambda: viewer.console[run].endswith(b"abc"))
        peer.print(assign, b"defg")
        with Viewer(daemon.url, daemon.token) as again:
            again.console[run] = b"0123456789abc"
            again.subscribe(f"run:{run}", console_from=13)
            again.wait("the rest", lambda: again.console[run] == b"0123456789abcdefg")
        with Viewer(daemon.url, daemon.token) as without:
            without.subscribe(f"run:{run}", after=0, console=False)
            peer.end(assign)
            without.wait_event(is_type("run.finished"))
            assert without.console == {}


def test_long_console_to_readers_of_every_age(make_daemon: DaemonMaker) -> None:
    """Readers that begin before, amid and after 2 MB of console, with a tail of 4 KiB, all get every byte."""
    daemon = make_daemon("--live-tail", "4096", "--live-send-buffer", "8192")
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        submit(daemon)
        assign = peer.receive("assign")
        run = assign["run"]
        viewers = [Viewer(daemon.url, daemon.token)]
        viewers[0].subscribe(f"run:{run}")
        for i in range(64):
            peer.print(assign, os.urandom(32768))
            if i == 30:
                viewers.append(Viewer(daemon.url, daemon.token))
                viewers[-1].subscribe(f"run:{run}")
        peer.wait_ack(run, peer.end(assign))
        viewers.append(Viewer(daemon.url, daemon.token))
        viewers[-1].subscribe(f"run:{run}")
        for viewer in viewers:
            with viewer:
                viewer.wait_console(run, peer.console[run])


def test_who_gets_in(daemon: Farm) -> None:
    with Viewer(daemon.url, daemon.token, header=False) as viewer:
        assert viewer.subscribe("farm")["subscribed"] is True
    for token in ("nonsense", (daemon.state / "agent.token").read_text().strip()):
        with pytest.raises(InvalidStatus) as refused:
            Viewer(daemon.url, token)
        assert refused.value.response.status_code == 401
        with Viewer(daemon.url, token, header=False) as viewer:
            assert viewer.wait_other(lambda message: "error" in message)["error"]["code"] == "unauthorized"
            with pytest.raises(ConnectionClosed):
                viewer.take(180)
    with Viewer(daemon.url, None) as viewer:
        viewer.send({"subscribe": "farm", "id": "x"})
        assert viewer.wait_other(lambda message: "error" in message)["error"]["code"] == "unauthorized"


def test_pages_of_other_sites_do_not_get_in(daemon: Farm) -> None:
    address = daemon.url.replace("http", "ws") + "/api/v1/live"
    how: Json = {"subprotocols": [Subprotocol("assay-live-1")], "open_timeout": 90}
    with connect(address, origin=Origin(daemon.url), **how) as page:
        page.send(json.dumps({"token": daemon.token}))
    for origin in ("http://evil.example", "null", daemon.url + ".evil.example"):
        with pytest.raises(InvalidStatus) as refused, connect(address, origin=Origin(origin), **how):
            pass
        assert refused.value.response.status_code == 403


def test_a_removed_token_closes_its_viewers(daemon: Farm) -> None:
    token = token_of(daemon, "viewer")
    with Viewer(daemon.url, token) as viewer:
        viewer.subscribe("farm")
        assert daemon.api("DELETE", "tokens/viewer.default").status_code == 204
        with pytest.raises(ConnectionClosed):
            while True:
                viewer.take(180)


def test_another_organisation_sees_boards_but_no_jobs(daemon: Farm) -> None:
    token = token_of(daemon, "viewer", "acme")
    with Viewer(daemon.url, token) as viewer, peer_of(daemon) as peer:
        viewer.subscribe("farm", after=0)
        peer.hello(["b1"])
        submit(daemon)
        assign = peer.receive("assign")
        viewer.subscribe(f"run:{assign['run']}", "r", after=0)
        peer.print(assign, b"secret")
        peer.wait_ack(assign["run"], peer.end(assign))
        flap(peer, 2)
        viewer.wait("the board", lambda: len([e for e in viewer.events if e["type"] == "board.changed"]) >= 3)
        assert not [event for event in viewer.events if "job" in event or "run" in event]
        assert viewer.console == {}
        headers = {"Authorization": f"Bearer {token}"}
        kept = requests.get(f"{daemon.url}/api/v1/events?limit=1000", headers=headers, timeout=180).json()
        assert kept["events"][: len(viewer.events)] == viewer.events


def test_the_same_place_is_not_the_same_frame(daemon: Farm) -> None:
    """Viewers at the same place share what was written once: only with those who may see and asked for the same."""
    others = token_of(daemon, "viewer", "acme"), token_of(daemon, "viewer")
    with contextlib.ExitStack() as stack:
        peer = stack.enter_context(peer_of(daemon))
        peer.hello(["b1", "b2"])
        seq = daemon.get("farm")["seq"]
        viewers = [
            (name, topic, stack.enter_context(Viewer(daemon.url, token)))
            for token in (daemon.token, *others, daemon.token)
            for name in ("x", "y")
            for topic in ("farm", "board:b1", "board:b2", "job:1", "run:1")
        ]
        for name, topic, viewer in viewers:
            viewer.subscribe(topic, name, after=seq)
        submit(daemon, "b1")
        assign = peer.receive("assign")
        peer.wait_ack(assign["run"], peer.end(assign))
        flap(peer, 4)
        peer.send({"type": "board", "name": "b2", "state": "recovering", "reason": "last", "unique_id": ""})
        _, _, first = viewers[0]
        first.wait_event(lambda event: event.get("reason") == "last")
        last = daemon.get("farm")["seq"]
        for i, (_, topic, viewer) in enumerate(viewers):
            kind, _, value = topic.partition(":")
            token = (daemon.token, *others, daemon.token)[i // 10]
            headers = {"Authorization": f"Bearer {token}"}
            kept = requests.get(f"{daemon.url}/api/v1/events?after={seq}", headers=headers, timeout=180).json()[
                "events"
            ]
            wanted = [e for e in kept if kind == "farm" or str(e.get(kind)) == value]
            viewer.wait_events(len(wanted))
            viewer.subscribe("farm", "end", after=last)  # its answer comes behind whatever was told too much
            assert viewer.events == wanted, (topic, token)


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_answered(daemon: Farm, text: str) -> None:
    with Viewer(daemon.url, daemon.token) as viewer:
        viewer.socket.send(text)
        assert viewer.wait_other(lambda message: "error" in message)["error"]["code"] == "malformed"
        assert viewer.subscribe("farm", "good")["subscribed"] is True


def test_too_much_nonsense_and_too_large_a_message_close(daemon: Farm) -> None:
    with Viewer(daemon.url, daemon.token) as viewer, pytest.raises(ConnectionClosed):
        for _ in range(100):
            viewer.socket.send("nonsense")
            viewer.take(180)
    with Viewer(daemon.url, daemon.token) as viewer, pytest.raises(ConnectionClosed):
        viewer.socket.send("x" * 100000)
        while True:
            viewer.take(180)


def test_subscriptions_end(daemon: Farm) -> None:
    with Viewer(daemon.url, daemon.token) as viewer, peer_of(daemon) as peer:
        viewer.subscribe("farm", "a")
        viewer.send({"subscribe": "farm", "id": "a"})
        assert viewer.wait_other(lambda message: "error" in message)["error"]["code"] == "conflict"
        viewer.send({"unsubscribe": "a"})
        viewer.subscribe("board:b1", "b")
        peer.hello(["b1"])
        viewer.wait_event(is_type("board.changed"))
        assert {event["type"] for event in viewer.events} == {"board.changed"}


def test_a_number_from_the_future_begins_now(daemon: Farm) -> None:
    with Viewer(daemon.url, daemon.token) as viewer:
        answer = viewer.subscribe("farm", after=10**12)
        assert answer["seq"] == daemon.get("farm")["seq"]


def test_many_viewers_all_see_everything(daemon: Farm) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        viewers = [Viewer(daemon.url, daemon.token) for _ in range(100)]
        for viewer in viewers:
            viewer.subscribe("farm", after=0)
        flap(peer, 50)
        for viewer in viewers:
            with viewer:
                viewer.wait_events(52)
                assert viewer.seqs() == list(range(1, len(viewer.events) + 1))


def test_stops_whoever_looks_on(daemon: Farm) -> None:
    """Events come all the while, and the two hundred others who look on read nothing."""
    gone = threading.Event()
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(open_viewer(daemon.port, daemon.token, ["farm"]))
        peer = stack.enter_context(peer_of(daemon))
        quick = stack.enter_context(Viewer(daemon.url, daemon.token))
        peer.hello(["b1"])
        quick.subscribe("farm", after=0)

        def load() -> None:
            with contextlib.suppress(ConnectionClosed):
                while not gone.is_set():
                    flap(peer, 100)

        loader = threading.Thread(target=load)
        loader.start()
        try:
            quick.wait_events(2000)
            daemon.end(daemon.daemon)
        finally:
            gone.set()
            loader.join(60)
