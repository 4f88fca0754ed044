# SPDX-License-Identifier: Apache-2.0
"""MicroPython for the micro:bit as the distribution ships it: a HEX file with words for the UICR, which only an erase
of the whole chip sets again."""

from pathlib import Path
from typing import Any

import yaml

from tests.support.farm import FIRMWARE, PATIENT, ROOT, UNTIL_SILENT, Farm, virtual_board
from tests.system.farm.conftest import FarmMaker
from tests.system.farm.test_verdicts import only_run, suite_job

Json = dict[str, Any]
FIRMWARE_HEX = Path("/usr/share/firmware-microbit-micropython/firmware.hex")
UICR = 0x10001000


def hex_line(kind: int, address: int, data: bytes) -> str:
    line = bytes([len(data), *address.to_bytes(2, "big"), kind, *data])
    return f":{line.hex().upper()}{-sum(line) & 0xFF:02X}\n"


def with_word(to: Path, offset: int, value: int) -> Path:
    """The same firmware with one more word of the UICR."""
    more = hex_line(4, 0, (UICR >> 16).to_bytes(2, "big"))
    more += hex_line(0, (UICR & 0xFFFF) + offset, value.to_bytes(4, "little"))
    end = ":00000001FF"
    text = FIRMWARE_HEX.read_text()
    assert text.count(end) == 1
    to.write_text(text.replace(end, more + end))
    return to


def python_job(image: Path, board_type: str = "microbit") -> Json:
    return {
        "name": f"{image.name} on {board_type}",
        "require": {"lines": ["MicroPython v1.9.2", 'Type "help()" for more information.', ">>> "]},
        "end": {"when": "required", **PATIENT},
        "retries": 0,
        "runs": [{"type": board_type, "image": str(image)}],
    }


def step_text(run: Json, name: str) -> str:
    return str(next(step["text"] for step in run["steps"] if step["step"] == name))


def passes(farm: Farm, image: Path) -> str:
    """What the flash step says of it."""
    run = only_run(farm.run_job(python_job(image)))
    assert (run["verdict"], run["cause"]) == ("passed", "all-required-seen"), run
    return step_text(run, "flash")


def test_micropython_runs_as_it_is(make_farm: FarmMaker, tmp_path: Path) -> None:
    farm = make_farm(boards=[virtual_board("mb", "microbit")]).start()
    text = passes(farm, FIRMWARE_HEX)
    assert "243880 bytes written" in text, text
    assert "erased" not in text, text
    wear = farm.get("boards/mb/wear")
    assert (wear["endurance"], wear["worn"], wear["worst"]) == (20000, False, {"address": 0, "erases": 1})
    assert wear["erases"] == sum(run["count"] * run["erases"] for run in wear["sectors"]) >= 243880 // 1024
    assert "skipped" in passes(farm, FIRMWARE_HEX)  # every one of them read back, after a power cycle
    # Another image in the flash; the words are still there, and are written over by the same.
    assert farm.get("boards/mb/wear") == wear, "what is skipped wears nothing"
    assert only_run(farm.run_job(suite_job("suite", "microbit")))["verdict"] == "passed"
    assert "erased" not in passes(farm, FIRMWARE_HEX)
    # A word more is programmed onto the erased cells; one with other bits takes the chip with it.
    assert "erased" not in passes(farm, with_word(tmp_path / "more.hex", 0x80, 0xFFFF0000))
    assert "the whole chip was erased" in passes(farm, with_word(tmp_path / "other.hex", 0x80, 0x0000FFFF))
    assert "skipped" in passes(farm, tmp_path / "other.hex")
    wear = farm.get("boards/mb/wear")
    assert wear["sectors"][-1]["address"] == 0x10001000, "the chip's erase took the UICR too"
    assert wear["erases"] == sum(run["count"] * run["erases"] for run in wear["sectors"])
    shown = farm.cli("boards", "mb", "--wear").stdout
    assert f"{wear['erases']} erases of sectors" in shown and "of 20000 that it bears" in shown


def test_a_type_that_cannot_erase_its_chip_says_so(make_farm: FarmMaker, tmp_path: Path) -> None:
    kind = yaml.safe_load((ROOT / "share/board-types/microbit.yaml").read_text())
    kind["type"] = "microbit-kept"
    del kind["openocd"]["chip-erase"]
    board = {"name": "mb", "type": "microbit-kept", "virtual": {"chip": "nrf51"}}
    farm = make_farm(rack={"rack": "rack1", "boards": [board], "types": [kind]}).start()
    for number, (value, verdict, cause) in enumerate(
        [(0xFFFF0000, "passed", "all-required-seen"), (0x0000FFFF, "infrastructure", "flash")]
    ):
        image = with_word(tmp_path / f"{number}.hex", 0x80, value)
        run = only_run(farm.run_job(python_job(image, "microbit-kept")))
        assert (run["verdict"], run["cause"]) == (verdict, cause), run
    assert "board type microbit-kept has no openocd.chip-erase" in run["text"]


def test_a_line_that_never_comes_is_missed(farm: Farm) -> None:
    job = python_job(FIRMWARE_HEX)
    job["require"]["lines"].append("MicroPython v2")
    job["end"].update(UNTIL_SILENT)
    run = only_run(farm.run_job(job))
    assert (run["verdict"], run["cause"]) == ("failed", "line-missing"), run
    assert '1 of 4 required lines did not come: "MicroPython v2"' in run["text"]


def test_other_firmware_is_not_taken_for_it(farm: Farm) -> None:
    job = python_job(FIRMWARE / "suite-microbit.elf")
    job["end"].update(UNTIL_SILENT)
    run = only_run(farm.run_job(job))
    assert (run["verdict"], run["cause"]) == ("failed", "line-missing"), run
