# SPDX-License-Identifier: Apache-2.0
"""An agent whose disk is full, whose board never works, or whose tools stop: it says so, and goes on."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.desk_board import DeskBoard
from tests.support.farm import Farm, virtual_board
from tests.support.processes import kill, wait_until
from tests.system.agent.conftest import END, Rack, ended, firmware, step
from tests.system.farm.test_verdicts import only_run, suite_job

MakeRack = Callable[..., Rack]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "disk"
    path.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "assay-test", str(path)], capture_output=True
    ).returncode:
        pytest.skip("may not mount a file system here")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


@pytest.mark.takes(20)
def test_a_full_disk_ends_the_run_in_clear_words(make_rack: MakeRack, small_disk: Path) -> None:
    rack = make_rack()
    rack.state = small_disk / "state"
    status, messages, log = rack.run(firmware("suite"))
    assert status == 0, (ended(messages)["text"], log)
    assert rack.run(firmware("reboots"))[0] == 1
    filler = small_disk / "filler"
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    filler.write_bytes(b"x" * max(0, free - 48 * 1024))
    # A board that prints and starts again for as long as it may.
    job = {"require": {"summaries": 1, "resets": 1000}, "end": END}
    status, messages, log = rack.run(firmware("reboots"), job)
    assert status == 3, log
    end = ended(messages)
    assert (end["verdict"], end["cause"]) == ("infrastructure", "internal"), end["text"]
    assert "No space left" in end["text"]
    assert step(messages, "power-off")["cause"] == "none"
    assert [one["n"] for one in messages] == list(range(1, len(messages) + 1))
    filler.unlink()
    status, _, log = rack.run(firmware("suite"))
    assert status == 0, log


def test_a_board_that_is_not_there_comes_back_by_itself(tmp_path: Path) -> None:
    desk = DeskBoard(tmp_path / "desk", "microbit")
    power = {"on": ["/bin/true"], "off": ["/bin/true"]}  # claims to switch, and does not
    directory = tmp_path / "farm"
    directory.mkdir()
    farm = Farm(directory, boards=[desk.rack_entry("mb", power=power)])
    try:
        farm.start_daemon()
        farm.start_agent()

        def looked_for() -> str:
            reasons = [one["reason"] for one in farm.boards().values() if one["state"] == "offline"]
            return next((reason for reason in reasons if "looked for" in reason), "")

        reason = wait_until("the board to be looked for", looked_for)
        assert "attach" in reason, reason
        # A job waits for it; nobody but the board has to do anything.
        number = farm.submit(suite_job("suite", "microbit"))
        assert farm.get("queue")["queue"][0]["reason"] == "turn"
        assert desk.control("power on")["ok"]
        assert farm.wait_job(number)["verdict"] == "passed"
        assert only_run(farm.run_job(suite_job("suite", "microbit")))["verdict"] == "passed"
    finally:
        farm.stop()
        desk.stop()


@pytest.mark.parametrize("victim", ["openocd", "qemu-system-arm", "assay-vboard"])
@pytest.mark.takes(25)
def test_a_tool_that_hangs_between_runs_costs_at_most_one(tmp_path: Path, victim: str) -> None:
    farm = Farm(tmp_path, boards=[virtual_board("mb", "microbit")])
    try:
        farm.start()
        assert only_run(farm.run_job(suite_job("suite", "microbit")))["verdict"] == "passed"
        for pid in farm.children(victim):
            kill(pid, signal.SIGSTOP)
        job = suite_job("suite", "microbit")
        job["retries"] = 3
        assert farm.run_job(job)["verdict"] == "passed"
        farm.wait_idle()
    finally:
        farm.stop()
