# SPDX-License-Identifier: Apache-2.0
"""Clients that do not behave, and a daemon that is stopped at the wrong moment."""

import contextlib
import json
import resource
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest
import requests
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.support.farm import BUILD, Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import PEER_TYPE
from tests.system.daemon.conftest import DaemonMaker, may_be_told, peer_of, submit


def frame(text: str) -> bytes:
    """A websocket text frame of a client, masked with zeros."""
    data = text.encode()
    assert 126 <= len(data) < 65536
    return b"\x81\xfe" + len(data).to_bytes(2, "big") + bytes(4) + data


@pytest.mark.takes(20)
def test_an_agent_that_reads_nothing_can_be_thrown_out(daemon: Farm) -> None:
    token = daemon.api("POST", "tokens", json={"name": "deaf", "role": "agent", "org": "default"}).json()["token"]
    board = {"name": "b1", "type": "peer", "state": "idle", "reason": "", "unique_id": "", "virtual": True}
    hello = {"type": "hello", "protocol": 1, "agent": "deaf", "version": "0.0.0", "boot": "00c0ffee"}
    step = {
        "type": "event",
        "fence": 1,
        "n": 1,
        "at_us": 1,
        "event": "step.begun",
        "step": "a step with a long name",
        "phase": "forward",
    }
    # Made before it connects: one of which nothing is heard meanwhile would be given up for that.
    stale = b"".join(frame(json.dumps({**step, "row": 0, "run": run})) for run in range(1, 250000))
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", daemon.port))
    with connect(
        f"ws://127.0.0.1:{daemon.port}/api/v1/link",
        sock=sock,
        subprotocols=[Subprotocol("assay-link-1")],
        additional_headers={"Authorization": f"Bearer {token}"},
        max_queue=1,
        # Its own ping would come into the middle of what the test writes, and it would close when nothing answers.
        ping_interval=None,
        open_timeout=180,
        close_timeout=0.1,
    ) as peer:
        peer.send(json.dumps({**hello, "types": [PEER_TYPE], "boards": [board], "runs": []}))
        wait_until("b1", lambda: "b1" in daemon.boards())
        sock.sendall(stale)  # each is answered so, which nobody reads
        assert daemon.boards()["b1"]["state"] == "free"
        assert daemon.api("DELETE", "tokens/deaf").status_code in (200, 204)
        wait_until("b1 to be offline", lambda: daemon.boards()["b1"]["state"] == "offline")
    assert "does not take its end" in daemon.log("assayd.log", 1 << 20)


HALF = b"GET /api/v1/farm HTTP/1.1\r\nHost: x\r\n"


def connect_many(farm: Farm, count: int, stack: contextlib.ExitStack) -> list[socket.socket]:
    return [stack.enter_context(socket.create_connection(("127.0.0.1", farm.port), 180)) for _ in range(count)]


def answer_of(sock: socket.socket) -> bytes:
    """One whole answer with a length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        assert more, data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(
        next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")).split(b":")[1]
    )
    while len(body) < length:
        body += sock.recv(65536)
    return head


def answers_others(daemon: Farm) -> bool:
    """Within a fraction of what one half request may take."""
    try:
        requests.get(f"{daemon.url}/api/v1/farm", timeout=8)
    except requests.Timeout:
        return False
    return True


def keep_answered(daemon: Farm, stack: contextlib.ExitStack) -> list[socket.socket]:
    """Connections that had an answer and stay open for further requests."""
    kept = []
    for _ in range(1200):
        sock = connect_many(daemon, 1, stack)[0]
        sock.sendall(HALF + b"\r\n")
        if b"connection: close" not in answer_of(sock).lower():
            kept.append(sock)
    assert 100 < len(kept) < 1000
    return kept


def test_half_requests_hold_nobody_off(daemon: Farm) -> None:
    """New clients and agents come in between, whether connections are new or were answered before. What would be held
    off is held off each time; a machine that stood still for a while is not."""
    for new in (True, False):
        for _ in range(3):
            with contextlib.ExitStack() as stack:
                for half in connect_many(daemon, 700, stack) if new else keep_answered(daemon, stack):
                    half.sendall(HALF)
                answered = answers_others(daemon)
                with peer_of(daemon) as peer:
                    peer.hello(["b1"])
            if answered:
                break
        assert answered
    with contextlib.ExitStack() as stack:
        for half in connect_many(daemon, 700, stack):
            half.sendall(HALF)
        assert daemon.daemon is not None
        daemon.daemon.send_signal(signal.SIGTERM)
        assert daemon.daemon.wait(180) == 0


def test_few_descriptors_are_kept_for_what_matters(daemon: Farm) -> None:
    """Of 128 descriptors, clients that only hold them get so many that agents come and results are kept."""
    assert daemon.daemon is not None
    begun = time.monotonic()
    resource.prlimit(daemon.daemon.pid, resource.RLIMIT_NOFILE, (128, 128))

    def run_one(board: str, agent: str) -> None:
        with peer_of(daemon, agent) as peer:
            peer.hello([board])
            number = submit(daemon, board)
            assign = peer.receive("assign")
            peer.print(assign, b"hello\r\n")
            peer.wait_ack(assign["run"], peer.end(assign))
            assert daemon.wait_job(number)["verdict"] == "passed"

    with contextlib.ExitStack() as stack:
        for half in connect_many(daemon, 300, stack):
            half.sendall(HALF)
        run_one("b1", "peer1")
    with contextlib.ExitStack() as stack:
        turned_away = 0
        while not turned_away:  # connections that were answered and stay
            sock = connect_many(daemon, 1, stack)[0]
            sock.sendall(HALF + b"\r\n")
            turned_away += answer_of(sock).startswith(b"HTTP/1.1 503 ")
        run_one("b2", "peer2")
    requests.get(f"{daemon.url}/api/v1/farm", timeout=180)
    log = daemon.log("assayd.log", 1 << 20)
    assert "degraded" not in log and log.count("cannot accept") <= may_be_told(begun), log


def test_what_clients_do_wrong_does_not_fill_the_log(daemon: Farm) -> None:
    begun = time.monotonic()
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", daemon.port), 180) as sock:
            sock.sendall(b"GET /api/v1/farm HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 12000)
            with contextlib.suppress(ConnectionError):
                while sock.recv(65536):
                    pass
    assert daemon.get("farm")
    lines = [line for line in daemon.log("assayd.log", 1 << 20).splitlines() if "websockets" in line]
    assert len(lines) <= 2 * may_be_told(begun), lines


@pytest.mark.parametrize("file", ["lock", "assay.db", "assay.db-wal", "admin.token", "agent.token", "assayd.json"])
def test_stopped_while_it_starts(tmp_path: Path, file: str) -> None:
    state = tmp_path / "state"
    argv = [str(BUILD / "bin/assayd"), "--state-dir", str(state), "--listen", "127.0.0.1:0"]
    for _ in range(3):
        daemon = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
        while daemon.poll() is None and not (state / file).exists():
            pass
        daemon.send_signal(signal.SIGTERM)
        _, story = daemon.communicate(timeout=180)
        assert daemon.returncode in (0, -signal.SIGTERM), story
        assert "error" not in story
        for left in sorted(state.rglob("*"), reverse=True):
            left.rmdir() if left.is_dir() else left.unlink()
        state.rmdir()


def test_a_suite_file_with_a_name_too_long(make_daemon: DaemonMaker, tmp_path: Path) -> None:
    suites = tmp_path / "suites"
    suites.mkdir()
    (suites / ("s" * 64 + ".yaml")).write_text("name: x\n")
    (suites / "fine.yaml").write_text("name: fine\nversion: 1\nrequire: {tests: 1}\n")
    farm = make_daemon("--suites-dir", str(suites))
    wait_until("the good suite", lambda: [suite["name"] for suite in farm.get("suites")["suites"]] == ["fine"])
    assert "at most 63 bytes" in farm.log("assayd.log")


def test_a_stop_while_somebody_holds_the_database(daemon: Farm) -> None:
    """What cannot be committed is given up; the client is told by its connection's end."""
    with sqlite3.connect(daemon.state / "assay.db", timeout=180, isolation_level=None) as db:
        db.execute("BEGIN IMMEDIATE")
        lost: list[Exception] = []

        def put() -> None:
            try:
                daemon.api("PUT", "suites/x", data="name: x\nversion: 1\nrequire: {tests: 1}\n")
            except requests.ConnectionError as error:
                lost.append(error)

        thread = threading.Thread(target=put)
        thread.start()
        wait_until("the suite", lambda: any(suite["name"] == "x" for suite in daemon.get("suites")["suites"]))
        daemon.end(daemon.daemon)
        thread.join(180)
        assert lost
        db.execute("ROLLBACK")
    db.close()


def head(method: str, path: str, body: bytes = b"", more: str = "") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: farm\r\n{length}{more}\r\n".encode() + body


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([head("POST", "/api/v1/jobs", b"{}") * 2], id="two-posts"),
        pytest.param([head("GET", "/") + head("POST", "/api/v1/jobs", b"{}")], id="page-and-post"),
        pytest.param([head("GET", "/", b"{}") + head("POST", "/api/v1/jobs", b"{}")], id="page-with-body"),
        pytest.param(
            [head("POST", "/" + 2000 * "a", b"{}")[:-2], b"{}" + head("POST", "/api/v1/jobs", b"{}")],
            id="body-after-its-answer",
        ),
        pytest.param([head("GET", "/", more="Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n"], id="chunks"),
    ],
)
def test_a_request_upon_the_heels_of_another_stops_nobody(daemon: Farm, parts: list[bytes]) -> None:
    """The first is answered; the connection is closed before libwebsockets can trip over the next."""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=180) as client:
        said = b""
        for part in parts:
            client.sendall(part)
            with contextlib.suppress(ConnectionError):
                said += client.recv(65536)
        with contextlib.suppress(ConnectionError):
            while piece := client.recv(65536):
                said += piece
    assert said.count(b"HTTP/1.1 ") == 1 and b"connection: close" in said
    assert requests.get(f"{daemon.url}/api/v1/farm", timeout=180).status_code == 401
