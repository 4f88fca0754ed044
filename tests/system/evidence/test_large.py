# SPDX-License-Identifier: Apache-2.0
"""A job of 100,000 cases is sealed in little memory and verified, and a daemon that is killed while it seals leaves
nothing half-done."""

import contextlib
import hashlib
import json
import signal
import sqlite3
import struct
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import requests

from tests.support.farm import BUILD, Farm
from tests.support.processes import kill, wait_until
from tests.system.reports.conftest import SHA, Fill, add_job, add_run, farm_with, finish_run
from tests.system.reports.test_big import GROWTH_MIB, Watch

__all__ = ["farm_with"]

CASES = 100_000
LINES = [b"TEST(Group%d, case_%d) PASS\n" % (i // 500, i) for i in range(CASES)]
CONSOLE = b"".join(LINES) + b"\n-----------------------\n%d Tests 0 Failures 0 Ignored\nOK\n" % CASES
ASKED = {
    "require": {
        "cases": [],
        "groups": [],
        "tests": CASES,
        "summaries": 1,
        "banner": False,
        "ignored-ok": [],
        "resets": 0,
    },
    "end": {"when": "summary", "silence": "4s", "limit": "1m"},
    "waivers": [],
    "limits": [],
}
FACTS = {
    "capture": "complete",
    "console_bytes": len(CONSOLE),
    "console_dropped": 0,
    "probe_resets": 0,
    "core_faulted": False,
    "core": "",
    "expected_build_id": "",
    "marks": [],
    "marks_cut": False,
}


def fill(db: sqlite3.Connection) -> None:
    add_job(db, 1, "passed", "all-required-seen", "large")
    add_run(db, 1, 1)
    at = 0
    rows = []
    for i, line in enumerate(LINES):
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
        (json.dumps(ASKED), json.dumps(FACTS), CASES, CASES, len(CONSOLE), hashlib.sha256(CONSOLE).hexdigest()),
    )
    finish_run(db, 1, "passed", "all-required-seen")
    state = Path(db.execute("PRAGMA database_list").fetchone()[2]).parent
    (state / "console/1.raw").write_bytes(CONSOLE)
    (state / "console/1.times").write_bytes(struct.pack("<Qq", 0, 1763823002000000))
    assert hashlib.sha256(b"test").hexdigest() == SHA
    (state / "images" / SHA).write_bytes(b"test")


def test_sealed_in_little_memory_and_verified(farm_with: Callable[[Fill], Farm], tmp_path: Path) -> None:
    farm = farm_with(fill)
    watch = Watch(farm)
    try:
        done = farm.cli("seal", "1", "-o", tmp_path / "large.tar")
    finally:
        growth = watch.end()
    assert done.returncode == 0, done.stderr
    print(f"assayd grew by {growth:.1f} MiB")
    assert growth < GROWTH_MIB
    key = tmp_path / "farm.pub"
    key.write_text(farm.cli("keys", "--public").stdout)
    argv: list[str | Path] = [BUILD / "bin/assay", "verify", tmp_path / "large.tar", "--key", key]
    checked = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout[:3000]
    assert f"follows from the console, {len(CONSOLE)} bytes, {CASES} cases" in checked.stdout


def test_killed_while_it_seals(farm_with: Callable[[Fill], Farm]) -> None:
    farm = farm_with(fill)
    evidence = farm.state / "evidence"
    headers = dict(farm.session.headers)

    def ask() -> None:
        with contextlib.suppress(requests.ConnectionError):  # it is killed meanwhile
            requests.post(f"{farm.url}/api/v1/jobs/1/seal", headers=headers, timeout=120)

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
