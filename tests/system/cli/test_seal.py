# SPDX-License-Identifier: Apache-2.0
"""assay seal waits as long as the daemon works, and says so on a terminal only."""

import json
import os
import pty
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.farm import BUILD

ARCHIVE = b"all that is kept" * 1000
SUMMARY = {"job": 1, "key": "0123456789ABCDEF", "created_at_us": 1, "bytes": len(ARCHIVE), "files": 3}


class SlowDaemon(ThreadingHTTPServer):
    """Seals when it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.sealed = threading.Event()
        self.env = {"ASSAY_URL": f"http://127.0.0.1:{self.server_address[1]}", "ASSAY_TOKEN": "assay_any"}


class Answers(BaseHTTPRequestHandler):
    server: SlowDaemon

    def answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        assert self.path == "/api/v1/jobs/1/seal"
        self.server.sealed.wait()
        self.answer("application/json", json.dumps(SUMMARY).encode())

    def do_GET(self) -> None:
        assert self.path == "/api/v1/jobs/1/evidence"
        self.answer("application/x-tar", ARCHIVE)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def daemon() -> Iterator[SlowDaemon]:
    with SlowDaemon() as daemon:
        thread = threading.Thread(target=daemon.serve_forever)
        thread.start()
        try:
            yield daemon
        finally:
            daemon.sealed.set()
            daemon.shutdown()
            thread.join()


def start(daemon: SlowDaemon, to: Path, stderr: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [BUILD / "bin/assay", "seal", "1", "-o", to],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**os.environ, **daemon.env},
    )


def test_a_terminal_says_how_long_it_takes(daemon: SlowDaemon, tmp_path: Path) -> None:
    master, slave = pty.openpty()
    process = start(daemon, tmp_path / "job.tar", slave)
    os.close(slave)
    said = b""
    while not re.search(rb"sealing job 1: ([2-9]|\d\d+) s", said):  # a program that stood still leaves numbers out
        said += os.read(master, 1000)
    daemon.sealed.set()
    out, _ = process.communicate(timeout=180)
    os.close(master)
    assert process.returncode == 0
    assert out.decode() == f"job 1 sealed with key {SUMMARY['key']}: {tmp_path / 'job.tar'}\n"
    assert (tmp_path / "job.tar").read_bytes() == ARCHIVE


def test_nothing_else_is_told_of_the_waiting(daemon: SlowDaemon, tmp_path: Path) -> None:
    process = start(daemon, tmp_path / "job.tar", subprocess.PIPE)
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=2.5)
    daemon.sealed.set()
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0
    assert err == b"" and out.count(b"\n") == 1
