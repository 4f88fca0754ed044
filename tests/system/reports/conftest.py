# SPDX-License-Identifier: Apache-2.0
"""Daemons with jobs in their database that no board ever ran: of any size, and with any history."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.farm import Farm

T0 = 1763823002000000
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

Fill = Callable[[sqlite3.Connection], None]
FarmWith = Callable[..., Farm]


def add_job(db: sqlite3.Connection, job: int, verdict: str, cause: str, name: str = "kept") -> None:
    db.execute("INSERT OR IGNORE INTO organisation VALUES ('default', 0)")
    db.execute(
        "INSERT INTO job (id, org, owner, name, suite, priority, retries, state, verdict, cause, text, cancel_wanted,"
        " submitted_at_us, finished_at_us, spec)"
        " VALUES (?, 'default', 'mary', ?, 'reference', 50, 2, 'finished', ?, ?, 'why', 0, ?, ?, '{}')",
        (job, name, verdict, cause, T0, T0 + 5_000_000),
    )


def add_run(db: sqlite3.Connection, run: int, job: int, number: int = 0, attempt: int = 1) -> None:
    """As the daemon does: open first, its cases, and then finish_run."""
    db.execute(
        "INSERT INTO run (id, job, org, number, spec, attempt, board_type, wanted_board, board, agent, fence, state,"
        " verdict, cause, text, image_sha256, image_name, build_id, image_bytes, passed, failed, ignored, missing,"
        " crashed, error, cases_total, console_bytes, console_dropped, console_sha256, core, have, queued_at_us,"
        " assigned_at_us, started_at_us, finished_at_us) VALUES (?, ?, 'default', ?, 0, ?, 'microbit', '', 'mb1',"
        " 'rack1', 1, 'running', 'none', 'none', '', ?, 'suite.elf', 'bf37', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', '', 0,"
        " ?, ?, ?, 0)",
        (run, job, number, attempt, SHA, T0, T0, T0),
    )


def add_case(db: sqlite3.Connection, run: int, serial: int, group: str, name: str, verdict: str) -> None:
    db.execute(
        "INSERT INTO case_result (run, serial, org, suite_group, name, verdict, message, required, waived_ignore,"
        " console_from, console_to, begun_at_us, ended_at_us) VALUES (?, ?, 'default', ?, ?, ?, ?, 1, 0, 0, 0, ?, ?)",
        (run, serial, group, name, verdict, "" if verdict == "pass" else "Expected 1 Was 2", T0, T0 + 1000),
    )


def finish_run(db: sqlite3.Connection, run: int, verdict: str, cause: str) -> None:
    db.execute(
        "UPDATE run SET state = 'finished', verdict = ?, cause = ?, finished_at_us = ? WHERE id = ?",
        (verdict, cause, T0 + 4_000_000, run),
    )


@pytest.fixture
def farm_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FarmWith]:
    """A daemon makes its database, is stopped, gets the rows, and starts again, with more options if wished."""
    # Tests of its memory: AddressSanitizer must not keep what was freed.
    monkeypatch.setenv("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1")
    farm = Farm(tmp_path)

    def make(fill: Fill, *more: str) -> Farm:
        farm.start_daemon()
        farm.end(farm.daemon)
        with sqlite3.connect(farm.state / "assay.db") as db:
            fill(db)
        db.close()
        farm.start_daemon(*more)
        return farm

    yield make
    farm.stop()
