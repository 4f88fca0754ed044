# SPDX-License-Identifier: Apache-2.0
"""In which order tests run: the longest first, so that none is left over when the other workers have nothing to do. And
how many descriptors they may have."""

import resource

import pytest

DESCRIPTORS = 4096  # tests hold more connections than the 1,024 descriptors that a shell often gives


def pytest_configure() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < DESCRIPTORS:
        most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def seconds_of(item: pytest.Item) -> float:
    mark = item.get_closest_marker("takes")
    return float(mark.args[0]) if mark else 0.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=seconds_of, reverse=True)
