# SPDX-License-Identifier: Apache-2.0
"""Flash as silicon has it: bits only clear, sectors, keys, program size; loaders; contents that last."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import wait_until
from tests.system.vboard.bench import LIMIT, MCU, Board, OpenOcd

Images = Callable[..., Path]
Boards = Callable[..., Board]
OpenOcds = Callable[..., OpenOcd]

BASE = 0x08000000
KEYR, SR, CR = 0x40023C04, 0x40023C0C, 0x40023C10
EOP, WRPERR, PGPERR, PGSERR = 1, 0x10, 0x40, 0x80
PG, LOCK = 1, 0x80000000


def unlock(openocd: OpenOcd) -> None:
    openocd.run(f"mww {KEYR:#x} 0x45670123; mww {KEYR:#x} 0xcdef89ab")
    assert not openocd.word(CR) & LOCK


def test_what_the_nrf_programmed_outlives_a_kill(make_board: Boards, make_openocd: OpenOcds) -> None:
    """As on silicon what was programmed stays, though nobody closed the controller and nobody switched off."""
    board = make_board("nrf51")
    board.power("on")
    openocd = make_openocd(board)
    where, value = 0x3F000, 0x12345678
    openocd.run("reset halt; mww 0x4001e504 1")
    openocd.run(f"mww {where:#x} {value:#x}")
    assert openocd.word(0x4001E504) == 1
    flash = board.dir / "flash.bin"
    wait_until("the cells", lambda: flash.read_bytes()[where : where + 4] == value.to_bytes(4, "little"))
    os.kill(board.status()["qemu_pid"], signal.SIGKILL)
    board.wait_status(state="dead")
    openocd.stop()
    board.power("cycle")
    assert make_openocd(board).word(where) == value


@pytest.fixture
def f4(make_board: Boards, make_openocd: OpenOcds) -> tuple[Board, OpenOcd]:
    board = make_board("stm32f405")
    board.power("on")
    openocd = make_openocd(board)
    openocd.run("reset halt; flash probe 0")
    return board, openocd


def test_f4_controller(f4: tuple[Board, OpenOcd]) -> None:
    _, openocd = f4
    where = BASE + 0x4000
    openocd.run(f"mww {where:#x} 0x12345678")  # locked
    assert openocd.word(where) == 0xFFFFFFFF
    assert openocd.word(SR) & PGSERR
    openocd.run(f"mww {SR:#x} 0xf3")
    openocd.run(f"mww {CR:#x} 1")
    assert openocd.word(CR) == LOCK  # no key, no write
    unlock(openocd)
    openocd.run(f"mww {CR:#x} 0x201")
    openocd.run(f"mww {where:#x} 0x12345678")
    assert openocd.word(where) == 0x12345678
    assert openocd.word(SR) == EOP
    openocd.run(f"mww {where:#x} 0xffff0000")  # bits only clear
    assert openocd.word(where) == 0x12340000
    openocd.run(f"mwh {where + 8:#x} 0x1234")  # PSIZE says words
    assert openocd.word(SR) & PGPERR
    assert openocd.word(where + 8) == 0xFFFFFFFF
    openocd.run(f"mww {SR:#x} 0xf3; mww {CR:#x} 0x1020a")  # sector erase, sector 1, start
    assert openocd.word(where) == 0xFFFFFFFF
    openocd.run(f"mww {CR:#x} {LOCK:#x}")
    assert openocd.word(CR) & LOCK


def test_f4_wrong_key_locks_until_reset(f4: tuple[Board, OpenOcd]) -> None:
    _, openocd = f4
    openocd.run(f"mww {KEYR:#x} 0xdeadbeef; mww {KEYR:#x} 0x45670123; mww {KEYR:#x} 0xcdef89ab")
    assert openocd.word(CR) & LOCK
    openocd.run("reset halt")
    unlock(openocd)


def test_f4_erase_one_sector_only(f4: tuple[Board, OpenOcd], tmp_path: Path) -> None:
    _, openocd = f4
    data = tmp_path / "data.bin"
    data.write_bytes(bytes(range(256)) * 128)  # 32 KiB: sectors 0 and 1
    openocd.run(f"flash write_image erase {data} {BASE:#x} bin; verify_image {data} {BASE:#x} bin")
    openocd.run("flash erase_sector 0 1 1")
    back = tmp_path / "back.bin"
    openocd.run(f"dump_image {back} {BASE:#x} 0x8000")
    assert back.read_bytes() == data.read_bytes()[:0x4000] + b"\xff" * 0x4000


def test_f4_protected_sector_refuses(f4: tuple[Board, OpenOcd], tmp_path: Path) -> None:
    _, openocd = f4
    data = tmp_path / "data.bin"
    data.write_bytes(b"\x55" * 64)
    openocd.run("flash protect 0 2 2 on")
    assert re.search(r"#\s+2: .* protected", openocd.run("flash info 0"))
    openocd.fails(f"flash write_image {data} {BASE + 0x8000:#x} bin")
    assert openocd.word(BASE + 0x8000) == 0xFFFFFFFF
    openocd.run("flash protect 0 2 2 off")
    openocd.run(f"flash write_image {data} {BASE + 0x8000:#x} bin")
    assert openocd.word(BASE + 0x8000) == 0x55555555


def test_f4_without_work_area(make_board: Boards, make_openocd: OpenOcds, tmp_path: Path) -> None:
    """OpenOCD then programs halfword by halfword itself."""
    board = make_board("stm32f405")
    board.power("on")
    openocd = make_openocd(board, "stm32f4x.cpu configure -work-area-size 0")
    data = tmp_path / "data.bin"
    data.write_bytes(bytes(i * 3 & 0xFF for i in range(600)))
    openocd.run(f"reset halt; flash write_image erase {data} {BASE:#x} bin")
    openocd.run(f"verify_image {data} {BASE:#x} bin")


# What a flash loader of another tool's might be: copies r2 words from r0 to r1, word size.
#   loop: ldr r3, [r0], #4; str r3, [r1], #4; dsb; wait: ldr r4, [r5, #12]; tst r4, #0x10000; bne wait
#         subs r2, #1; bne loop; bkpt
LOADER = [0x3B04F850, 0x3B04F841, 0x8F4FF3BF, 0xF41468EC, 0xD1FB3F80, 0xD1F33A01, 0xBE00BE00]


def run_loader(openocd: OpenOcd, psize: int) -> None:
    for i, word in enumerate(LOADER):
        openocd.run(f"mww {0x20000100 + 4 * i:#x} {word:#x}")
    for i in range(16):
        openocd.run(f"mww {0x20000200 + 4 * i:#x} {0x1000 + i:#x}")
    unlock(openocd)
    openocd.run(f"mww {SR:#x} 0xf3; mww {CR:#x} {PG | psize << 8:#x}")
    for name, value in (
        ("r0", 0x20000200),
        ("r1", BASE),
        ("r2", 16),
        ("r5", 0x40023C00),
        ("pc", 0x20000100),
        ("msp", 0x20001000),
        ("xPSR", 0x01000000),
    ):
        openocd.set_reg(name, value)
    openocd.run("resume; wait_halt 60000")


def test_f4_unknown_loader_works_through_the_controller(f4: tuple[Board, OpenOcd]) -> None:
    _, openocd = f4
    run_loader(openocd, psize=2)
    assert openocd.words(BASE, 16) == [0x1000 + i for i in range(16)]
    assert openocd.word(SR) == EOP


def test_f4_unknown_loader_that_is_wrong_fails_loudly(f4: tuple[Board, OpenOcd]) -> None:
    _, openocd = f4
    run_loader(openocd, psize=1)  # words, but the controller is told halfwords
    assert openocd.words(BASE, 16) == [0xFFFFFFFF] * 16
    assert openocd.word(SR) & PGPERR


def test_f4_store_that_cannot_be_decoded_stops_the_core(f4: tuple[Board, OpenOcd]) -> None:
    """strex: no flash loader has it, but it must not pass for a write that worked."""
    _, openocd = f4
    openocd.run("mww 0x20000100 0x2300e841; mww 0x20000104 0xe7fee7fe")  # strex r3, r2, [r1]; b .
    unlock(openocd)
    openocd.run(f"mww {CR:#x} 0x201")
    for name, value in (("r1", BASE), ("r2", 0), ("pc", 0x20000100), ("msp", 0x20001000), ("xPSR", 0x01000000)):
        openocd.set_reg(name, value)
    # ldrex first, or strex gives up by itself
    openocd.run("mww 0x20000100 0x0f00e851; mww 0x20000104 0x2300e841; mww 0x20000108 0xe7fee7fe")
    openocd.run("resume; wait_halt 60000")
    assert openocd.reg("pc") == 0x20000104
    assert openocd.word(BASE) == 0xFFFFFFFF
    assert openocd.word(SR) & PGSERR


def test_firmware_programs_its_own_flash(
    flash_chip: str, image: Images, make_board: Boards, make_openocd: OpenOcds
) -> None:
    board = make_board(flash_chip)
    board.power("on")
    openocd = make_openocd(board)
    for before in (b"ffffffff", b"12340000"):
        openocd.load_and_run(board, image(flash_chip, "flash"))
        out = board.wait_console(b"done\r\n")
        values = dict(line.split(b"=") for line in out.split(b"\r\n") if b"=" in line)
        # Flashing the image erases the sectors it lies in only, so the second run finds what the first one left.
        assert values[b"before"] == before
        assert values[b"erased"] == b"ffffffff"
        assert values[b"programmed"] == b"12345678"
        assert values[b"anded"] == b"12340000" or values[b"anded"] == b"12340000".lower()
        assert values[b"wrong"] == b"ffffffff"
        if flash_chip == "stm32f405":
            assert int(values[b"sr_good"], 16) == EOP
            assert int(values[b"sr_no_pg"], 16) & PGSERR
            assert int(values[b"sr_size"], 16) & PGPERR
            assert int(values[b"sr_locked"], 16) & PGSERR
    spare = 0x080E0000 if flash_chip == "stm32f405" else 0x3FC00
    assert openocd.word(spare) == 0x12340000
    board.power("cycle")
    board.wait_console(b"before=12340000")
    # and it was written to the file
    cells = (board.dir / "flash.bin").read_bytes()
    assert len(cells) == MCU[flash_chip][2]


def test_flash_lasts(
    flash_chip: str, image: Images, make_board: Boards, make_openocd: OpenOcds, tmp_path: Path
) -> None:
    directory = tmp_path / "kept"
    board = make_board(flash_chip, directory=directory)
    board.power("on")
    elf = image(flash_chip, "clock")
    openocd = make_openocd(board)
    openocd.run(f"program {elf} verify reset")
    board.wait_console(b"hello\r\n")
    board.power("cycle")  # over a power cycle
    board.wait_console(b"hello\r\nmarker=600df00d\r\n")
    board.power("off")
    board.stop()  # over an orderly end of the supervisor
    board = make_board(flash_chip, directory=directory)
    board.power("on")
    board.wait_console(b"hello\r\nmarker=600df00d\r\n")
    board.process.send_signal(signal.SIGKILL)  # over a sudden one
    board.process.wait(LIMIT)
    board = make_board(flash_chip, directory=directory)
    board.power("on")
    board.wait_console(b"hello\r\nmarker=600df00d\r\n")
    make_openocd(board).run(f"halt; verify_image {elf}")


def test_verify_sees_what_is_there(flash_chip: str, image: Images, make_board: Boards, make_openocd: OpenOcds) -> None:
    board = make_board(flash_chip)
    board.power("on")
    openocd = make_openocd(board)
    elf = image(flash_chip, "clock")
    openocd.run(f"program {elf} verify")
    other = image(flash_chip, "debug")
    openocd.fails(f"verify_image {other}")
    openocd.run("halt; flash erase_sector 0 0 0")
    openocd.fails(f"verify_image {elf}")
    openocd.run("flash erase_check 0")


def test_nrf_mass_erase(make_board: Boards, make_openocd: OpenOcds, image: Images) -> None:
    board = make_board("nrf51")
    board.power("on")
    openocd = make_openocd(board)
    openocd.run(f"program {image('nrf51', 'clock')} verify")
    openocd.run("nrf51 mass_erase")
    assert openocd.word(0) == 0xFFFFFFFF
    board.power("off")
    assert set((board.dir / "flash.bin").read_bytes()) == {0xFF}


UICR, NVMC = 0x10001000, 0x4001E000
CONFIG, ERASEALL, ERASEUICR = NVMC + 0x504, NVMC + 0x50C, NVMC + 0x514
BLANK = 0xFFFFFFFF


@pytest.fixture
def nrf(make_board: Boards, make_openocd: OpenOcds) -> tuple[Board, OpenOcd]:
    board = make_board("nrf51")
    board.power("on")
    openocd = make_openocd(board)
    openocd.run("reset halt")
    return board, openocd


def test_uicr_by_the_controller(nrf: tuple[Board, OpenOcd]) -> None:
    _, openocd = nrf
    where = UICR + 0x80
    openocd.run(f"mww {where:#x} 0x12345678")  # closed
    assert openocd.word(where) == BLANK
    openocd.run(f"mww {CONFIG:#x} 2; mww {where:#x} 0x12345678")  # open for erasing only
    assert openocd.word(where) == BLANK
    openocd.run(f"mww {CONFIG:#x} 1; mww {where:#x} 0x12345678")
    assert openocd.word(where) == 0x12345678
    openocd.run(f"mww {where:#x} 0xffff0000")  # bits only clear
    assert openocd.word(where) == 0x12340000
    openocd.run(f"mwb {where + 4:#x} 0x12; mwh {where + 8:#x} 0x1234")  # words only
    assert openocd.words(where, 3) == [0x12340000, BLANK, BLANK]
    openocd.run(f"mww {CONFIG:#x} 2; mww {ERASEUICR:#x} 1")  # not without factory code
    assert openocd.word(where) == 0x12340000
    openocd.run(f"mww {CONFIG:#x} 0; mww {ERASEALL:#x} 1")  # closed
    assert openocd.word(where) == 0x12340000
    openocd.run(f"mww {CONFIG:#x} 2; mww {ERASEALL:#x} 1; mww {CONFIG:#x} 0")
    assert openocd.word(where) == BLANK


def test_uicr_lasts(
    nrf: tuple[Board, OpenOcd], make_board: Boards, make_openocd: OpenOcds, tmp_path: Path, image: Images
) -> None:
    """Over resets, power cycles and the board's own end; a mass erase alone ends it."""
    board, openocd = nrf
    where = UICR + 0xC0
    data = tmp_path / "uicr.bin"
    data.write_bytes(bytes(range(28)))
    openocd.run(f"flash write_image erase {data} {where:#x} bin; verify_image {data} {where:#x} bin")
    openocd.run("reset halt")
    openocd.run(f"verify_image {data} {where:#x} bin")
    openocd.fails(f"flash write_image erase {data} {where:#x} bin")  # not blank, and not to be erased by itself
    openocd.run(f"program {image('nrf51', 'clock')} verify")  # the flash may be erased without it
    openocd.run(f"verify_image {data} {where:#x} bin")
    openocd.stop()
    board.power("cycle")
    openocd = make_openocd(board)
    openocd.run(f"halt; verify_image {data} {where:#x} bin")
    openocd.stop()
    board.process.send_signal(signal.SIGKILL)
    board.process.wait(LIMIT)
    board = make_board("nrf51", directory=board.dir)
    board.power("on")
    openocd = make_openocd(board)
    openocd.run(f"halt; verify_image {data} {where:#x} bin; nrf51 mass_erase")
    assert openocd.words(where, 7) == [BLANK] * 7


def test_uicr_as_the_core_sees_it(nrf: tuple[Board, OpenOcd]) -> None:
    """ldr r1, [r0]; ldrb r2, [r0, #1]; ldrh r3, [r0, #2]; str r4, [r0, #4]; str r4, [r5]; str r4, [r0, #8]; bkpt"""
    _, openocd = nrf
    where = UICR + 0x10
    openocd.run(f"mww {CONFIG:#x} 1; mww {where:#x} 0x87654321; mww {CONFIG:#x} 0; reset halt")
    for i, word in enumerate([0x78426801, 0x60448843, 0x6084602C, 0xBE00BE00]):
        openocd.run(f"mww {0x20000100 + 4 * i:#x} {word:#x}")
    for name, value in (
        *(("r0", where), ("r4", 0xFFFF0001), ("r5", CONFIG)),
        *(("pc", 0x20000100), ("msp", 0x20001000), ("xPSR", 0x01000000)),
    ):
        openocd.set_reg(name, value)
    openocd.run("resume; wait_halt 60000")
    assert [openocd.reg(f"r{i}") for i in (1, 2, 3)] == [0x87654321, 0x43, 0x8765]
    # the first store came before the controller was open
    assert openocd.words(where, 3) == [0x87654321, BLANK, 0xFFFF0001]
    # and what the core reads beyond the words the emulation has is erased too
    openocd.run("reset halt; flash probe 1")
    assert " not erased" in openocd.run("flash erase_check 1")
    openocd.run("nrf51 mass_erase")
    assert "Bank is erased" in openocd.run("flash erase_check 1")


def test_flash_file_of_another_chip_is_refused(make_board: Boards, tmp_path: Path) -> None:
    directory = tmp_path / "swapped"
    make_board("nrf51", directory=directory).stop()
    with pytest.raises(AssertionError, match="no ready line, exit status 2"):
        make_board("stm32f405", directory=directory)
