# SPDX-License-Identifier: Apache-2.0
"""What a run that failed leaves behind: a core file that gdb opens at the right place, the fault in words, a backtrace;
and that none of it is lost when programs are killed."""

import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.farm import FIRMWARE, PATIENT, UNTIL_SILENT, Farm, virtual_board
from tests.support.processes import wait_until
from tests.system.farm.conftest import FarmMaker

BOARDS = ["microbit", "netduinoplus2", "mps2-an385"]
NO_STATUS = "keeps no fault status"
UNHURT = r"the core was in (thread mode|SysTick|IRQ \d+)"  # the tick goes on interrupting
Json = dict[str, Any]


def job_of(image: str, board_type: str) -> Json:
    """What fails comes to its summary; the others fall silent."""
    end = {"when": "summary", **PATIENT} if image == "fails" else dict(UNTIL_SILENT)
    return {
        "name": f"{image} on {board_type}",
        "require": {"cases": [f"Input.{image}"]},
        "end": end,
        "runs": [{"type": board_type, "image": str(FIRMWARE / f"{image}-{board_type}.elf")}],
    }


def artefacts(farm: Farm, run: int) -> dict[str, Json]:
    return {one["name"]: one for one in farm.get(f"runs/{run}/artefacts")["artefacts"]}


def text(farm: Farm, run: int, name: str) -> str:
    answer = farm.api("GET", f"runs/{run}/artefacts/{name}")
    assert answer.status_code == 200, answer.text
    return answer.text


def wait_core(farm: Farm, run: int) -> bytes:
    """The core file comes after the verdict."""
    wait_until("the core file to be sent", lambda: artefacts(farm, run)["core.elf"]["present"])
    answer = farm.api("GET", f"runs/{run}/artefacts/core.elf")
    assert answer.status_code == 200, answer.text
    return answer.content


def frames(image: Path, core: Path, thread: int = 1) -> list[str]:
    """Functions of a thread's backtrace as gdb gives it, innermost first."""
    settings = ["-iex", "set debuginfod enabled off", "-iex", "set width 0"]
    commands = ["-ex", f"core-file {core}", "-ex", "echo = bt =\\n", "-ex", f"thread apply {thread} -q bt"]
    done = subprocess.run(
        ["gdb-multiarch", "-batch", "-nx", *settings, str(image), *commands],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert "not in executable format" not in done.stderr, done.stderr
    bt = done.stdout.split("= bt =\n", 1)[1]
    return re.findall(r"^#\d+ +(?:0x[0-9a-f]+ in )?(<signal handler called>|[\w?]+)", bt, re.MULTILINE)


def in_order(wanted: list[str], found: list[str]) -> bool:
    rest = iter(found)
    return all(name in rest for name in wanted)


@pytest.mark.parametrize("board_type", BOARDS)
@pytest.mark.parametrize(
    ("image", "stack", "words"),
    [
        ("nullcall", ["fault_handle", "<signal handler called>", "call_nothing", "case_nullcall", "main"], "INVSTATE"),
        ("unaligned", ["<signal handler called>", "load_unaligned", "case_unaligned", "main"], "UNALIGNED"),
        ("crashes", ["cpu_fault_unexpected", "<signal handler called>", "case_crashes", "main"], "PRECISERR"),
        ("hangs", ["case_hangs", "run_guarded", "main"], UNHURT),
        ("fails", ["main"], UNHURT),
    ],
)
def test_a_core_file_opens_where_the_core_stood(
    farm: Farm, tmp_path: Path, board_type: str, image: str, stack: list[str], words: str
) -> None:
    run = farm.run_job(job_of(image, board_type))["runs"][0]
    assert run["verdict"] == "failed"
    told = text(farm, run["id"], "backtrace.txt")
    assert re.search(NO_STATUS if board_type == "microbit" and words.isupper() else words, told), told
    for name in stack:
        assert name in told, told
    core = tmp_path / "core.elf"
    core.write_bytes(wait_core(farm, run["id"]))
    elf = FIRMWARE / f"{image}-{board_type}.elf"
    assert in_order(stack, frames(elf, core)), frames(elf, core)
    if "<signal handler called>" in stack:
        broken_off = stack[stack.index("<signal handler called>") + 1 :]
        assert in_order(broken_off, frames(elf, core, 2)), frames(elf, core, 2)
    assert re.search(r"^pc +0x|  pc +0x", text(farm, run["id"], "registers.txt"), re.MULTILINE)
    fetched = tmp_path / "fetched.elf"
    done = farm.cli("core", str(run["id"]), "-o", fetched)
    assert done.returncode == 0, done.stderr
    assert fetched.read_bytes() == core.read_bytes()


@pytest.mark.parametrize("board_type", BOARDS)
@pytest.mark.parametrize("image", ["lockup", "overflow"])
def test_a_core_that_can_do_nothing_any_more(farm: Farm, tmp_path: Path, board_type: str, image: str) -> None:
    """Registers are there also where a virtual board's memory is gone with the lockup."""
    run = farm.run_job(job_of(image, board_type))["runs"][0]
    assert (run["verdict"], run["cause"]) == ("failed", "crash")
    told = text(farm, run["id"], "backtrace.txt")
    assert "HardFault" in told, told
    core = tmp_path / "core.elf"
    core.write_bytes(wait_core(farm, run["id"]))
    elf = FIRMWARE / f"{image}-{board_type}.elf"
    assert frames(elf, core), told
    if image == "lockup":
        assert "locked up" in told, told
        assert frames(elf, core, 2)[0] == "fault_handle"


def test_a_run_that_passes_is_left_alone(farm: Farm) -> None:
    job = job_of("suite", "microbit")
    job["require"] = {"summaries": 1}
    job["end"] = {"when": "summary", **PATIENT}
    run = farm.run_job(job)["runs"][0]
    assert run["verdict"] == "passed", run["text"]
    assert next(step for step in run["steps"] if step["step"] == "snapshot")["text"] == "not needed"
    assert artefacts(farm, run["id"]) == {}
    answer = farm.api("GET", f"runs/{run['id']}/artefacts/core.elf")
    assert answer.status_code == 404
    assert farm.cli("core", str(run["id"])).returncode != 0


def test_only_what_was_told_of_is_taken(farm: Farm) -> None:
    run = farm.run_job(job_of("fails", "microbit"))["runs"][0]
    wait_core(farm, run["id"])
    agent = {"Authorization": "Bearer " + (farm.state / "agent.token").read_text().strip()}
    path = f"runs/{run['id']}/artefacts/"
    assert farm.api("PUT", path + "core.elf", data=b"else", headers=agent).status_code in (400, 422)
    assert farm.api("PUT", path + "other.elf", data=b"else", headers=agent).status_code == 404
    assert farm.api("PUT", path + ".hidden", data=b"else", headers=agent).status_code == 404
    assert farm.api("PUT", path + "core.elf", data=b"else").status_code == 403
    assert [kept.name for kept in (farm.state / "artefacts").iterdir() if kept.name.startswith(".")] == []


def settled(farm: Farm) -> bool:
    return list((farm.agent_state / "spool").iterdir()) == []


@pytest.mark.parametrize("killed", ["agent", "daemon", "both"])
def test_nothing_is_lost_between_the_message_and_the_file(make_farm: FarmMaker, killed: str) -> None:
    farm = make_farm(boards=[virtual_board("mb", "microbit")]).start()
    kept = farm.state / "artefacts"
    kept.rmdir()
    kept.write_text("no directory: nothing can be kept")
    run = farm.run_job(job_of("fails", "microbit"))["runs"][0]
    assert artefacts(farm, run["id"])["core.elf"]["present"] is False
    assert farm.api("GET", f"runs/{run['id']}/artefacts/core.elf").status_code == 404
    assert "the core was in" in text(farm, run["id"], "backtrace.txt")
    if killed in ("agent", "both"):
        farm.end(farm.agent, signal.SIGKILL)
    if killed in ("daemon", "both"):
        farm.end(farm.daemon, signal.SIGKILL)
    kept.unlink()
    kept.mkdir(mode=0o700)
    if killed in ("daemon", "both"):
        farm.start_daemon()
    if killed in ("agent", "both"):
        farm.start_agent()
    core = wait_core(farm, run["id"])
    assert [one.name for one in kept.iterdir()] == [artefacts(farm, run["id"])["core.elf"]["sha256"]]
    assert len(core) == artefacts(farm, run["id"])["core.elf"]["size"]
    wait_until("the spool to be empty", lambda: settled(farm))
