# SPDX-License-Identifier: Apache-2.0
"""Retries and history in reports, on the command line and over the API."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.support.farm import Farm
from tests.system.reports.conftest import Fill, add_case, add_job, add_run, finish_run


def fill(db: sqlite3.Connection) -> None:
    """Job 1 passed on its second attempt; Shaky.case passes every second time, on one image."""
    db.executemany("INSERT INTO board_type VALUES (?, 'default', '{}', 1)", [("microbit",), ("nrf52-dk",)])
    add_job(db, 1, "passed", "passed-on-retry", "again")
    for run in range(1, 9):
        passes = run % 2 == 0
        if run > 2:
            add_job(db, run, "passed" if passes else "failed", "all-required-seen" if passes else "case-failed")
        job, attempt = (1, run) if run <= 2 else (run, 1)
        add_run(db, run, job, attempt=attempt)
        add_case(db, run, 1, "Hello", "world", "pass")
        add_case(db, run, 2, "Shaky", "case", "pass" if passes else "fail")
        finish_run(db, run, "passed" if passes else "failed", "all-required-seen" if passes else "case-failed")


def test_passed_on_retry_is_a_state_of_its_own(farm_with: Callable[[Fill], Farm], tmp_path: Path) -> None:
    farm = farm_with(fill)
    text = farm.cli("report", "1")
    assert text.returncode == 0
    assert 'Job 1 "again": passed (passed-on-retry)' in text.stdout
    assert "attempt 2: passed, on a further attempt" in text.stdout
    report = json.loads(farm.cli("report", "1", "--format", "json").stdout)
    assert report["cause"] == "passed-on-retry"
    assert [(run["superseded"], run["passed_on_retry"]) for run in report["runs"]] == [(True, False), (False, True)]
    page = farm.cli("report", "1", "--format", "html").stdout
    assert '<span class="verdict">passed on retry</span>' in page
    assert 'name="assay.passed-on-retry" value="true"' in farm.cli("report", "1", "--format", "junit").stdout
    assert 'name="case" attempts="2"' in farm.cli("report", "1", "--format", "idt-frq").stdout
    assert "passed-on-retry" in farm.cli("job", "1").stdout


def test_flaky_cases_are_told(farm_with: Callable[[Fill], Farm]) -> None:
    farm = farm_with(fill)
    flakes = farm.get("flakes")["flakes"]
    assert [(flaky["group"], flaky["name"], flaky["flake"]["flips"], flaky["flake"]["pairs"]) for flaky in flakes] == [
        ("Shaky", "case", 7, 7)
    ]
    table = farm.cli("flakes").stdout
    assert "Shaky.case" in table and "7 of 7" in table and "Hello" not in table
    assert "no flaky cases" in farm.cli("flakes", "nrf52-dk").stdout
    slip = farm.cli("flakes", "nosuch")
    assert slip.returncode == 2 and 'there is no board type "nosuch"' in slip.stderr
    slip = farm.cli("core", "999")
    assert slip.returncode == 2 and "there is no run 999" in slip.stderr
    assert "flaky: changed its mind 7 of 7 times" in farm.cli("report", "7").stdout
    assert "Flaky: on one and the same image it changed its mind 7 of 7 times" in (
        farm.cli("report", "7", "--format", "html").stdout
    )


def test_reports_are_refused_and_cut_as_before(farm_with: Callable[[Fill], Farm]) -> None:
    farm = farm_with(fill)
    assert farm.api("GET", "jobs/1/report?format=pdf").status_code == 400
    assert farm.api("GET", "jobs/99/report").status_code == 404
    assert farm.api("GET", "runs/99/report").status_code == 404
    answer = farm.api("GET", "runs/2/report?format=json")
    assert answer.headers["content-type"] == "application/json"
    assert [run["id"] for run in answer.json()["runs"]] == [2]
    page = farm.api("GET", "jobs/1/report?format=html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    head = farm.api("HEAD", "jobs/1/report?format=html")
    assert int(head.headers["content-length"]) == len(page.content)
    assert farm.cli("report", "1", "--format", "pdf").returncode == 2
