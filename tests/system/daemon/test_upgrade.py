# SPDX-License-Identifier: Apache-2.0
"""The state directory of a farm that ran the first Assay and was killed in the middle of run 5, under today's programs.

Job 1 passed, job 2 failed, job 3 passed on its second attempt, job 4 is open; first_release/ is what was on disk."""

import contextlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.farm import BUILD, Farm
from tests.system.daemon.conftest import job_body, peer_of

FIRST = Path(__file__).parent / "first_release"
OPEN_RUN = 5
FENCE = 5
PRINTED = b"TEST(Hello, world) PASS\r\n"  # by run 5, before the kill


@contextlib.contextmanager
def old_farm_in(directory: Path) -> Iterator[Farm]:
    farm = Farm(directory)
    shutil.copytree(FIRST, farm.state)
    with sqlite3.connect(farm.state / "assay.db") as db:
        db.executescript((farm.state / "assay.sql").read_text())
    db.close()
    farm.start_daemon("--agent-grace", "1h")  # its open run stays open, however long the tests take
    try:
        yield farm
    finally:
        farm.stop()


@pytest.fixture(scope="module")
def old_farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """One that is only looked at."""
    with old_farm_in(tmp_path_factory.mktemp("old")) as shared:
        yield shared


def test_all_that_was_kept_is_there(old_farm: Farm) -> None:
    jobs = {job["id"]: job for job in old_farm.get("jobs")["jobs"]}
    assert {number: (job["state"], job["verdict"]) for number, job in jobs.items()} == {
        1: ("finished", "passed"),
        2: ("finished", "failed"),
        3: ("finished", "passed"),
        4: ("running", "none"),
    }
    (run,) = old_farm.job(2)["runs"]
    assert [(case["name"], case["verdict"], case["standing"]) for case in run["cases"]] == [
        ("world", "pass", ""),
        ("sums", "fail", ""),
    ]
    assert [step["step"] for step in run["steps"]] == ["power-on", "flash"]
    console = old_farm.api("GET", f"runs/{run['id']}/console").content
    assert console.startswith(PRINTED) and b"Expected 1 Was 2" in console and len(console) == run["console"]["bytes"]
    assert old_farm.api("GET", f"runs/{OPEN_RUN}/console").content == PRINTED
    assert old_farm.get("events?after=0&limit=1")["events"][0]["seq"] == 1
    names = {token["name"] for token in old_farm.get("tokens")["tokens"]}
    assert names == {"admin", "agent"}


def test_its_reports_are_right(old_farm: Farm) -> None:
    text = old_farm.cli("report", "2").stdout
    assert "cases    2 in all, 1 to look at:" in text and "Hello.sums  Expected 1 Was 2" in text
    report = json.loads(old_farm.cli("report", "3", "--format", "json").stdout)
    assert [(run["attempt"], run["verdict"], run["passed_on_retry"]) for run in report["runs"]] == [
        (1, "infrastructure", False),
        (2, "passed", True),
    ]
    for form in ("junit", "html", "idt-device", "idt-frq"):
        done = old_farm.cli("report", "2", "--format", form)
        assert done.returncode == 1 and "sums" in done.stdout, form
    # What ended before histories were kept counts in them: one result each for world on jobs 1, 2 and 3.
    with sqlite3.connect(f"file:{old_farm.state}/assay.db?mode=ro", uri=True) as db:
        rows = db.execute("SELECT name, run, passed FROM case_history ORDER BY name, run").fetchall()
    db.close()
    assert rows[:4] == [("sums", 2, 0), ("world", 1, 1), ("world", 2, 1), ("world", 4, 1)]


def test_a_seal_says_what_is_missing(old_farm: Farm, tmp_path: Path) -> None:
    done = old_farm.cli("seal", "2", "-o", tmp_path / "2.tar")
    assert done.returncode == 0, done.stderr
    argv: list[str | Path] = [BUILD / "bin/assay", "verify", tmp_path / "2.tar"]
    checked = subprocess.run(
        [*argv, "--key", old_farm.state / "keys/farm.pub"], capture_output=True, text=True, check=False
    )
    # Its bytes are as they were sealed; that the verdict follows from them cannot be shown, and is not said.
    assert checked.returncode == 1
    assert "files, all as they were sealed" in checked.stdout
    assert "run 2: recorded as failed, case-failed: what it was held to was not kept" in checked.stdout


@pytest.fixture
def own_farm(tmp_path: Path) -> Iterator[Farm]:
    with old_farm_in(tmp_path) as farm:
        yield farm


def test_it_goes_on(own_farm: Farm) -> None:
    """The agent comes back with the run that was open; then a new job."""
    with peer_of(own_farm) as peer:
        peer.sent[OPEN_RUN] = 3
        peer.console[OPEN_RUN] = PRINTED
        held = [{"run": OPEN_RUN, "fence": FENCE, "last": 3, "ended": False}]
        (known,) = peer.hello(["b1"], runs=held)["runs"]
        assert known["known"] and known["have"] == 3
        assign = {"run": OPEN_RUN, "fence": FENCE}
        peer.print(assign, b"1 Tests 0 Failures 0 Ignored\r\nOK\r\n")
        peer.wait_ack(OPEN_RUN, peer.end(assign))
        assert own_farm.wait_job(4)["verdict"] == "passed"
        assert own_farm.api("GET", f"runs/{OPEN_RUN}/console").content.startswith(PRINTED + b"1 Tests")
        (image,) = (FIRST / "images").iterdir()
        answer = own_farm.api("POST", "jobs", json=job_body(image.name))
        assert answer.status_code == 201, answer.text
        assign = peer.receive("assign")
        assert assign["fence"] > FENCE
        peer.step(assign, "power-on", 0)
        peer.wait_ack(assign["run"], peer.end(assign))
        assert own_farm.wait_job(answer.json()["job"]["id"])["verdict"] == "passed"
