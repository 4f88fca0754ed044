# SPDX-License-Identifier: Apache-2.0
"""Boards, images and debuggers for the tests of the virtual board: the real programs, nothing in their place."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.vboard.bench import FLASH_CHIPS, MCU, Board, OpenOcd

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("ASSAY_BUILD_DIR", HERE.parents[2] / "build" / "dev"))


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """image(chip, name, *macros) compiles a test image once."""
    folder = tmp_path_factory.mktemp("images")
    built: dict[tuple[str, ...], Path] = {}

    def build(chip: str, name: str, *macros: str) -> Path:
        key = (chip, name, *macros)
        if key not in built:
            out = folder / ("-".join(key).replace("=", "") + ".elf")
            cpu, base, flash, ram = MCU[chip]
            subprocess.run(
                [
                    "arm-none-eabi-gcc",
                    f"-mcpu={cpu}",
                    "-mthumb",
                    "-O1",
                    "-g",
                    "-ffreestanding",
                    "-nostdlib",
                    "-DCHIP_" + chip.upper().replace("-", "_"),
                    *[f"-D{m}" for m in macros],
                    f"-Wl,--defsym=FLASH_BASE={base:#x},--defsym=FLASH_SIZE={flash:#x},--defsym=RAM_SIZE={ram:#x}",
                    "-Wl,--no-warn-rwx-segments",
                    f"-T{HERE / 'firmware' / 'image.ld'}",
                    str(HERE / "firmware" / "start.c"),
                    str(HERE / "firmware" / f"{name}.c"),
                    "-o",
                    str(out),
                ],
                check=True,
            )
            built[key] = out
        return built[key]

    return build


@pytest.fixture
def make_board(tmp_path: Path) -> Iterator[Callable[..., Board]]:
    boards: list[Board] = []

    def make(chip: str, *options: str, directory: Path | None = None, serial: str = "VB-TEST-1") -> Board:
        board = Board(BUILD / "bin" / "assay-vboard", chip, directory or tmp_path / f"b{len(boards)}", serial, options)
        boards.append(board)
        return board

    yield make
    for board in boards:
        board.stop()


@pytest.fixture
def make_openocd() -> Iterator[Callable[..., OpenOcd]]:
    started: list[OpenOcd] = []

    def make(board: Board, *extra: str, **how: bool) -> OpenOcd:
        openocd = OpenOcd(board, extra, **how)
        started.append(openocd)
        return openocd

    yield make
    for openocd in started:
        openocd.stop()


@pytest.fixture(params=list(MCU))
def chip(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=FLASH_CHIPS)
def flash_chip(request: pytest.FixtureRequest) -> str:
    return str(request.param)
