# SPDX-License-Identifier: Apache-2.0
"""A full disk: refused and said, never damage, and good again by itself. One that fails: the same, until repaired."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.farm import BUILD, Farm
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


class Volatile:
    """An ext4 that goes read-only as it does when its disk fails, and is repaired."""

    def __init__(self, directory: Path) -> None:
        self.image, self.place = directory / "ext4", directory / "mount"
        self.place.mkdir()
        self._run("truncate", "-s", "32M", self.image)
        self._run("mkfs.ext4", "-q", self.image)

    def _run(self, *argv: str | Path) -> str:
        done = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False)
        if done.returncode > 1:  # e2fsck: 1 says that it has repaired
            raise OSError(f"{argv[0]}: {done.stderr.strip()}")
        return done.stdout

    def mount(self) -> None:
        self._run("mount", "-o", "loop,errors=remount-ro", self.image, self.place)

    def trigger(self) -> Path:
        device = self._run("findmnt", "-n", "-o", "SOURCE", self.place).strip()
        return Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error"

    def fail(self) -> None:
        self.trigger().write_text("tried by a test")

    def repair(self) -> None:
        self._run("umount", self.place)
        self._run("e2fsck", "-fy", self.image)
        self.mount()


@pytest.fixture
def volatile(tmp_path: Path) -> Iterator[Volatile]:
    try:
        disk = Volatile(tmp_path)
        disk.mount()
    except OSError as error:
        pytest.skip(f"cannot mount: {error}")
    try:
        if not os.access(disk.trigger(), os.W_OK):
            pytest.skip("this kernel has no way to make a file system fail")
        yield disk
    finally:
        subprocess.run(["umount", "-l", disk.place], check=True)


def test_file_system_becomes_read_only(volatile: Volatile, tmp_path: Path) -> None:
    farm = Farm(tmp_path)
    farm.state = volatile.place / "farm"
    farm.start_daemon()
    try:
        with peer_of(farm) as peer:
            peer.hello(["b1"])
            sha256 = keep_image(farm)
            first = farm.api("POST", "jobs", json=job_body(sha256)).json()["job"]["id"]
            assign = peer.receive("assign")
            run = assign["run"]
            peer.wait_ack(run, peer.print(assign, b"before\r\n"))
            volatile.fail()
            answers = [
                farm.api("POST", "jobs", json=job_body(sha256)),
                farm.api("POST", "images?name=other.hex", data=peer_image(b"other")),
                farm.api("POST", "keys/rotate"),
                farm.api("GET", f"jobs/{first}/report?format=text"),
            ]
            for answer in answers:
                assert answer.status_code in (500, 503) and "ead-only" in answer.text, answer.text
            wait_until("the farm to say so", lambda: "ead-only" in str(farm.get("farm")["degraded"]))
            refused = farm.api("POST", "jobs", json=job_body(sha256))
            assert refused.status_code == 503 and "nothing can be stored at present" in refused.text
            peer.print(assign, b"after\r\n")
            peer.end(assign)
            assert farm.api("GET", f"runs/{run}/console").content == b"before\r\n"
        assert [message for message in peer.inbox if message["type"] == "ack"] == []
        farm.end(farm.daemon)
        argv: list[str | Path] = [BUILD / "bin/assayd", "--state-dir", farm.state, "--listen", "127.0.0.1:0"]
        again = subprocess.run(argv, capture_output=True, text=True, timeout=180, check=False)
        assert again.returncode == 2 and "Read-only file system" in again.stderr, again.stderr
        volatile.repair()
        farm.start_daemon()
        assert [job["id"] for job in farm.get("jobs")["jobs"]] == [first]
        with peer_of(farm) as peer:
            peer.sent[run] = 1
            peer.console[run] = b"before\r\n"
            held = [{"run": run, "fence": assign["fence"], "last": 3, "ended": True}]
            (known,) = peer.hello(["b1"], runs=held)["runs"]
            assert known["known"] and known["have"] == 1
            peer.print(assign, b"after\r\n")
            peer.wait_ack(run, peer.end(assign))
            assert farm.wait_job(first)["verdict"] == "passed"
            assert farm.api("GET", f"runs/{run}/console").content == b"before\r\nafter\r\n"
    finally:
        farm.stop()
