# SPDX-License-Identifier: Apache-2.0
"""A daemon for these tests, and a rack whose every word a test chooses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.farm import Farm
from tests.support.rack_peer import RackPeer


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    shared = Farm(tmp_path_factory.mktemp("cli"))
    try:
        shared.start_daemon()
        yield shared
    finally:
        shared.stop()


@pytest.fixture
def rack(farm: Farm) -> Iterator[RackPeer]:
    with RackPeer(farm.url, (farm.state / "agent.token").read_text().strip()) as peer:
        peer.hello(["p1"])
        yield peer


@pytest.fixture(scope="module")
def image(farm: Farm) -> Path:
    """What a Cortex-M could just start from: stack pointer, reset vector, a branch to itself."""
    path = farm.dir / "smallest.bin"
    path.write_bytes(0x20001000.to_bytes(4, "little") + (0x41).to_bytes(4, "little") + bytes(56) + b"\xfe\xe7")
    return path
