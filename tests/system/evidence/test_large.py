# SPDX-License-Identifier: Apache-2.0
"""A job of 100,000 cases is sealed in little memory and verified, and a daemon that is killed while it seals leaves
nothing half-done. Nobody is hung up on because the daemon is slow, only who takes nothing for long."""

import contextlib
import hashlib
import json
import signal
import socket
import sqlite3
import struct
import subprocess
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.support.farm import BUILD, Farm
from tests.support.processes import kill, wait_until
from tests.system.reports.conftest import SHA, FarmWith, Fill, add_job, add_run, farm_with, finish_run
from tests.system.reports.test_big import GROWTH_MIB, Watch

__all__ = ["farm_with"]

CASES = 100_000
SOME = 10_000  # enough to be killed in the middle of


def fill(cases: int) -> Fill:
    lines = [b"TEST(Group%d, case_%d) PASS\n" % (i // 500, i) for i in range(cases)]
    console = b"".join(lines) + b"\n-----------------------\n%d Tests 0 Failures 0 Ignored\nOK\n" % cases
    asked = {
        "require": {
            "cases": [],
            "groups": [],
            "tests": cases,
            "summaries": 1,
            "banner": False,
            "ignored-ok": [],
            "resets": 0,
        },
        "end": {"when": "summary", "silence": "4s", "limit": "1m"},
        "waivers": [],
        "limits": [],
    }
    facts = {
        "capture": "complete",
        "console_bytes": len(console),
        "console_dropped": 0,
        "probe_resets": 0,
        "core_faulted": False,
        "core": "",
        "expected_build_id": "",
        "marks": [],
        "marks_cut": False,
    }

    def add(db: sqlite3.Connection) -> None:
        add_job(db, 1, "passed", "all-required-seen", "large")
        add_run(db, 1, 1)
        at = 0
        rows = []
        for i, line in enumerate(lines):
            rows.append((i + 1, f"Group{i // 500}", f"case_{i}", at, at + len(line) - 1))
            at += len(line)
        db.executemany(
            "INSERT INTO case_result (run, serial, org, suite_group, name, verdict, message, required, waived_ignore,"
            " console_from, console_to, begun_at_us, ended_at_us)"
            " VALUES (1, ?, 'default', ?, ?, 'pass', '', 0, 0, ?, ?, 0, 0)",
            rows,
        )
        db.execute(
            "UPDATE run SET asked = ?, facts = ?, passed = ?, cases_total = ?, console_bytes = ?, console_sha256 = ?",
            (json.dumps(asked), json.dumps(facts), cases, cases, len(console), hashlib.sha256(console).hexdigest()),
        )
        finish_run(db, 1, "passed", "all-required-seen")
        state = Path(db.execute("PRAGMA database_list").fetchone()[2]).parent
        (state / "console/1.raw").write_bytes(console)
        (state / "console/1.times").write_bytes(struct.pack("<Qq", 0, 1763823002000000))
        assert hashlib.sha256(b"test").hexdigest() == SHA
        (state / "images" / SHA).write_bytes(b"test")

    return add


def take(farm: Farm, pause_s: float, pauses: int) -> int:
    """The bytes a client gets of the archive that waits before its first reads."""
    got = 0
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)  # before it connects, or it has no effect
        client.settimeout(180)
        client.connect(("127.0.0.1", farm.port))
        ask = "GET /api/v1/jobs/1/evidence HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        client.sendall(f"{ask}Authorization: Bearer {farm.token}\r\n\r\n".encode())
        while True:
            if pauses > 0:
                time.sleep(pause_s)  # the client's own slowness, which is what is tried here
                pauses -= 1
            try:
                piece = client.recv(1 << 20)
            except ConnectionResetError:
                return got
            if not piece:
                return got
            got += len(piece)


@pytest.mark.takes(45)
def test_sealed_in_little_memory_and_verified(farm_with: FarmWith, tmp_path: Path) -> None:
    # It seals for longer than a client is given.
    farm = farm_with(fill(CASES), "--client-timeout", "3s")
    watch = Watch(farm)
    try:
        done = farm.cli("seal", "1", "-o", tmp_path / "large.tar", timeout_s=600)
    finally:
        growth = watch.end()
    assert done.returncode == 0, done.stderr
    size = (tmp_path / "large.tar").stat().st_size
    # Who were hung up on for being slow would be each time; a client that stood still for seconds need not be.
    assert any(take(farm, 0.75, 6) > size for _ in range(5))
    assert take(farm, 12, 1) < size
    print(f"assayd grew by {growth:.1f} MiB")
    assert growth < GROWTH_MIB
    key = tmp_path / "farm.pub"
    key.write_text(farm.cli("keys", "--public").stdout)
    argv: list[str | Path] = [BUILD / "bin/assay", "verify", tmp_path / "large.tar", "--key", key]
    checked = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout[:3000]
    assert f"bytes, {CASES} cases" in checked.stdout


@pytest.mark.takes(20)
def test_killed_while_it_seals(farm_with: FarmWith) -> None:
    farm = farm_with(fill(SOME))
    evidence = farm.state / "evidence"
    headers = dict(farm.session.headers)

    def ask() -> None:
        with contextlib.suppress(requests.ConnectionError):  # it is killed meanwhile
            requests.post(f"{farm.url}/api/v1/jobs/1/seal", headers=headers, timeout=300)

    thread = threading.Thread(target=ask)
    thread.start()

    def sealing() -> bool:
        """Its file without a name is held open."""
        assert farm.daemon
        held = [path.resolve() for path in Path(f"/proc/{farm.daemon.pid}/fd").iterdir() if path.is_symlink()]
        return any("evidence/spool-" in str(path) for path in held)

    wait_until("sealing has begun", sealing)
    assert farm.daemon
    kill(farm.daemon.pid)
    thread.join()
    farm.daemon.wait()
    farm.start_daemon()
    assert list(evidence.iterdir()) == []
    assert farm.api("GET", "jobs/1/evidence").status_code == 404
    assert farm.api("POST", "jobs/1/seal").status_code == 200
    assert [path.name for path in evidence.iterdir()] == ["job-1.tar"]
    farm.end(farm.daemon, signal.SIGTERM)
