# SPDX-License-Identifier: Apache-2.0
"""A report of a very large job: whole, and written in little memory while the daemon goes on answering."""

import json
import sqlite3
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.support.farm import Farm
from tests.system.reports.conftest import Fill, add_job, add_run, finish_run

CASES = 100_000
FORMATS = ("text", "json", "junit", "idt-device", "idt-frq", "html")
# Of memory that is the daemon's own (a mapped database is the kernel's): SQLite's caches and the sorter of two readers,
# the report itself, and what malloc keeps. A model of all cases would take more than 100 MiB.
GROWTH_MIB = 24


def fill(db: sqlite3.Connection) -> None:
    add_job(db, 1, "failed", "case-failed", "big")
    add_run(db, 1, 1)
    db.executemany(
        "INSERT INTO case_result (run, serial, org, suite_group, name, verdict, message, required, waived_ignore,"
        " console_from, console_to, begun_at_us, ended_at_us) VALUES (1, ?, 'default', ?, ?, ?, ?, 1, 0, 0, 0, 0, 0)",
        (
            (
                i + 1,
                f"Group{i // 500}",
                f"case_{i}",
                "fail" if i % 100 == 0 else "pass",
                "said so" if i % 100 == 0 else "",
            )
            for i in range(CASES)
        ),
    )
    finish_run(db, 1, "failed", "case-failed")


class Watch:
    """The most memory of its own that the daemon had while reports were written."""

    def __init__(self, farm: Farm) -> None:
        assert farm.daemon
        self.status = Path(f"/proc/{farm.daemon.pid}/status")
        self.over = threading.Event()
        self.before = self.most = self.now()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()

    def now(self) -> float:
        line = next(line for line in self.status.read_text().splitlines() if line.startswith("RssAnon"))
        return int(line.split()[1]) / 1024

    def look(self) -> None:
        while not self.over.wait(0.01):
            self.most = max(self.most, self.now())

    def end(self) -> float:
        self.over.set()
        self.thread.join()
        return self.most - self.before


def read_whole(farm: Farm, form: str, target: Path) -> None:
    """Piece by piece, with another question in the middle of it."""
    url = f"{farm.url}/api/v1/jobs/1/report?format={form}"
    with farm.session.get(url, stream=True, timeout=300) as answer, target.open("wb") as out:
        assert answer.status_code == 200, answer.text
        for number, piece in enumerate(answer.iter_content(1 << 20)):
            out.write(piece)
            if number == 0:
                other = requests.get(f"{farm.url}/api/v1/farm", headers=dict(farm.session.headers), timeout=180)
                assert other.status_code == 200


@pytest.mark.takes(60)
def test_a_big_job_in_every_format(farm_with: Callable[[Fill], Farm], tmp_path: Path) -> None:
    farm = farm_with(fill)
    watch = Watch(farm)
    try:
        for form in FORMATS:
            read_whole(farm, form, tmp_path / form)
    finally:
        growth = watch.end()
    print(f"assayd grew by {growth:.1f} MiB for {CASES} cases in {len(FORMATS)} formats")
    assert growth < GROWTH_MIB
    assert len(json.loads((tmp_path / "json").read_text())["runs"][0]["cases"]) == CASES
    for form in ("junit", "idt-frq"):
        root = ET.parse(tmp_path / form).getroot()
        assert len(list(root.iter("testcase"))) == CASES + 1
        assert int(root.get("failures", 0)) == CASES // 100 + 1
    assert (tmp_path / "html").read_text().count("<li><span>") == CASES
    assert (tmp_path / "text").read_text().count("    fail ") == CASES // 100
    assert list((farm.state / "console").iterdir()) == []
