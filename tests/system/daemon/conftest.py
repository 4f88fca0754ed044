# SPDX-License-Identifier: Apache-2.0
"""A real assayd without racks, and what its tests need from it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.farm import Farm
from tests.support.rack_peer import RackPeer, peer_image

Json = dict[str, Any]
DaemonMaker = Callable[..., Farm]


@pytest.fixture
def make_daemon(tmp_path: Path) -> Iterator[DaemonMaker]:
    """Starts a daemon with further arguments; all are ended afterwards."""
    farms: list[Farm] = []

    def make(*more: str) -> Farm:
        directory = tmp_path / f"d{len(farms)}"
        directory.mkdir()
        farm = Farm(directory)
        farms.append(farm)
        farm.start_daemon(*more)
        return farm

    yield make
    for farm in farms:
        farm.stop()


@pytest.fixture
def daemon(make_daemon: DaemonMaker) -> Farm:
    return make_daemon()


def may_be_told(begun: float) -> int:
    """How often one line may stand in a log since then, however long that took: the daemon says it again after a minute
    (REPEATS_QUIET_S)."""
    return 1 + int(time.monotonic() - begun) // 60


def peer_of(farm: Farm, agent: str = "peer1") -> RackPeer:
    return RackPeer(farm.url, (farm.state / "agent.token").read_text().strip(), agent)


def keep_image(farm: Farm, content: bytes = b"") -> str:
    answer = farm.api("POST", "images?name=peer.hex", data=peer_image(content))
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["sha256"])


def job_body(sha256: str, board: str = "", **more: Any) -> Json:
    where = f"board: {board}" if board else "type: peer"
    text = f"name: spoken\nretries: 0\nrequire: {{tests: 1}}\nruns:\n  - {{{where}, image: peer.hex}}\n"
    return {"file": "spoken.yaml", "text": text, "images": {"peer.hex": sha256}, **more}


def submit(farm: Farm, board: str = "") -> int:
    answer = farm.api("POST", "jobs", json=job_body(keep_image(farm), board))
    assert answer.status_code == 201, answer.text
    return int(answer.json()["job"]["id"])


def token_of(farm: Farm, role: str, org: str = "default") -> str:
    name = f"{role}.{org}"
    answer = farm.api("POST", "tokens", json={"name": name, "role": role, "org": org})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])
