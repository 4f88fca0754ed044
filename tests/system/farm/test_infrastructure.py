# SPDX-License-Identifier: Apache-2.0
"""What breaks around a board is never called the firmware's fault, and the farm goes on by itself afterwards."""

import contextlib
import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.desk_board import DeskBoard
from tests.support.farm import FIRMWARE, Farm, virtual_board
from tests.support.processes import kill, wait_until
from tests.system.farm.conftest import FarmMaker
from tests.system.farm.test_verdicts import only_run, suite_job

Json = dict[str, Any]


def long_job(board_type: str = "microbit", retries: int = 0) -> Json:
    """A run that lasts until it is disturbed: the image hangs after its first cases."""
    job = suite_job("hangs", board_type)
    del job["suite"]
    job["retries"] = retries
    job["require"] = {"groups": ["Hello"], "summaries": 1}
    job["end"] = {"when": "summary", "silence": "10m", "limit": "10m"}
    return job


def wait_step(farm: Farm, number: int, step: str) -> None:
    def reached() -> bool:
        runs = farm.job(number)["runs"]
        return bool(runs) and any(one["step"] == step for one in runs[-1]["steps"])

    wait_until(f"step {step} of job {number}", reached)


def assert_board_still_works(farm: Farm) -> None:
    farm.wait_idle()
    assert farm.run_job(suite_job("suite", "microbit"))["verdict"] == "passed"


@pytest.fixture
def one_board(make_farm: FarmMaker) -> Farm:
    return make_farm(boards=[virtual_board("mb", "microbit")]).start()


@pytest.mark.parametrize(
    ("victim", "causes"),
    [
        ("openocd", {"probe"}),
        ("qemu-system-arm", {"board-lost", "console-lost", "probe"}),
        ("assay-vboard", {"board-lost", "console-lost", "probe"}),
    ],
)
def test_a_killed_tool_is_infrastructure(one_board: Farm, victim: str, causes: set[str]) -> None:
    number = one_board.submit(long_job())
    wait_step(one_board, number, "capture")
    pids = one_board.children(victim)
    assert pids, f"no {victim} below the agent"
    for pid in pids:
        kill(pid)
    run = only_run(one_board.wait_job(number))
    assert run["verdict"] == "infrastructure", run["text"]
    assert run["cause"] in causes, run["text"]
    assert_board_still_works(one_board)


def test_an_infrastructure_verdict_is_tried_again_and_both_attempts_are_kept(one_board: Farm) -> None:
    job = suite_job("suite", "microbit")
    job["retries"] = 1
    number = one_board.submit(job)
    wait_step(one_board, number, "flash")
    for pid in one_board.children("openocd"):
        kill(pid)
    done = one_board.wait_job(number)
    verdicts = [run["verdict"] for run in done["runs"]]
    if len(verdicts) == 1:  # the run was over before the kill
        assert verdicts == ["passed"]
    else:
        assert verdicts == ["infrastructure", "passed"]
    assert done["verdict"] == "passed"


@pytest.fixture
def desk_board(tmp_path: Path) -> Iterator[DeskBoard]:
    board = DeskBoard(tmp_path / "desk", "microbit")
    yield board
    board.stop()


def test_a_board_like_any_real_one_passes(make_farm: FarmMaker, desk_board: DeskBoard) -> None:
    farm = make_farm(boards=[desk_board.rack_entry("desk")]).start()
    run = only_run(farm.run_job(suite_job("suite", "microbit")))
    assert run["verdict"] == "passed", run["text"]


def test_a_board_without_power(make_farm: FarmMaker, desk_board: DeskBoard) -> None:
    farm = make_farm(boards=[desk_board.rack_entry("desk")]).start()
    farm.end(farm.agent)
    # A supply that says it is on, and is not.
    farm.rack_file.write_text(
        yaml.safe_dump(
            {"rack": "rack1", "boards": [desk_board.rack_entry("desk", power={"on": ["true"], "off": ["true"]})]}
        )
    )
    farm.start_agent()
    assert "attach" in found_out(farm, "desk", "offline")["reason"]


def found_out(farm: Farm, name: str, state: str, runs: int = 0) -> Json:
    """The board, found out at its agent's start: nothing more was run on it."""
    offline = {"state": "offline", "reason": "not known yet"}

    def told() -> bool:
        board = farm.boards().get(name, offline)
        return board["state"] == state and (state != "offline" or "looked for" in board["reason"])

    wait_until(f"{name} to be {state}", told)
    assert len(farm.get(f"boards/{name}/runs")["runs"]) == runs
    return farm.boards()[name]


def test_another_chip_than_the_rack_file_says_is_never_written(make_farm: FarmMaker) -> None:
    board = virtual_board("f4", "netduinoplus2")
    farm = make_farm(
        rack={
            "rack": "rack1",
            "types": [
                {
                    "type": "mislabelled",
                    "mcu": "STM32F411",
                    "arch": "armv7e-m",
                    "memory": [
                        {"kind": "flash", "address": 0x08000000, "size": "512K"},
                        {"kind": "ram", "address": 0x20000000, "size": "128K"},
                    ],
                    "identity": [
                        {"name": "dev-id", "address": 0xE0042000, "mask": 0xFFF, "value": 0x431},
                    ],
                    "vectors": 0x08000000,
                    "openocd": {"config": ["target/stm32f4x.cfg"]},
                    "console": {"baud": 115200},
                }
            ],
            "boards": [{**board, "type": "mislabelled"}],
        }
    )
    farm.start_daemon()
    farm.start_agent()
    reason = found_out(farm, "f4", "quarantined")["reason"]
    assert "identity" in reason and "6413" in reason and "431" in reason, reason


def test_a_run_goes_on_while_the_daemon_is_away(one_board: Farm) -> None:
    assert one_board.daemon is not None
    number = one_board.submit(suite_job("suite", "microbit"))
    wait_step(one_board, number, "power-on")
    one_board.daemon.kill()
    one_board.daemon.wait()
    wait_finished(one_board)
    one_board.start_daemon()
    done = one_board.wait_job(number)
    assert done["verdict"] == "passed"
    assert len(done["runs"]) == 1
    wait_until("the spool to be emptied", lambda: "run.ended" not in spool_text(one_board))


def wait_finished(farm: Farm) -> None:
    """Until the agent has come to the end of its run; one that the farm knew the end of before it died has no spool."""
    wait_until("the agent to finish by itself", lambda: not (text := spool_text(farm)) or "run.ended" in text)


def spool_text(farm: Farm) -> str:
    text = ""
    for path in (farm.agent_state / "spool").rglob("*"):
        with contextlib.suppress(FileNotFoundError, IsADirectoryError):
            text += path.read_text(errors="replace")
    return text


def test_a_killed_agent_leaves_no_child_and_no_lease(one_board: Farm) -> None:
    assert one_board.agent is not None
    number = one_board.submit(long_job())
    wait_step(one_board, number, "capture")
    children = one_board.children("openocd") + one_board.children("qemu-system-arm")
    assert children
    one_board.agent.kill()
    one_board.agent.wait()
    wait_until("its children to be gone", lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in children))
    one_board.start_agent()
    run = only_run(one_board.wait_job(number))
    assert (run["verdict"], run["cause"]) == ("infrastructure", "agent-restarted"), run["text"]
    assert_board_still_works(one_board)
    # what the agent cannot know of the console is nobody's damage
    assert "is not what its agent read" not in one_board.log("assayd.log")


@pytest.mark.parametrize("victim", ["qemu-system-arm", "assay-vboard"])
@pytest.mark.takes(25)
def test_an_emulator_that_hangs_is_not_a_firmware_that_hangs(one_board: Farm, victim: str) -> None:
    job = long_job()
    job["end"] = {"when": "summary", "silence": "10s", "limit": "10m"}  # time enough to stop it before it is silent
    number = one_board.submit(job)
    wait_step(one_board, number, "capture")
    for pid in one_board.children(victim):
        kill(pid, signal.SIGSTOP)
    run = only_run(one_board.wait_job(number))
    assert (run["verdict"], run["cause"]) == ("infrastructure", "board-lost"), run["text"]
    assert_board_still_works(one_board)


@pytest.mark.parametrize("lost", [1, 2, 20])
def test_an_agent_that_lost_a_part_of_its_spool(one_board: Farm, lost: int) -> None:
    """What a rack host without power leaves behind: the farm knows more than the agent."""
    assert one_board.agent is not None
    number = one_board.submit(long_job())
    wait_step(one_board, number, "capture")
    one_board.agent.kill()
    one_board.agent.wait()
    (spool,) = (one_board.agent_state / "spool").glob("*.jsonl")
    lines = spool.read_bytes().splitlines(keepends=True)
    spool.write_bytes(b"".join(lines[:-lost]))
    one_board.start_agent()
    run = only_run(one_board.wait_job(number))
    assert (run["verdict"], run["cause"]) == ("infrastructure", "agent-restarted"), run["text"]
    assert_board_still_works(one_board)
    wait_until("its spool to be gone", lambda: not list((one_board.agent_state / "spool").glob("*.jsonl")))


@pytest.mark.parametrize("left", ["other", "swapped"])
def test_a_run_is_reported_though_its_board_left_the_rack_file(make_farm: FarmMaker, left: str) -> None:
    microbit, other = virtual_board("mb", "microbit"), virtual_board("f4", "netduinoplus2")
    boards = {"other": [other], "swapped": [{**other, "name": "mb"}, {**microbit, "name": "f4"}]}[left]
    farm = make_farm(boards=[microbit, other]).start()
    assert farm.daemon is not None and farm.agent is not None
    number = farm.submit(suite_job("suite", "microbit"))
    wait_step(farm, number, "power-on")
    farm.daemon.kill()
    farm.daemon.wait()
    wait_finished(farm)
    farm.agent.kill()
    farm.agent.wait()
    farm.rack_file.write_text(yaml.safe_dump({"rack": "rack1", "boards": boards}))
    farm.start_daemon()
    farm.start_agent()
    wait_until(f"job {number} to finish", lambda: farm.get(f"jobs/{number}")["state"] == "finished")
    assert only_run(farm.job(number))["verdict"] == "passed"
    if left == "other":
        farm.wait_idle()
    else:  # each finds the other's flash in its directory, and says so
        assert "flash.bin" in found_out(farm, "mb", "offline", runs=1)["reason"]


@pytest.mark.takes(20)
def test_a_farm_that_does_not_answer_is_tried_again(make_farm: FarmMaker) -> None:
    """Its kernel takes the connections of a daemon that hangs."""
    farm = make_farm(boards=[virtual_board("mb", "microbit")])
    farm.start_daemon()
    assert farm.daemon is not None
    farm.daemon.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as beside:
            trying = beside.submit(farm.cli, "watch")
            farm.start_agent()
            wait_until("the agent to give the try up", lambda: "did not answer" in farm.log("agent.log"))
            watching = trying.result()
        assert watching.returncode == 5 and "did not answer" in watching.stderr, watching.stderr
    finally:
        farm.daemon.send_signal(signal.SIGCONT)
    farm.wait_idle()


def test_cancel_undoes_everything(one_board: Farm) -> None:
    number = one_board.submit(long_job())
    wait_step(one_board, number, "capture")
    assert one_board.cli("cancel", str(number)).returncode == 0
    run = only_run(one_board.wait_job(number))
    assert run["verdict"] == "cancelled"
    assert run["steps"][-1]["step"] == "power-off"
    assert_board_still_works(one_board)


def test_the_daemon_unreachable_is_its_own_exit_status(tmp_path: Path) -> None:
    farm = Farm(tmp_path, boards=[])  # its port is kept, and nobody listens there
    token = tmp_path / "some.token"
    token.write_text("assay_0000\n")
    done = farm.cli("jobs", "--url", f"http://127.0.0.1:{farm.port}", "--token-file", token)
    assert done.returncode == 5
    assert "cannot reach" in done.stderr


def test_a_wrong_token_is_not_allowed(one_board: Farm, tmp_path: Path) -> None:
    bad = tmp_path / "bad.token"
    bad.write_text("not-a-token\n")
    done = one_board.cli("--url", one_board.url, "--token-file", bad, "jobs")
    assert done.returncode == 5


def test_submit_refuses_what_cannot_run(one_board: Farm) -> None:
    def refused(job: Json) -> str:
        done = one_board.cli("submit", one_board.write_job(job))
        assert done.returncode == 2, (done.stdout, done.stderr)
        return done.stderr

    good = suite_job("suite", "microbit")
    assert "no-such-suite" in refused({**good, "suite": "no-such-suite"})
    assert "an385-nobody-has" in refused({**good, "runs": [{**good["runs"][0], "type": "an385-nobody-has"}]})
    other = str(FIRMWARE / "suite-netduinoplus2.elf")
    text = refused({**good, "runs": [{**good["runs"][0], "image": other}]})
    assert "armv" in text or "memory" in text, text
    empty = one_board.dir / "empty.elf"
    empty.write_bytes(b"")
    assert "empty" in refused({**good, "runs": [{**good["runs"][0], "image": str(empty)}]})
    assert "prioritty" in refused({**good, "prioritty": 3})
    broken = one_board.dir / "broken.yaml"
    broken.write_text("name: x\nruns: [\n")
    done = one_board.cli("submit", broken)
    assert done.returncode == 2 and "broken.yaml:" in done.stderr
    assert json.loads(one_board.cli("jobs", "--json").stdout)["jobs"] == []
