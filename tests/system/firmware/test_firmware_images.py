# SPDX-License-Identifier: Apache-2.0
"""The images of strangers do what later tests rely on: logs amid the cases, and several summaries."""

import re
from pathlib import Path

import pytest
from raw_qemu import Qemu

BOARDS = ("microbit", "netduinoplus2", "mps2-an385")
SUMMARY = r"-{23}\r\n(\d+) Tests (\d+) Failures (\d+) Ignored \r\n(OK|FAIL)\r\n"
PLAIN_SUMMARY = r"-{23}\n\r(\d+) Tests (\d+) Failures (\d+) Ignored \n\r(OK|FAIL)\n\r"

boards = pytest.mark.parametrize("board", BOARDS)


def summaries(qemu: Qemu, count: int, pattern: str = SUMMARY) -> list[tuple[str, ...]]:
    """The first so many; more may have come with them."""
    text = qemu.read_until(rf"({pattern}.*){{{count}}}")
    return [found.groups() for found in re.finditer(pattern, text)][:count]


@boards
def test_rtos_passes_with_a_summary_for_each_suite(board: str, rtos_images: Path) -> None:
    fpu = [("2", "0", "0", "OK")] if board == "netduinoplus2" else []
    expected = [("8", "0", "1", "OK"), ("4", "0", "0", "OK"), *fpu, ("6", "0", "0", "OK")]
    with Qemu(board, rtos_images / f"rtos-{board}.elf") as qemu:
        assert summaries(qemu, len(expected)) == expected
        text = qemu.text
    assert "ASSAY" not in text
    assert "IGNORE_TEST(Full_Queue, Overwrite)\r\n" in text
    assert re.search(r"TEST\(Full_Soak, Round_003\)\d+ \d+ \[[\w-]+\] [^\r]+\r\n(\d+ [^\r]+\r\n)* PASS\r\n", text)


@boards
def test_rtos_fails_with_the_verdict_on_a_later_line(board: str, rtos_images: Path) -> None:
    with Qemu(board, rtos_images / f"rtos-fails-{board}.elf") as qemu:
        assert summaries(qemu, 1) == [("9", "1", "1", "FAIL")]
        text = qemu.text
    failure = r"suite_kernel\.c:\d+::FAIL: Expected 1 Was 2\. host: port: 8883\r\n"
    assert re.search(rf"TEST\(Full_Timer, Known_Bad\)\d+ [^\r]+\r\n(\d+ [^\r]+\r\n)*\S*{failure}", text)


@pytest.mark.parametrize("nic", ["user,model=lan9118", "user,restrict=on,model=lan9118"])
def test_network_is_reached(nic: str, rtos_images: Path) -> None:
    with Qemu("mps2-an385", rtos_images / "network-mps2-an385.elf", nic=nic) as qemu:
        assert summaries(qemu, 4)[2] == ("8", "0", "0", "OK")


def test_network_that_is_absent_fails(rtos_images: Path) -> None:
    with Qemu("mps2-an385", rtos_images / "network-mps2-an385.elf") as qemu:
        tests, failures, _, verdict = summaries(qemu, 4)[2]
    assert (tests, verdict) == ("8", "FAIL")
    assert int(failures) >= 4, "ARP and pings cannot succeed without a peer"


@boards
def test_kernel_prints_plain_unity(board: str, images: Path) -> None:
    with Qemu(board, images / f"kernel-{board}.elf") as qemu:
        assert summaries(qemu, 2, PLAIN_SUMMARY) == [("4", "0", "0", "OK")] * 2
        text = qemu.text
    assert "C:\\work\\fw\\test_kernel.c:58:test_registers_survive:PASS\n\r" in text
    assert "\033[33m[hb] 0 3 Tests 0 Failures\033[0m\n\r" in text


def test_coldstart_passes_after_power_up_and_not_after_a_reset(images: Path) -> None:
    cold, dirty = "test_ram_is_cold:PASS", "test_ram_is_cold:FAIL: RAM holds what an earlier run left"
    with Qemu("mps2-an385", images / "coldstart-mps2-an385.elf") as qemu:
        assert cold in qemu.read_until(r"test_sleep_lasts:PASS")
        qemu.monitor("system_reset")
        assert dirty in qemu.read_until(r"test_ram_is_cold.*test_ram_is_cold:\w+[^\n]*\n")
