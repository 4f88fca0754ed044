# SPDX-License-Identifier: Apache-2.0
"""A farm with one board, shared by a module."""

from collections.abc import Iterator

import pytest

from tests.support.farm import Farm, virtual_board


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    shared = Farm(tmp_path_factory.mktemp("farm"), boards=[virtual_board("mb", "microbit")])
    try:
        yield shared.start()
    finally:
        shared.stop()
