# SPDX-License-Identifier: Apache-2.0
"""assay-agent by itself, without a farm: racks in directories of their own, and one run by hand."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.farm import BUILD, FIRMWARE, PATIENT, ROOT, virtual_board
from tests.support.processes import kill, running_with, wait_until

Json = dict[str, Any]
AGENT = BUILD / "bin/assay-agent"
END = {"when": "summary", **PATIENT, "settle": "20ms"}


class Rack:
    """A rack file and a state directory for `assay-agent run`."""

    def __init__(self, directory: Path, boards: list[Json]) -> None:
        self.dir = directory
        self.state = directory / "state"
        self.file = directory / "rack.yaml"
        self.file.write_text(yaml.safe_dump({"rack": "by-hand", "boards": boards}))
        self.board = str(boards[0]["name"])

    def command(self, image: Path, job: Json | None = None) -> list[str]:
        job_file = self.dir / "job.json"
        job_file.write_text(json.dumps(job or {"require": {"summaries": 1}, "end": END}))
        return [
            *(str(AGENT), "run", "--rack", str(self.file), "--board", self.board, "--image", str(image)),
            *("--job", str(job_file), "--state-dir", str(self.state)),
            *("--types-dir", str(ROOT / "share/board-types")),
        ]

    def run(self, image: Path, job: Json | None = None) -> tuple[int, list[Json], str]:
        """Exit status, messages and log of one run."""
        done = subprocess.run(self.command(image, job), capture_output=True, text=True, timeout=300, cwd=self.dir)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    def stop(self) -> None:
        try:
            wait_until("children to be gone", lambda: not list(running_with(str(self.dir))))
        finally:
            for pid in running_with(str(self.dir)):
                kill(pid)


@pytest.fixture
def make_rack(tmp_path: Path) -> Iterator[Callable[..., Rack]]:
    racks: list[Rack] = []

    def make(*boards: Json) -> Rack:
        directory = tmp_path / f"rack{len(racks)}"
        directory.mkdir()
        racks.append(Rack(directory, list(boards) or [virtual_board("mb", "microbit")]))
        return racks[-1]

    yield make
    for rack in racks:
        rack.stop()


def firmware(name: str, board_type: str = "microbit") -> Path:
    return FIRMWARE / f"{name}-{board_type}.elf"


def ended(messages: list[Json]) -> Json:
    assert messages and messages[-1]["event"] == "run.ended", messages[-3:]
    return messages[-1]


def step(messages: list[Json], name: str) -> Json:
    return next(one for one in messages if one["event"] == "step.ended" and one["step"] == name)
