# SPDX-License-Identifier: Apache-2.0
"""Each test input misbehaves in the one way its name says, and the suite around it is untouched."""

import re
from pathlib import Path

import pytest
from raw_qemu import Qemu
from test_firmware_suite import SUMMARY, build_id

from tests.support.processes import wait_until

BOARDS = ("microbit", "netduinoplus2", "mps2-an385")
QUIET_S = 1.0  # how long nothing may come; a loaded machine can only make this pass, never fail
THREAD, HARDFAULT = 0, 3

boards = pytest.mark.parametrize("board", BOARDS)


def expect_quiet(qemu: Qemu) -> None:
    before = qemu.text
    qemu.read_more(QUIET_S)
    assert qemu.text == before
    assert qemu.process.poll() is None, f"QEMU ended: {qemu.errors}"


@boards
def test_fails(board: str, firmware: Path) -> None:
    image = firmware / f"fails-{board}.elf"
    with Qemu(board, image) as qemu:
        text = qemu.read_until(SUMMARY)
    assert text.startswith(f"ASSAY {board} 2 image {build_id(image)}\r\n")
    verdict = r"fails\.c:\d+::FAIL: Expected 4 Was 5\. this case fails on purpose: FAIL: PASS"
    assert re.search(rf"TEST\(Input, fails\){verdict}\r\n", text)
    others = [line for line in text.split("\r\n") if "::FAIL:" in line and "(Input, " not in line]
    assert all("flash.c:" in line and board == "netduinoplus2" for line in others), others
    assert "52 Tests " in text
    assert text.endswith("FAIL\r\n")


@boards
def test_hangs(board: str, firmware: Path) -> None:
    with Qemu(board, firmware / f"hangs-{board}.elf") as qemu:
        assert qemu.read_until(r"TEST\(Input, hangs\)").endswith("TEST(Input, hangs)")
        expect_quiet(qemu)
        # The tick goes on interrupting, so the core may be caught in its handler, but never in a fault's.
        assert qemu.exception() != HARDFAULT


@boards
def test_crashes(board: str, firmware: Path) -> None:
    with Qemu(board, firmware / f"crashes-{board}.elf") as qemu:
        assert qemu.read_until(r"TEST\(Input, crashes\)").endswith("TEST(Input, crashes)")
        expect_quiet(qemu)
        wait_until("the core's fault", lambda: qemu.exception() == HARDFAULT)  # a slow machine comes to it later


@boards
def test_reboots(board: str, firmware: Path) -> None:
    image = firmware / f"reboots-{board}.elf"
    again = rf"TEST\(Input, reboots\)ASSAY {board} 2 image {build_id(image)}\r\n"
    with Qemu(board, image) as qemu:
        text = qemu.read_until(rf"({again}.*){{3}}")
    assert "FAIL" not in text, "a second start differs from the first"
    assert "Ignored" not in text


@boards
def test_lockup(board: str, firmware: Path) -> None:
    """QEMU gives up where silicon would lock up."""
    with Qemu(board, firmware / f"lockup-{board}.elf") as qemu:
        assert qemu.read_to_end().endswith("TEST(Input, lockup)")
        assert "Lockup: can't escalate 3 to HardFault" in qemu.errors


@boards
def test_silent(board: str, firmware: Path) -> None:
    with Qemu(board, firmware / f"silent-{board}.elf") as qemu:
        expect_quiet(qemu)
        assert qemu.text == ""
        assert qemu.exception() == THREAD
