# SPDX-License-Identifier: Apache-2.0
"""Nights and bisections of real firmware on virtual boards."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.farm import FIRMWARE, PATIENT, Farm, virtual_board
from tests.support.processes import wait_until

Json = dict[str, Any]
SUITE = {"name": "smoke", "version": 1, "require": {"tests": 1}, "end": {"when": "summary", **PATIENT}}
GOOD, BAD = FIRMWARE / "measures-microbit.elf", FIRMWARE / "fails-microbit.elf"


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    shared = Farm(tmp_path_factory.mktemp("farm"), boards=[virtual_board(name, "microbit") for name in ("mb1", "mb2")])
    try:
        shared.start()
        (shared.dir / "smoke.yaml").write_text(yaml.safe_dump(SUITE))
        assert shared.cli("suites", "--put", "smoke.yaml").returncode == 0
        yield shared
    finally:
        shared.stop()


def measuring(latency: bytes) -> bytes:
    image = GOOD.read_bytes()
    assert image.count(b"0000012.50") == 1
    return image.replace(b"0000012.50", latency)


def run_night(farm: Farm, files: dict[str, bytes]) -> Json:
    """Drops the files and runs them; what came of it."""
    for name, content in files.items():
        (farm.dir / name).write_bytes(content)
    assert farm.cli("drop", "main", *files).returncode == 0
    begun = farm.cli("schedule", "run-now", "nightly", "--json")
    number = json.loads(begun.stdout)["night"]
    return wait_until(
        "the summary", lambda: (found := farm.get(f"nights/{number}")["night"])["summary"] and dict(found), 300
    )


@pytest.mark.takes(60)
def test_what_a_firmware_broke_and_slowed_is_told_and_nothing_else(farm: Farm) -> None:
    schedule = {
        "name": "nightly",
        "when": "yearly",
        "retries": 0,
        "matrix": {"suites": ["smoke"], "types": ["microbit"], "images": ["drop:main/a.elf", "drop:main/b.elf"]},
    }
    (farm.dir / "nightly.yaml").write_text(yaml.safe_dump(schedule))
    assert farm.cli("schedule", "add", "nightly.yaml").returncode == 0
    first = run_night(farm, {"a.elf": GOOD.read_bytes(), "b.elf": GOOD.read_bytes()})
    assert first["summary"]["comparison"]["counts"]["new-failure"] == 0
    assert farm.cli("nights", "accept", str(first["id"])).returncode == 0

    second = run_night(farm, {"a.elf": measuring(b"0000014.00"), "b.elf": BAD.read_bytes()})
    changes = second["summary"]["comparison"]["changes"]
    told = [(c["kind"], c["image"], c["case"]) for c in changes if c["case"].startswith("Input.")]
    assert told == [
        ("new-failure", "main/b.elf", "Input.fails"),
        ("missing", "main/b.elf", "Input.measures"),
        ("slower", "main/a.elf", "Input.measures"),
    ]
    slower = next(c for c in changes if c["case"] == "Input.measures" and c["kind"] == "slower")
    assert (slower["before_value"], slower["now_value"], slower["percent"]) == (12.5, 14.0, pytest.approx(12))
    # The suite measures what the host's load is part of; nothing else may have changed.
    assert {c["kind"] for c in changes if not c["case"].startswith("Input.")} <= {"slower"}


@pytest.mark.takes(60)
def test_the_first_bad_image_is_found_and_a_search_goes_on_where_it_was(farm: Farm, tmp_path: Path) -> None:
    images = [tmp_path / f"{i}.elf" for i in range(7)]
    for i, path in enumerate(images):
        path.write_bytes(measuring(b"00000%02d.50" % (i + 1)) if i < 4 else BAD.read_bytes())
    argv: tuple[str | Path, ...] = ("bisect", *images, "--suite", "smoke", "--type", "microbit", "--confirm", "1")
    done = farm.cli(*argv, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["state"], found["images"]) == ("found", 7)
    assert (found["first_bad"]["path"], found["last_good"]["path"]) == (str(images[4]), str(images[3]))
    assert all(farm.get(f"runs/{run['run']}") for one in found["results"] for run in one["runs"])

    # Its last round forgotten, as if it had been interrupted: the rest is not done again.
    state = farm.dir / "assay-bisect.json"
    kept = json.loads(state.read_text())
    last = kept["rounds"].pop()
    state.write_text(json.dumps(kept))
    again = farm.cli(*argv)
    assert again.returncode == 0 and f"first bad: {images[4]}\n" in again.stdout, again.stdout + again.stderr
    rounds = json.loads(state.read_text())["rounds"]
    assert rounds[:-1] == kept["rounds"] and rounds[-1]["points"] == last["points"]
    other = farm.cli(*argv[:-2], "--case", "Input.fails")
    assert other.returncode == 2 and "is of another bisection (other case)" in other.stderr
