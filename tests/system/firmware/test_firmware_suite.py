# SPDX-License-Identifier: Apache-2.0
"""The reference suite prints what share/suites/reference.yaml requires, to the byte, on every board."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from raw_qemu import Qemu

ROOT = Path(__file__).resolve().parents[3]
BOARDS = ("microbit", "netduinoplus2", "mps2-an385")
CODE_BASE = {"microbit": 0, "netduinoplus2": 0x08000000, "mps2-an385": 0}
SUMMARY = r"-{23}\r\n\d+ Tests \d+ Failures \d+ Ignored \r\n(OK|FAIL)\r\n"


def required_cases(suite: str = "reference") -> list[tuple[str, str]]:
    """Group and case, in the order of the suite file."""
    groups = yaml.safe_load((ROOT / "share" / "suites" / f"{suite}.yaml").read_text())["require"]["groups"]
    cases = [
        (group["name"], case if isinstance(case, str) else case["name"]) for group in groups for case in group["cases"]
    ]
    assert len(cases) > 45
    return cases


def build_id(image: Path) -> str:
    notes = subprocess.run(
        ["arm-none-eabi-readelf", "-n", str(image)], check=True, capture_output=True, text=True
    ).stdout
    found = re.search(r"Build ID: ([0-9a-f]{40})", notes)
    assert found, f"{image} has no build id"
    return found.group(1)


def verdict_of(board: str, group: str, case: str) -> str:
    """As a pattern. Bare QEMU lacks the STM32's flash controller, and the suite has to notice."""
    name = f"{group}.{case}"
    flash = group == "Flash" or name == "Performance.flash_write"
    if flash and board == "mps2-an385":
        return r"flash\.c:\d+::IGNORE: no flash on this board"
    if flash and board == "netduinoplus2":
        return r"flash\.c:\d+::FAIL: [^\r\n]+"
    if group == "Protection" and board == "microbit":
        return r"protection\.c:\d+::IGNORE: no memory protection unit on this board"
    if group == "Entropy" and board != "microbit":
        return r"entropy\.c:\d+::IGNORE: no source of entropy on this board"
    if name == "Crypto.hardware":
        return r"crypto\.c:\d+::IGNORE: no cryptography in hardware on this board"
    if name == "Fault.divide_by_zero" and board == "microbit":
        return r"fault\.c:\d+::IGNORE: no division in hardware on this core"
    if group == "Performance" or name in ("Clock.host_rate", "Memory.stack_high_water"):
        return r"(\r\nASSAY (measure [\w-]+ \d+ \S+|mark \w+ \d+))+\r\n PASS"
    return " PASS"


def check_output(board: str, image: Path, text: str) -> None:
    cases = required_cases()
    verdicts = [verdict_of(board, group, case) for group, case in cases]
    failures = sum("FAIL" in verdict for verdict in verdicts)
    ignored = sum("IGNORE" in verdict for verdict in verdicts)
    lines = [f"ASSAY {board} 2 image {build_id(image)}"]
    lines += [rf"TEST\({group}, {case}\){verdict}" for (group, case), verdict in zip(cases, verdicts, strict=True)]
    lines += ["", "-" * 23, f"{len(cases)} Tests {failures} Failures {ignored} Ignored "]
    lines += ["FAIL" if failures else "OK", ""]
    for wanted in lines[:-1]:
        found = re.match(wanted + r"\r\n", text)
        assert found, f"expected {wanted!r}, got {text[:200]!r}"
        text = text[found.end() :]
    assert text == ""


@pytest.mark.parametrize("board", BOARDS)
def test_suite_prints_exactly_what_is_required(board: str, firmware: Path) -> None:
    image = firmware / f"suite-{board}.elf"
    with Qemu(board, image) as qemu:
        check_output(board, image, qemu.read_until(SUMMARY))


@pytest.mark.parametrize("board", BOARDS)
def test_hex_and_bin_hold_the_same_image(board: str, firmware: Path) -> None:
    elf = firmware / f"suite-{board}.elf"
    with Qemu(board, firmware / f"suite-{board}.hex") as qemu:
        check_output(board, elf, qemu.read_until(SUMMARY))
    with Qemu(board, firmware / f"suite-{board}.bin", address=CODE_BASE[board]) as qemu:
        check_output(board, elf, qemu.read_until(SUMMARY))


def test_the_long_suite_begins_with_the_reference_suite() -> None:
    cases = required_cases()
    assert required_cases("reference-long")[: len(cases)] == cases
    assert {group for group, _ in required_cases("reference-long")[len(cases) :]} == {"Reset", "Retention", "Update"}


def test_every_image_has_its_own_build_id(firmware: Path) -> None:
    images = sorted(firmware.glob("*.elf"))
    assert len(images) >= 21
    assert len({build_id(image) for image in images}) == len(images)


@pytest.mark.parametrize(("image", "suite"), [("suite", "reference"), ("suite-long", "reference-long")])
def test_what_is_not_ported_fails_and_says_so(firmware: Path, image: str, suite: str) -> None:
    """A port on its first day: every case fails, none is lost, and nothing asks for a restart."""
    with Qemu("mps2-an385", firmware / f"{image}-template.elf") as qemu:
        text = qemu.read_until(SUMMARY)
    cases = required_cases(suite)
    for group, case in cases:
        assert f"TEST({group}, {case})port_board:0::FAIL: not ported\r\n" in text, (group, case, text)
    assert f"{len(cases)} Tests {len(cases)} Failures 0 Ignored \r\nFAIL\r\n" in text
    assert "ASSAY ask" not in text


def test_builds_are_reproducible(firmware: Path, tmp_path: Path) -> None:
    """Another folder, another build: the same bytes."""
    subprocess.run(
        ["cmake", "-G", "Ninja", "-S", str(ROOT / "firmware"), "-B", str(tmp_path)],
        check=True,
        capture_output=True,
    )
    subprocess.run(["ninja", "-C", str(tmp_path), "suite-microbit"], check=True, capture_output=True)
    again = tmp_path / "firmware" / "suite-microbit.elf"
    assert again.read_bytes() == (firmware / "suite-microbit.elf").read_bytes()


def test_binaries_are_of_flash_only(firmware: Path) -> None:
    """A section with a load address in RAM would make a .bin that reaches from flash to there."""
    binaries = sorted(firmware.glob("*.bin"))
    assert len(binaries) >= 9
    for binary in binaries:
        assert binary.stat().st_size <= 128 << 10, binary.name
        assert binary.with_suffix(".hex").stat().st_size <= 512 << 10, binary.name
