# SPDX-License-Identifier: Apache-2.0
"""In which order tests run: the longest first, so that none is left over when the other workers have nothing to do."""

import pytest


def seconds_of(item: pytest.Item) -> float:
    mark = item.get_closest_marker("takes")
    return float(mark.args[0]) if mark else 0.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=seconds_of, reverse=True)
