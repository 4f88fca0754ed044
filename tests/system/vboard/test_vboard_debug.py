# SPDX-License-Identifier: Apache-2.0
"""What OpenOCD and gdb do with a core: halt, run, step, registers, breakpoints, watchpoints, semihosting, RTT."""

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.vboard.bench import LIMIT, MCU, Board, OpenOcd, symbol

Images = Callable[..., Path]
Boards = Callable[..., Board]
OpenOcds = Callable[..., OpenOcd]

IDS = {
    "nrf51": (0x0BB11477, 0x410CC200),
    "stm32f405": (0x2BA01477, 0x410FC241),
    "mps2-an385": (0x2BA01477, 0x412FC231),
}
UNIQUE = {"nrf51": 0x10000060, "stm32f405": 0x1FFF7A10, "mps2-an385": 0x4002FF00}


@pytest.fixture
def bench(chip: str, make_board: Boards, make_openocd: OpenOcds) -> tuple[Board, OpenOcd]:
    board = make_board(chip)
    board.power("on")
    return board, make_openocd(board)


def test_identity(chip: str, make_board: Boards, make_openocd: OpenOcds) -> None:
    one, two = make_board(chip, serial="SN-1"), make_board(chip, serial="SN-2")
    unique = []
    for board in (one, two):
        board.power("on")
        openocd = make_openocd(board, f"adapter serial {board.serial}")
        dpidr, cpuid = IDS[chip]
        assert openocd.word(0xE000ED00) == cpuid
        assert f"{dpidr:#010x}" in openocd.text()
        unique.append(openocd.words(UNIQUE[chip], 2))
        assert board.control("serial")["serial"] == board.serial
    assert unique[0] != unique[1]


@pytest.mark.parametrize("serial", ["X", "TWELVE-CHARS", "0123456789abcdef0123456789abcdef"])
def test_adapter_serial_is_matched(serial: str, make_board: Boards, make_openocd: OpenOcds) -> None:
    board = make_board("nrf51", serial=serial)
    board.power("on")
    assert make_openocd(board, f"adapter serial {serial}").word(0xE000ED00) == 0x410CC200
    wrong = make_openocd(board, "adapter serial WRONG")
    assert wrong.process.wait(LIMIT) != 0
    assert "serial mismatch" in wrong.text()


def test_registers(bench: tuple[Board, OpenOcd], chip: str, image: Images) -> None:
    board, openocd = bench
    openocd.load(board, image(chip, "debug"))
    for i in range(13):
        openocd.set_reg(f"r{i}", 0x11110000 + i)
    openocd.set_reg("lr", 0x12345677)
    openocd.set_reg("psp", 0x20002000)
    openocd.set_reg("msp", 0x20003000)
    openocd.set_reg("primask", 1)
    if chip != "nrf51":
        openocd.set_reg("basepri", 0x40)
    if chip == "stm32f405":
        openocd.set_reg("d3", 0x400921FB54442D18)
        openocd.set_reg("fpscr", 0x02000000)
    pc = openocd.reg("pc")
    openocd.run("step")  # all is written to the core and read back
    assert openocd.reg("pc") != pc
    assert openocd.reg("psp") == 0x20002000
    assert openocd.reg("primask") == 1
    assert openocd.reg("lr") == 0x12345677
    assert openocd.reg("r12") == 0x1111000C
    if chip != "nrf51":
        assert openocd.reg("basepri") == 0x40
    if chip == "stm32f405":
        assert openocd.reg("d3") == 0x400921FB54442D18
        assert openocd.reg("fpscr") == 0x02000000
    openocd.set_reg("control", 2)
    openocd.run("step")
    assert openocd.reg("control") & 2
    assert openocd.reg("sp") in (0x20002000, 0x20001FE8, 0x20001FF8) or openocd.reg("sp") == openocd.reg("psp")


def wait_changed(openocd: OpenOcd, address: int, value: int) -> None:
    end = time.monotonic() + LIMIT
    while openocd.word(address) == value:
        assert time.monotonic() < end, f"{address:#x} stays {value:#x}"


def test_halt_resume_step(bench: tuple[Board, OpenOcd], chip: str, image: Images) -> None:
    board, openocd = bench
    elf = image(chip, "debug")
    openocd.load_and_run(board, elf)
    board.wait_console(b"debug\r\n")
    counter = symbol(elf, "counter")
    wait_changed(openocd, counter, 0)  # the line comes before the loop is reached: a slow host would stop in between
    openocd.run("halt")
    before = openocd.word(counter)
    seen = set()
    for _ in range(40):
        openocd.run("step")
        seen.add(openocd.reg("pc"))
    assert 3 < len(seen) < 40
    assert openocd.word(counter) > before
    openocd.run("resume")
    wait_changed(openocd, counter, openocd.word(counter))
    assert board.status()["cpu"] == "running"


def test_breakpoints(bench: tuple[Board, OpenOcd], chip: str, image: Images) -> None:
    board, openocd = bench
    elf = image(chip, "debug")
    openocd.load(board, elf)
    inner = symbol(elf, "inner") & ~1
    openocd.run(f"bp {inner:#x} 2 hw")
    for value in range(3):
        openocd.run("resume; wait_halt 60000")
        assert openocd.reg("pc") == inner
        assert openocd.reg("r0") == value
    openocd.run(f"rbp {inner:#x}; resume")
    assert board.status()["cpu"] == "running"


def test_more_hardware_breakpoints_than_there_are(bench: tuple[Board, OpenOcd], chip: str, image: Images) -> None:
    board, openocd = bench
    openocd.load(board, image(chip, "debug"))
    have = 4 if chip == "nrf51" else 6
    base = MCU[chip][1] + 0x40
    for i in range(have):
        openocd.run(f"bp {base + 8 * i:#x} 2 hw")
    openocd.fails(f"bp {base + 0x80:#x} 2 hw")


def test_software_breakpoint_in_ram(bench: tuple[Board, OpenOcd]) -> None:
    _, openocd = bench
    openocd.run("reset halt")
    # nop; nop; adds r0, #1; b to the adds
    openocd.run("mww 0x20000800 0xbf00bf00; mww 0x20000804 0xe7fd3001")
    openocd.set_reg("xPSR", 0x01000000)
    openocd.set_reg("msp", 0x20001000)
    openocd.set_reg("r0", 5)
    openocd.set_reg("pc", 0x20000800)
    openocd.run("bp 0x20000804 2")
    openocd.run("resume; wait_halt 60000")
    assert (openocd.reg("pc"), openocd.reg("r0")) == (0x20000804, 5)
    openocd.run("resume; wait_halt 60000")
    assert (openocd.reg("pc"), openocd.reg("r0")) == (0x20000804, 6)
    openocd.run("rbp 0x20000804")
    assert openocd.word(0x20000804) == 0xE7FD3001


def test_watchpoint(bench: tuple[Board, OpenOcd], chip: str, image: Images) -> None:
    board, openocd = bench
    elf = image(chip, "debug")
    openocd.load(board, elf)
    watched = symbol(elf, "watched")
    openocd.run("resume")
    board.wait_console(b"debug\r\n")
    openocd.run("halt")
    openocd.run(f"wp {watched:#x} 4 w")
    openocd.run("resume; wait_halt 60000")
    first = openocd.word(watched)
    openocd.run("resume; wait_halt 60000")
    assert openocd.word(watched) == first + 1  # halted after the access, and went on from there
    openocd.run(f"rwp {watched:#x}; resume")
    assert board.status()["cpu"] == "running"


def test_bus_errors_are_told(bench: tuple[Board, OpenOcd]) -> None:
    _, openocd = bench
    openocd.fails("read_memory 0x60000000 32 1")
    openocd.fails("write_memory 0x90000000 32 {1}")
    assert openocd.word(0xE000ED00)  # and the port goes on


def test_reset_run_runs_the_new_image_from_its_start(
    chip: str, image: Images, make_board: Boards, make_openocd: OpenOcds
) -> None:
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board)
    for _ in range(3):
        elf = image(chip, "clock")
        if chip == "mps2-an385":
            openocd.run(f"reset halt; load_image {elf}; reset run")
        else:
            openocd.run(f"program {elf} verify reset")
        board.wait_console(b"hello\r\nmarker=600df00d\r\n")
    assert board.status()["lockups"] == 0


def test_semihosting(bench: tuple[Board, OpenOcd], chip: str, image: Images) -> None:
    board, openocd = bench
    openocd.load(board, image(chip, "debug", "SEMIHOSTING"))
    openocd.run("arm semihosting enable; resume")
    board.wait_console(b"after semihosting\r\n")
    assert "hello from the host" in openocd.text()


def test_rtt(bench: tuple[Board, OpenOcd], chip: str, image: Images) -> None:
    board, openocd = bench
    openocd.load_and_run(board, image(chip, "debug"))
    board.wait_console(b"debug\r\n")
    openocd.run('rtt setup 0x20000000 0x1000 "SEGGER RTT"; rtt start; rtt server start 0 0')
    with socket.create_connection(("127.0.0.1", openocd.port("rtt")), LIMIT) as s:
        received = b""
        while b"hello from rtt\n" not in received:
            chunk = s.recv(256)
            assert chunk
            received += chunk


def test_gdb_attaches(chip: str, image: Images, make_board: Boards, make_openocd: OpenOcds) -> None:
    board = make_board(chip)
    board.power("on")
    openocd = make_openocd(board, gdb=True)
    elf = image(chip, "debug")
    openocd.load(board, elf)
    commands = [
        "set confirm off",
        f"target extended-remote 127.0.0.1:{openocd.port('gdb')}",
        "hbreak inner",
        "continue",
        "backtrace",
        "print value",
        "finish",
        "stepi",
        "info registers pc",
        "delete",
        "detach",
    ]
    argv = ["gdb-multiarch", "-q", "-nx", "-batch", str(elf)]
    for command in commands:
        argv += ["-ex", command]
    out = subprocess.run(argv, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert "inner (value=0)" in out.stdout, out.stdout + out.stderr
    assert "in main ()" in out.stdout
    assert "Value returned is" in out.stdout
    board.wait_console(b"debug\r\n")


def test_dump_and_verify(bench: tuple[Board, OpenOcd], tmp_path: Path) -> None:
    _, openocd = bench
    openocd.run("halt")
    source, back = tmp_path / "source.bin", tmp_path / "back.bin"
    source.write_bytes(bytes(i * 7 & 0xFF for i in range(4096)))
    openocd.run(f"load_image {source} 0x20000800 bin")
    openocd.run(f"dump_image {back} 0x20000800 4096")
    assert back.read_bytes() == source.read_bytes()
    openocd.run(f"verify_image {source} 0x20000800 bin")
    openocd.run("mwb 0x20000900 0x55")
    openocd.fails(f"verify_image {source} 0x20000800 bin")
    openocd.run("mwh 0x20000902 0xbeef")
    assert openocd.run("read_memory 0x20000902 16 1").strip() == "0xbeef"
