# SPDX-License-Identifier: Apache-2.0
"""One run by hand: what it says, in which order, and how it ends."""

import base64
import hashlib
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.support.desk_board import DeskBoard
from tests.support.farm import ROOT, UNTIL_SILENT, virtual_board
from tests.support.processes import descendants, kill, program, wait_until
from tests.system.agent.conftest import END, Rack, ended, firmware, step

MakeRack = Callable[..., Rack]
WIRE = ROOT / "schema/json/wire"


def event_validator() -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resources(
        [(path.name, Resource.from_contents(json.loads(path.read_text()))) for path in WIRE.glob("*.schema.json")]
    )
    schema = json.loads((WIRE / "event.schema.json").read_text())
    return Draft202012Validator(schema, registry=registry)


def test_the_messages_of_a_run_are_whole(make_rack: MakeRack) -> None:
    status, messages, log = make_rack().run(firmware("suite"))
    assert status == 0, log
    assert [one["n"] for one in messages] == list(range(1, len(messages) + 1))
    console = b""
    for one in messages:
        if one["event"] == "console":
            assert one["offset"] == len(console)
            console += base64.b64decode(one["data"])
        if one["event"] == "case":  # the bytes a result rests on were told before it
            assert one["end"] <= len(console)
            assert one["name"].encode() in console[one["offset"] : one["end"]]
    end = ended(messages)
    assert end["console_bytes"] == len(console)
    assert end["console_sha256"] == hashlib.sha256(console).hexdigest()
    assert end["cases_total"] == sum(one["event"] == "case" for one in messages)
    assert console.count(b"ASSAY microbit") == 1, "bytes from before reset was released are in the record"


def test_every_message_follows_the_schema(make_rack: MakeRack) -> None:
    if not (WIRE / "event.schema.json").exists():
        pytest.skip("no schema of events in this tree")
    validator = event_validator()
    for image, silence in (("suite", "60s"), ("crashes", "3s")):
        job = {"require": {"summaries": 1}, "end": {**END, "silence": silence}}
        for one in make_rack().run(firmware(image), job)[1]:
            validator.validate(one)


def test_all_that_was_begun_is_undone_last_first(make_rack: MakeRack) -> None:
    for image in ("suite", "hangs"):
        job = {"require": {"summaries": 1}, "end": {**END, "silence": "500ms"}}
        _, messages, _ = make_rack().run(firmware(image), job)
        begun = [(one["phase"], one["row"]) for one in messages if one["event"] == "step.begun"]
        done = [(one["phase"], one["row"]) for one in messages if one["event"] == "step.ended"]
        assert begun == done
        back = [row for phase, row in begun if phase == "back"]
        assert back == sorted(back, reverse=True)
        assert [one["step"] for one in messages if one["event"] == "step.ended"][-1] == "power-off"


@pytest.mark.parametrize(
    ("image", "silence", "status"), [("fails", "60s", 1), ("crashes", "10s", 1), ("silent", "1s", 3)]
)
def test_the_exit_status_tells_verdicts_apart(make_rack: MakeRack, image: str, silence: str, status: int) -> None:
    job = {"require": {"summaries": 1}, "end": {**END, "silence": silence}}
    assert make_rack().run(firmware(image), job)[0] == status


def test_a_crash_names_the_instruction(make_rack: MakeRack) -> None:
    rack = make_rack(virtual_board("f4", "netduinoplus2"))
    job = {"require": {"summaries": 1}, "end": {**END, **UNTIL_SILENT}}
    image = firmware("crashes", "netduinoplus2")
    end = ended(rack.run(image, job)[1])
    assert end["cause"] == "crash"
    address = end["core"].split("from PC ")[1].split()[0]
    line = subprocess.run(
        ["arm-none-eabi-addr2line", "-e", str(image), address], capture_output=True, text=True, check=True
    )
    assert "crashes.c" in line.stdout


def test_an_interrupt_cancels_and_switches_off(make_rack: MakeRack) -> None:
    rack = make_rack()
    job = {"require": {"summaries": 1}, "end": {**END, "silence": "60s"}}
    with subprocess.Popen(rack.command(firmware("hangs"), job), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line))
            if lines[-1].get("step") == "capture":
                process.send_signal(signal.SIGINT)
                break
        lines += [json.loads(line) for line in process.stdout]
        process.wait(180)
    assert ended(lines)["cause"] in ("cancelled", "agent-restarted")
    assert step(lines, "power-off")["cause"] == "none"


def test_a_hung_openocd_is_replaced(make_rack: MakeRack) -> None:
    """Stopped, not dead: it answers nothing any more. Its calls have limits; the post-mortem does not fail the run."""
    rack = make_rack()
    job = {"require": {"summaries": 1}, "end": {**END, **UNTIL_SILENT}}
    with subprocess.Popen(rack.command(firmware("hangs"), job), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line))
            if lines[-1].get("step") == "capture" and lines[-1]["event"] == "step.begun":
                for pid in descendants(process.pid):
                    if program(pid) == "openocd":
                        kill(pid, signal.SIGSTOP)
        process.wait(180)
    assert ended(lines)["cause"] == "hang", ended(lines)["text"]
    assert "no post-mortem" in step(lines, "snapshot")["text"]
    assert rack.run(firmware("suite"))[0] == 0


def test_flash_of_another_board_is_never_touched(make_rack: MakeRack, tmp_path: Path) -> None:
    desk = DeskBoard(tmp_path / "desk", "netduinoplus2")
    try:
        rack = make_rack(desk.rack_entry("f4", **{"unique-id": "0" * 24}))
        status, messages, log = rack.run(firmware("suite", "netduinoplus2"))
        assert status == 3, log
        assert messages == []  # it is found out before a run
        assert "cannot be used" in log and "identity" in log and "0" * 24 in log
        right = log.split("unique id is ")[1].split(",")[0]
        good = make_rack(desk.rack_entry("f4", **{"unique-id": right}))
        status, messages, log = good.run(firmware("suite", "netduinoplus2"))
        assert status == 0, log
        assert "written" in step(messages, "flash")["text"]
        assert "skipped" in step(good.run(firmware("suite", "netduinoplus2"))[1], "flash")["text"]
        assert desk.control("status")["powered"] is False
    finally:
        desk.stop()


def test_an_agent_killed_at_any_step_leaves_nothing_running(make_rack: MakeRack) -> None:
    rack = make_rack()
    for wanted in ("power-on", "attach", "flash", "reset", "capture"):
        with subprocess.Popen(rack.command(firmware("suite")), stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if json.loads(line).get("step") == wanted:
                    break
            below = descendants(process.pid)
            process.kill()
            process.wait()
        wait_until(
            f"children to die with an agent killed in {wanted}",
            lambda pids=below: not any(Path(f"/proc/{pid}/exe").exists() for pid in pids),  # type: ignore[misc]
        )
    status, _, log = rack.run(firmware("suite"))
    assert status == 0, log


@pytest.mark.parametrize("board_type", ["microbit", "netduinoplus2"])
def test_a_state_directory_whose_name_no_socket_could_have(make_rack: MakeRack, board_type: str) -> None:
    rack = make_rack(virtual_board("vb", board_type))
    rack.state = rack.dir / ("deep" * 40) / ("with space, comma " * 8).strip()
    assert len(str(rack.state)) > 300
    status, _, log = rack.run(firmware("suite", board_type))
    assert status == 0, log


def small_image(out: Path, name: str, flash: int, *macros: str) -> Path:
    """An image for an STM32F405 out of the virtual board's tests."""
    source = ROOT / "tests/system/vboard/firmware"
    place = f"FLASH_BASE={flash:#x},--defsym=FLASH_SIZE=0x100000,--defsym=RAM_SIZE=0x20000"
    subprocess.run(
        [
            *("arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-O1", "-ffreestanding", "-nostdlib"),
            *("-DCHIP_STM32F405", *(f"-D{macro}" for macro in macros), f"-Wl,--defsym={place}"),
            *("-Wl,--no-warn-rwx-segments", f"-T{source / 'image.ld'}"),
            *(str(source / "start.c"), str(source / f"{name}.c"), "-o", str(out)),
        ],
        check=True,
    )
    return out


def test_an_image_for_the_alias_of_flash_is_written_to_flash(make_rack: MakeRack, tmp_path: Path) -> None:
    """At 0 an STM32F4 shows its flash once more, and many images are linked there; no tool writes it there."""
    image = small_image(tmp_path / "alias.elf", "clock", 0)
    rack = make_rack(virtual_board("vb", "netduinoplus2"))
    job = {"require": {"lines": ["hello"]}, "end": {**END, "when": "required"}}
    _, messages, log = rack.run(image, job)
    assert step(messages, "flash")["cause"] == "none", log
    assert "bytes written" in step(messages, "flash")["text"]
    assert step(messages, "flash")["flash"] == {"erased": [{"address": 0x08000000, "size": 0x4000, "count": 1}]}
    assert "read back and equal" in step(messages, "verify")["text"]
    assert ended(messages)["verdict"] == "passed", "it says hello"
    _, messages, _ = rack.run(image, job)
    assert "skipped" in step(messages, "flash")["text"], "what was read back is not what was written"
    assert "flash" not in step(messages, "flash"), "nothing is worn by that"


@pytest.mark.parametrize(
    ("macro", "verdict", "cause"),
    [
        ("PLAIN", "passed", "all-required-seen"),
        ("LATE_RESET", "failed", "reboot"),
        ("LATE_FAILURE", "failed", "case-failed"),
    ],
)
def test_what_contradicts_the_end_is_seen(
    make_rack: MakeRack, tmp_path: Path, macro: str, verdict: str, cause: str
) -> None:
    """With a settling time in which also a slow host lets the image come to its contradiction."""
    image = small_image(tmp_path / "late.elf", "late", 0x08000000, macro)
    rack = make_rack(virtual_board("vb", "netduinoplus2"))
    job = {"require": {"tests": 1, "summaries": 1}, "end": {**END, "settle": "3s"}}
    _, messages, log = rack.run(image, job)
    end = ended(messages)
    assert (end["verdict"], end["cause"]) == (verdict, cause), (end["text"], log)
