# SPDX-License-Identifier: Apache-2.0
"""A full disk: refused and said, never damage, and good again by itself."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image
from tests.system.daemon.conftest import job_body, keep_image, peer_of

# A file system that can be filled takes root to mount.
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", place], capture_output=True, text=True)
    if made.returncode != 0:
        pytest.skip(f"cannot mount: {made.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path) -> Path:
    path = place / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return path


def test_full_disk(small_disk: Path) -> None:
    farm = Farm(small_disk)
    farm.start_daemon()
    try:
        with peer_of(farm) as peer:
            peer.hello(["b1"])
            sha256 = keep_image(farm)
            first = farm.api("POST", "jobs", json=job_body(sha256)).json()["job"]["id"]
            assign = peer.receive("assign")
            filler = fill(small_disk)

            def refused() -> bool:
                answer = farm.api("POST", "jobs", json=job_body(sha256))
                if answer.status_code == 201:
                    return False
                assert answer.status_code == 507, answer.text
                return True

            wait_until("submits to be refused", refused)
            assert farm.api("POST", "images", data=peer_image(b"other")).status_code == 507
            wait_until("the farm to say so", lambda: farm.get("farm")["degraded"])
            # What an agent tells is kept for later, not lost.
            last = peer.end(assign)
            filler.unlink()
            peer.wait_ack(assign["run"], last)
            wait_until("the farm to be well", lambda: farm.get("farm")["degraded"] is None)
            assert farm.wait_job(first)["verdict"] == "passed"
            assert farm.api("POST", "jobs", json=job_body(sha256)).status_code == 201
        held = {job["id"] for job in farm.get("jobs?limit=1000")["jobs"]}
        farm.end(farm.daemon)
        farm.start_daemon()
        assert {job["id"] for job in farm.get("jobs?limit=1000")["jobs"]} == held
    finally:
        farm.stop()
