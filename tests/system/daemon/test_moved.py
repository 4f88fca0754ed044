# SPDX-License-Identifier: Apache-2.0
"""Files of the state directory that are moved away under the daemon: nothing is acknowledged that would be lost."""

from pathlib import Path

import pytest

from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image
from tests.system.daemon.conftest import job_body, keep_image, peer_of


@pytest.mark.parametrize("file", ["assay.db", "assay.db-wal"])
def test_database_moved_away(daemon: Farm, file: str) -> None:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        sha256 = keep_image(daemon)
        first = daemon.api("POST", "jobs", json=job_body(sha256)).json()["job"]["id"]
        assign = peer.receive("assign")
        place, away = daemon.state / file, daemon.dir / "away"
        place.rename(away)
        answer = daemon.api("POST", "jobs", json=job_body(sha256))
        assert answer.status_code in (500, 503) and str(place) in answer.text, answer.text
        wait_until("the farm to say so", lambda: daemon.get("farm")["degraded"])
        assert str(place) in str(daemon.get("farm")["degraded"])
        last = peer.end(assign)
        away.rename(place)
        peer.wait_ack(assign["run"], last)
        wait_until("the farm to be well", lambda: daemon.get("farm")["degraded"] is None)
        assert daemon.wait_job(first)["verdict"] == "passed"
        last_job = daemon.api("POST", "jobs", json=job_body(sha256)).json()["job"]["id"]
    jobs = daemon.get("jobs")["jobs"]
    held = {job["id"] for job in jobs}
    assert held >= {first, last_job}
    # What was answered with an error was never begun.
    assert {job["verdict"] for job in jobs if job["id"] not in (first, last_job)} <= {"cancelled"}
    assert daemon.daemon is not None
    daemon.daemon.kill()
    daemon.daemon.wait(180)
    daemon.start_daemon()
    assert {job["id"] for job in daemon.get("jobs")["jobs"]} == held


def test_folder_of_images_moved_away(daemon: Farm, tmp_path: Path) -> None:
    sha256 = keep_image(daemon)
    folder = daemon.state / "images"
    folder.rename(tmp_path / "away")
    answer = daemon.api("POST", "images", data=peer_image(b"other"))
    assert answer.status_code == 500 and str(folder) in answer.text, answer.text
    answer = daemon.api("GET", f"images/{sha256}/content")
    assert answer.status_code == 500 and sha256 in answer.text, answer.text
    (tmp_path / "away").rename(folder)
    assert daemon.api("POST", "images", data=peer_image(b"other")).status_code == 201
    assert daemon.api("GET", f"images/{sha256}/content").content == peer_image(b"")
