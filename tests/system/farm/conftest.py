# SPDX-License-Identifier: Apache-2.0
"""Farms for these tests: one that a module shares, and a maker for tests that break theirs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.farm import Farm, virtual_board

FarmMaker = Callable[..., Farm]


@pytest.fixture
def make_farm(tmp_path: Path) -> Iterator[FarmMaker]:
    """make_farm(boards=[…]) gives a farm, not yet started; all are stopped afterwards."""
    farms: list[Farm] = []

    def make(**how: Any) -> Farm:
        directory = tmp_path / f"farm{len(farms)}"
        directory.mkdir()
        farms.append(Farm(directory, **how))
        return farms[-1]

    yield make
    for farm in farms:
        farm.stop()


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """One board of each type, idle."""
    shared = Farm(
        tmp_path_factory.mktemp("farm"),
        boards=[
            virtual_board("mb", "microbit"),
            virtual_board("f4", "netduinoplus2"),
            {**virtual_board("an", "mps2-an385"), "virtual": {"chip": "mps2-an385", "nic": "user"}},
        ],
    )
    try:
        yield shared.start()
    finally:
        shared.stop()
