# SPDX-License-Identifier: Apache-2.0
"""A person at a leased board, through `assay lease` and the daemon, with an agent that is spoken by hand: bytes both
ways, and every way in which a lease ends."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.farm import BUILD, Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import RackPeer
from tests.support.socket_peer import SocketPeer
from tests.support.tunnel_frames import (
    CLOSE,
    CONSOLE,
    CREDIT,
    DATA,
    DONE,
    FAULT,
    GDB,
    LEASE_OVER,
    LOST,
    OPEN,
    OPENED,
    WINDOW,
    Frame,
    decode,
)
from tests.system.daemon.conftest import DaemonMaker, peer_of

Json = dict[str, Any]
LIMIT_S = 180


class Client:
    """`assay lease …`, which prints where gdb and console are once the lease is granted."""

    def __init__(self, farm: Farm, *argv: str, token: str | None = None, terminal: bool = False) -> None:
        env = {**os.environ, "ASSAY_URL": farm.url, "ASSAY_TOKEN": token or farm.token}
        words = [str(BUILD / "bin/assay"), *([] if terminal else ["--json"]), *argv]
        stdin = subprocess.PIPE if terminal else subprocess.DEVNULL
        self.process = subprocess.Popen(words, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)

    def granted(self) -> Json:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.process.communicate()
        return dict(json.loads(line))

    def ends(self) -> tuple[int, str]:
        _, said = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, said.decode()

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    farm = Farm(tmp_path_factory.mktemp("leases"))
    farm.start_daemon()
    yield farm
    farm.stop()


@pytest.fixture
def peer(farm: Farm, request: pytest.FixtureRequest) -> Iterator[RackPeer]:
    """A rack of its own for each test, with a board of its name."""
    with peer_of(farm, request.node.name) as peer:
        peer.hello([f"{request.node.name}-b"[:60]], leases=True)
        yield peer


@pytest.fixture
def clients() -> Iterator[list[Client]]:
    made: list[Client] = []
    yield made
    for client in made:
        client.kill()
        client.process.communicate()


def lease(farm: Farm, peer: RackPeer, clients: list[Client], *more: str) -> tuple[Client, Json, Json]:
    """A granted one: the client, what it says, and the assign."""
    board = f"{peer.agent}-b"[:60]
    client = Client(farm, "lease", board, "--for", "5m", "--console-port", "0", *more)
    clients.append(client)
    assign = peer.receive("assign")
    assert assign["hold_ms"] == 300000 and "image" not in assign
    peer.step(assign, "power-on", 0)
    peer.event(assign, "step.begun", step="hold", phase="forward", row=4)
    return client, client.granted(), assign


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), LIMIT_S)


def named_token(farm: Farm, name: str) -> str:
    made = farm.api("POST", "tokens", json={"name": name, "role": "member"})
    assert made.status_code == 201, made.text
    return str(made.json()["token"])


def answer(peer: RackPeer, service: int, assign: Json) -> Frame:
    """The agent's side of a channel that is opened."""
    asked = peer.frame(OPEN)
    assert (asked.service, asked.run, asked.fence) == (service, assign["run"], assign["fence"])
    peer.send_frame(Frame(OPENED, asked.channel, credit=WINDOW))
    return asked


def end(peer: RackPeer, assign: Json) -> None:
    peer.event(assign, "step.ended", step="hold", phase="forward", row=4, cause="none", text="", took_us=1)
    peer.wait_ack(assign["run"], peer.end(assign, cause="lease-ended"))


def test_gdb_and_console_go_through_the_daemon(farm: Farm, peer: RackPeer, clients: list[Client]) -> None:
    client, told, assign = lease(farm, peer, clients)
    with dial(told["gdb_port"]) as gdb, gdb.makefile("rb") as from_board:
        gdb.sendall(b"$qSupported#37")
        channel = answer(peer, GDB, assign)
        assert peer.frame(DATA).data == b"$qSupported#37"
        peer.send_frame(Frame(DATA, channel.channel, data=b"+$OK#9a"))
        assert from_board.read(7) == b"+$OK#9a"
        with dial(told["console_port"]) as console, console.makefile("rb") as printed:
            console.sendall(b"help\r")
            answer(peer, CONSOLE, assign)
            assert peer.frame(DATA).data == b"help\r"
            peer.print(assign, b"commands: none\r\n")
            assert printed.read(16) == b"commands: none\r\n"
        assert peer.frame(CLOSE).end == DONE
        peer.send_frame(Frame(CLOSE, channel.channel, end=LOST, data=b"OpenOCD died"))
        assert from_board.read() == b""
    client.kill(signal.SIGINT)
    assert peer.receive("cancel")["reason"] == "given back by admin"
    end(peer, assign)
    status, said = client.ends()
    assert status == 0 and "gdb: lost: OpenOCD died" in said and "is given back" in said


def test_more_than_the_windows_goes_through(farm: Farm, peer: RackPeer, clients: list[Client]) -> None:
    """A load of half a megabyte, and as much back, each as far as the other side has room."""
    size = 4 * WINDOW
    client, told, assign = lease(farm, peer, clients)
    with dial(told["gdb_port"]) as gdb, gdb.makefile("rb") as from_board:
        channel = answer(peer, GDB, assign)
        writer = threading.Thread(target=gdb.sendall, args=(bytes(size),))
        writer.start()
        came = 0
        while came < size:
            came += len(peer.frame(DATA).data)
            assert came <= size
            if came % WINDOW == 0:
                peer.send_frame(Frame(CREDIT, channel.channel, credit=WINDOW))
        writer.join()
        reader = threading.Thread(target=from_board.read, args=(size,))
        reader.start()
        room, sent = channel.credit, 0
        while sent < size:
            while room == 0:
                room += peer.frame(CREDIT).credit
            piece = min(room, 16384, size - sent)
            peer.send_frame(Frame(DATA, channel.channel, data=bytes(piece)))
            room, sent = room - piece, sent + piece
        reader.join(LIMIT_S)
        assert not reader.is_alive()
    assert client.process.poll() is None


def test_nothing_that_is_typed_is_lost_on_a_board_that_is_slow(
    farm: Farm, peer: RackPeer, clients: list[Client]
) -> None:
    """More than all windows and buffers on the way, at once, as of a file that is pasted."""
    pasted = b"".join(b"line %07d\n" % n for n in range(60_000))
    client = Client(farm, "lease", f"{peer.agent}-b"[:60], "--for", "5m", terminal=True)
    clients.append(client)
    assign = peer.receive("assign")
    peer.step(assign, "power-on", 0)
    peer.event(assign, "step.begun", step="hold", phase="forward", row=4)
    assert client.process.stdin
    writer = threading.Thread(target=client.process.stdin.write, args=(pasted,))
    writer.start()
    channel = answer(peer, CONSOLE, assign)
    came = b""
    while len(came) < len(pasted):
        came += peer.frame(DATA).data
        assert pasted.startswith(came)
        if len(came) % WINDOW == 0:
            peer.send_frame(Frame(CREDIT, channel.channel, credit=WINDOW))
    writer.join()
    client.process.stdin.close()
    client.process.stdin = None
    client.kill(signal.SIGINT)
    peer.receive("cancel")
    end(peer, assign)
    assert client.ends()[0] == 0


def test_the_lease_of_a_client_that_died_ends_by_itself(farm: Farm, peer: RackPeer, clients: list[Client]) -> None:
    client, told, assign = lease(farm, peer, clients, "--grace", "1s")
    with dial(told["gdb_port"]):
        channel = answer(peer, GDB, assign)
        client.kill()
    closed = peer.frame(CLOSE)
    assert closed.channel == channel.channel
    assert peer.receive("cancel")["reason"] == "its client was gone for 1 s"
    end(peer, assign)
    assert farm.wait_job(told["lease"])["text"] == "its client was gone for 1 s"
    events = [event["type"] for event in farm.get(f"events?job={told['lease']}&limit=1000")["events"]]
    assert events[-3:] == ["run.finished", "lease.ended", "job.finished"]


def test_it_goes_on_over_a_restart_of_the_daemon(make_daemon: DaemonMaker, clients: list[Client]) -> None:
    farm = make_daemon()
    with peer_of(farm, "here") as peer:
        peer.hello(["here-b"], leases=True)
        client, told, assign = lease(farm, peer, clients)
        peer.wait_ack(assign["run"], 3)
        gdb = dial(told["gdb_port"])
        answer(peer, GDB, assign)
    farm.end(farm.daemon, signal.SIGKILL)
    assert gdb.recv(1) == b""
    gdb.close()
    farm.start_daemon()
    with peer_of(farm, "here") as peer:
        held = {"run": assign["run"], "fence": assign["fence"], "last": 3, "ended": False}
        welcome = peer.hello(["here-b"], [held], leases=True)
        assert welcome["runs"] == [{"run": assign["run"], "have": 3, "known": True, "cancel": False}]
        assert 0 < peer.receive("extend")["hold_ms"] <= 300000
        peer.sent[assign["run"]] = 3
        wait_until("the client to be back", lambda: farm.get(f"leases/{told['lease']}")["lease"]["clients"] == 1)
        with dial(told["gdb_port"]) as gdb:
            gdb.sendall(b"?")
            answer(peer, GDB, assign)
            assert peer.frame(DATA).data == b"?"
        client.kill(signal.SIGTERM)
        peer.receive("cancel")
        end(peer, assign)
    assert client.ends()[0] == 0
    assert farm.wait_job(told["lease"])["cause"] == "lease-ended"


def test_over_a_restart_it_goes_by_the_clock_that_nobody_sets(make_daemon: DaemonMaker) -> None:
    """What is stored is moved instead of the machine's clock: to the daemon that is the same."""
    day_ms, hour_ms = 86_400_000, 3_600_000
    farm = make_daemon()
    with peer_of(farm, "here") as peer:
        peer.hello(["here-b"], leases=True)
        made = farm.api("POST", "leases", json={"type": "peer", "for_ms": hour_ms, "grace_ms": 0})
        assert made.status_code == 201, made.text
        assign = peer.receive("assign")
        peer.wait_ack(assign["run"], peer.event(assign, "step.begun", step="hold", phase="forward", row=4))

    def left_ms(moved_ms: int, boot: str) -> int:
        """So much of it is left to a daemon that finds its end moved so far, by the wall clock."""
        farm.end(farm.daemon)
        with closing(sqlite3.connect(farm.state / "assay.db")) as database, database:
            database.execute(f"UPDATE hold SET until_us = until_us + ?, boot = {boot}", (1000 * moved_ms,))
        farm.start_daemon()
        with peer_of(farm, "here") as peer:
            last = {"run": assign["run"], "fence": assign["fence"], "last": 1, "ended": False}
            assert peer.hello(["here-b"], [last], leases=True)["runs"][0]["known"]
            return int(peer.receive("extend")["hold_ms"])

    put_forward = left_ms(-day_ms, "boot")
    put_back = left_ms(day_ms + hour_ms, "boot")
    assert hour_ms / 2 < put_back <= put_forward <= hour_ms
    # The machine was started anew: there is no other clock than the wall's.
    assert left_ms(-day_ms, "'another start of the machine'") == 1


def test_an_admin_hands_over_within_the_organisation_of_the_lease(farm: Farm) -> None:
    named_token(farm, "maria")
    eve = {"name": "eve", "role": "member", "org": "acme"}
    token = farm.api("POST", "tokens", json=eve).json()["token"]
    farm.api("POST", "tokens", json={**eve, "name": "adam"})
    with peer_of(farm, "later") as peer:
        peer.hello(["later-b"], leases=True)
        wish = {"board": "later-b", "for_ms": 60000, "from_us": (int(time.time()) + 86400) * 1000000}
        asked = farm.api("POST", "leases", json=wish, headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 201, asked.text
    number = asked.json()["lease"]["id"]
    refused = farm.api("POST", f"leases/{number}/hand-over", json={"to": "maria"})
    assert refused.status_code == 422 and "a member of organisation acme" in refused.text
    assert farm.api("POST", f"leases/{number}/hand-over", json={"to": "adam"}).status_code == 200
    assert farm.api("POST", "leases/999999/hand-over", json={"to": "adam"}).status_code == 404
    assert farm.cli("lease", "end", str(number)).returncode == 0


def test_handed_over_the_old_holder_is_cut(farm: Farm, peer: RackPeer, clients: list[Client]) -> None:
    max_token, bob_token = named_token(farm, "max"), named_token(farm, "bob")
    client, told, assign = lease(farm, peer, clients)
    number = told["lease"]
    refused = Client(farm, "lease", "attach", str(number), token=max_token)
    clients.append(refused)
    assert "is another's" in refused.ends()[1]
    with dial(told["gdb_port"]) as gdb:
        channel = answer(peer, GDB, assign)
        assert farm.cli("lease", "hand-over", str(number), "nobody").returncode == 2
        assert farm.cli("lease", "hand-over", str(number), "max").returncode == 0
        closed = peer.frame(CLOSE)
        assert (closed.channel, closed.end, closed.data) == (channel.channel, LEASE_OVER, b"from admin to max")
        assert gdb.recv(1) == b""
    status, said = client.ends()
    assert status == 0 and "from admin to max" in said
    new = Client(farm, "lease", "attach", str(number), token=max_token)
    clients.append(new)
    with dial(new.granted()["gdb_port"]):
        answer(peer, GDB, assign)
    longer = subprocess.run(
        [BUILD / "bin/assay", "lease", "extend", str(number), "--for", "5m"],
        env={**os.environ, "ASSAY_URL": farm.url, "ASSAY_TOKEN": bob_token},
        capture_output=True,
        text=True,
    )
    assert longer.returncode == 5 and "is max's" in longer.stderr
    assert farm.cli("lease", "extend", str(number), "--for", "5m").returncode == 0
    assert 300000 < peer.receive("extend")["hold_ms"] <= 600000
    assert farm.cli("lease", "end", str(number)).returncode == 0
    peer.receive("cancel")
    end(peer, assign)
    assert new.ends()[0] == 0


def test_a_lease_that_is_cancelled_while_it_waits(farm: Farm, peer: RackPeer, clients: list[Client]) -> None:
    _, told, assign = lease(farm, peer, clients)
    second = Client(farm, "lease", f"{peer.agent}-b"[:60], "--for", "5m")
    clients.append(second)

    def waiting() -> list[Json] | None:
        return [one for one in farm.get("leases")["leases"] if one["state"] == "waiting"] or None

    (one,) = wait_until("the second to wait", waiting)
    assert one["waits"]["reason"] in ("running", "turn")
    wait_until("its client", lambda: farm.get(f"leases/{one['id']}")["lease"]["clients"] == 1)
    second.kill(signal.SIGINT)
    status, said = second.ends()
    assert status == 0 and f"lease {one['id']} is given back" in said
    assert farm.job(one["id"])["verdict"] == "cancelled"
    assert farm.get(f"leases/{told['lease']}")["lease"]["state"] == "held"
    assert assign["run"] == told["run"]


def test_a_board_that_is_reserved(farm: Farm, peer: RackPeer, clients: list[Client]) -> None:
    board = f"{peer.agent}-b"[:60]
    asked = farm.cli("reserve", board, "--from", "+10s", "--for", "5m")  # still to come when the daemon hears of it
    assert asked.returncode == 0, asked.stderr
    (number,) = re.findall(r"lease (\d+) is reserved from", asked.stdout)
    refused = farm.cli("reserve", board, "--from", "+1m")
    assert refused.returncode == 2 and "the earliest time is" in refused.stderr, refused.stderr
    wrong = farm.cli("reserve", board, "--from", "noon")
    assert wrong.returncode == 2 and 'found "noon", expected a time' in wrong.stderr
    later = farm.cli("reserve", board, "--from", "+12h")
    (other,) = re.findall(r"lease (\d+) is reserved from", later.stdout)
    assign = peer.receive("assign")
    assert assign["job"] == int(number)
    peer.event(assign, "step.begun", step="hold", phase="forward", row=4)
    client = Client(farm, "lease", "attach", number)
    clients.append(client)
    assert client.granted()["board"] == board
    assert "reserved" in farm.cli("lease", "list").stdout
    assert "is given up" in farm.cli("reserve", "cancel", other).stdout
    assert farm.cli("lease", "end", number).returncode == 0
    peer.receive("cancel")
    end(peer, assign)
    assert client.ends()[0] == 0


def tunnel(farm: Farm, number: int, token: str = "") -> SocketPeer:
    headers = {"Authorization": f"Bearer {token or farm.token}"}
    return SocketPeer(farm.url, f"/api/v1/leases/{number}/tunnel", "assay-tunnel-1", headers)


def said(guest: SocketPeer) -> Frame:
    message = guest.socket.recv(LIMIT_S)
    assert isinstance(message, bytes)
    return decode(message)


def test_frames_that_break_the_rules(farm: Farm, peer: RackPeer, clients: list[Client]) -> None:
    _, told, assign = lease(farm, peer, clients)
    with pytest.raises(InvalidStatus) as refused:
        tunnel(farm, 4711)
    assert refused.value.response.status_code == 404
    for wrong in (b"", b"\x09\0\0\0\1", Frame(OPENED, 1, credit=1).encode(), Frame(DATA, 1).encode()):
        with tunnel(farm, told["lease"]) as guest:
            guest.socket.send(wrong)
            with pytest.raises(ConnectionClosed):
                guest.socket.recv(LIMIT_S)
    with tunnel(farm, told["lease"]) as guest:
        guest.socket.send(Frame(OPEN, 7, run=9, fence=9, credit=1000, service=GDB).encode())
        channel = answer(peer, GDB, assign)
        assert channel.credit == 1000
        assert said(guest) == Frame(OPENED, 7, credit=WINDOW)
        for _ in range(WINDOW // 16384 + 1):
            guest.socket.send(Frame(DATA, 7, data=bytes(16384)).encode())
        closed = said(guest)
        assert (closed.kind, closed.channel, closed.end) == (CLOSE, 7, FAULT)
