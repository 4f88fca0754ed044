# SPDX-License-Identifier: Apache-2.0
"""The reference suite prints what share/suites/reference.yaml requires, to the byte, on every board."""

import re
import subprocess
from pathlib import Path

import pytest
from raw_qemu import Qemu

ROOT = Path(__file__).resolve().parents[3]
BOARDS = ("microbit", "netduinoplus2", "mps2-an385")
CODE_BASE = {"microbit": 0, "netduinoplus2": 0x08000000, "mps2-an385": 0}
SUMMARY = r"-{23}\r\n\d+ Tests \d+ Failures \d+ Ignored \r\n(OK|FAIL)\r\n"


def required_cases(suite: str = "reference") -> list[tuple[str, str]]:
    text = (ROOT / "share" / "suites" / f"{suite}.yaml").read_text()
    cases = [
        (group, case)
        for group, names in re.findall(r"- name: (\w+)\n\s+cases: \[([^]]+)\]", text)
        for case in names.split(", ")
    ]
    assert len(cases) > 15
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
    if group == "Flash" and board == "mps2-an385":
        return r"flash\.c:\d+::IGNORE: no flash on this board"
    if group == "Flash" and board == "netduinoplus2":
        return r"flash\.c:\d+::FAIL: [^\r\n]+"
    return " PASS"


def check_output(board: str, image: Path, text: str) -> None:
    cases = required_cases()
    verdicts = [verdict_of(board, group, case) for group, case in cases]
    failures = sum("FAIL" in verdict for verdict in verdicts)
    ignored = sum("IGNORE" in verdict for verdict in verdicts)
    lines = [f"ASSAY {board} 1 image {build_id(image)}"]
    lines += [rf"TEST\({group}, {case}\){verdict}" for (group, case), verdict in zip(cases, verdicts, strict=True)]
    lines += ["", "-" * 23, f"{len(cases)} Tests {failures} Failures {ignored} Ignored "]
    lines += ["FAIL" if failures else "OK", ""]
    for got, wanted in zip(text.split("\r\n"), lines, strict=True):
        assert re.fullmatch(wanted, got), f"expected {wanted!r}, got {got!r}"


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


def test_boards_without_flash_are_asked_for_the_same_cases() -> None:
    assert required_cases("reference-ram") == required_cases()


def test_every_image_has_its_own_build_id(firmware: Path) -> None:
    images = sorted(firmware.glob("*.elf"))
    assert len(images) >= 21
    assert len({build_id(image) for image in images}) == len(images)


def test_what_is_not_ported_fails_and_says_so(firmware: Path) -> None:
    with Qemu("mps2-an385", firmware / "suite-unported.elf") as qemu:
        text = qemu.read_until(SUMMARY)
    for group, case in required_cases():
        ported = group not in ("Clock", "Flash")
        wanted = " PASS" if ported else r"port_\w+:0::FAIL: not ported"
        assert re.search(rf"TEST\({group}, {case}\){wanted}\r\n", text), (group, case, text)
    assert "22 Tests 8 Failures 0 Ignored \r\nFAIL\r\n" in text


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
