# SPDX-License-Identifier: Apache-2.0
"""LAVA at work in a root that build_root made, with mounts, processes and a network of its own: peers_lava.py runs this

    unshare --mount --pid --net --fork --kill-child python -m tests.bench.lava.session ROOT SCRATCH SETTINGS ROUNDS

and reads one line of JSON: lists of milliseconds by name. All of LAVA ends with it. What it writes goes to SCRATCH,
an empty directory on a file system of the machine's own; ROOT stays as it is."""

import contextlib
import itertools
import json
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.support.processes import wait_until

API = "http://127.0.0.1:8000/api/v0.2"
HEADERS = {"Authorization": "Token bench"}
HERE = Path(__file__).parent

# What a lab may set. LAVA's server and workers look for work each 20 s as they are installed; with events they are told
# of what is new, and a worker looks for what has ended at its ping.
SETTINGS: dict[str, dict[str, Any]] = {
    "as installed": {"events": False, "ping_s": 20, "log_s": 5},
    "events on": {"events": True, "ping_s": 20, "log_s": 5},
    "events on, 1 s ping": {"events": True, "ping_s": 1, "log_s": 1},
}


class Lava:
    """The daemons as Debian's units start them, without Apache before them; each logs into ROOT/var/tmp."""

    def __init__(self, lower: Path, scratch: Path, events: bool, ping_s: int, log_s: int) -> None:
        self.root = root = scratch / "root"
        self.ping_s = ping_s
        for name in ("root", "upper", "work"):
            (scratch / name).mkdir()
        layers = f"lowerdir={lower},upperdir={scratch}/upper,workdir={scratch}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, root], check=True)
        self.session = requests.Session()
        self.session.headers.update(HEADERS)
        own = root / "etc/lava-server/settings.d/99-bench.yaml"
        own.write_text(f"EVENT_NOTIFICATION: {str(events).lower()}\n")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for kind, place in (("proc", "proc"), ("tmpfs", "dev/shm"), ("devpts", "dev/pts")):
            options = ["-o", "newinstance,ptmxmode=0666"] if kind == "devpts" else []
            subprocess.run(["mount", "-t", kind, *options, kind, root / place], check=True)
        self.inside("pg_ctlcluster", "15", "main", "start")
        logs = "/var/log/lava-server"
        server = ["gunicorn3", "lava_server.wsgi", "--log-level", "DEBUG", "--log-file", f"{logs}/gunicorn.log"]
        self.start(*server, "-u", "lavaserver", "-g", "lavaserver", "--worker-class", "eventlet", "--workers", "4")
        manage = ["lava-server", "manage"]
        self.start(*manage, "lava-publisher", "--level", "DEBUG", "--host", "127.0.0.1", "--port", "8001")
        self.start(*manage, "lava-scheduler", "--level", "DEBUG")
        wait_until("LAVA's server", self.is_up, 120)
        worker = ["lava-worker", "--level", "DEBUG", "--name", "bench", "--url", "http://127.0.0.1:8000/"]
        token = (root / "var/tmp/worker.token").read_text().strip()
        self.start(
            *(*worker, "--ws-url", "http://127.0.0.1:8001/ws/", "--token", token),
            *("--ping-interval", str(ping_s), "--job-log-interval", str(log_s)),
        )
        wait_until("LAVA's worker", lambda: self.get("workers/bench/")["state"] == "Online", 120)

    def inside(self, *argv: str) -> None:
        done = subprocess.run(["chroot", self.root, *argv], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{argv}: {done.stdout} {done.stderr}"

    def start(self, *argv: str) -> None:
        with (self.root / "var/tmp" / f"{'-'.join(argv[:3]).replace('/', '_')}.log").open("ab") as log:
            subprocess.Popen(["chroot", self.root, *argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def get(self, path: str) -> dict[str, Any]:
        answer = self.session.get(f"{API}/{path}", timeout=60)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text[:500]}"
        return dict(answer.json())

    def is_up(self) -> bool:
        with contextlib.suppress(requests.RequestException, AssertionError):
            return bool(self.get("system/version/"))
        return False

    def submit(self, definition: str) -> int:
        answer = self.session.post(f"{API}/jobs/", json={"definition": definition}, timeout=60)
        assert answer.status_code == 201, f"{answer.status_code} {answer.text[:500]}"
        return int(answer.json()["job_ids"][0])

    def wait_end(self, job: int) -> dict[str, Any]:
        """Asked twice a second, so as not to be the load that is measured."""

        def ended() -> dict[str, Any] | None:
            time.sleep(0.5)
            found = self.get(f"jobs/{job}/")
            return found if found["state"] == "Finished" else None

        found = wait_until(f"LAVA's job {job}", ended, 300)
        assert found["health"] == "Complete", f"job {job}: {found['health']} {self.log(job)[-3:]}"
        return found

    def log(self, job: int) -> list[dict[str, Any]]:
        answer = self.session.get(f"{API}/jobs/{job}/logs/", timeout=60)
        return list(yaml.load(answer.text, Loader=yaml.CSafeLoader))

    def stop(self) -> None:
        self.inside("pg_ctlcluster", "15", "main", "stop", "-m", "fast", "--force")


def seconds(stamp: str) -> float:
    """LAVA's stamps are UTC, with and without saying so."""
    return datetime.fromisoformat(stamp.rstrip("Z")).replace(tzinfo=UTC).timestamp()


def moments(log: list[dict[str, Any]]) -> tuple[float, float, float]:
    """When the first action began, when the first of the suite's results was seen, and when lava-run was done."""
    begun = next(line for line in log if str(line["msg"]).startswith("start: 1 "))
    found = next(line for line in log if line["lvl"] == "results" and line["msg"].get("definition") == "suite")
    return seconds(begun["dt"]), seconds(found["dt"]), seconds(log[-1]["dt"])


def alone(lava: Lava, definition: str, rounds: int) -> dict[str, list[float]]:
    """One job at a time, handed in at any moment of LAVA's rounds."""
    times: dict[str, list[float]] = {"submit to start": [], "submit to first result": [], "submit to verdict": []}
    for _ in range(rounds):
        time.sleep(random.uniform(0, lava.ping_s))
        begun = time.time()
        job = lava.submit(definition)
        ended = lava.wait_end(job)
        start, found, _ = moments(lava.log(job))
        times["submit to start"].append((start - begun) * 1e3)
        times["submit to first result"].append((found - begun) * 1e3)
        times["submit to verdict"].append((seconds(ended["end_time"]) - begun) * 1e3)
    return times


def queued(lava: Lava, definition: str, rounds: int) -> dict[str, list[float]]:
    """All handed in at once for the one board."""
    jobs = [lava.submit(definition) for _ in range(rounds + 1)]
    for job in jobs:
        lava.wait_end(job)
    pairs = list(itertools.pairwise(sorted(moments(lava.log(job)) for job in jobs)))
    return {
        "end to next": [(later[0] - earlier[2]) * 1e3 for earlier, later in pairs],
        "result to next": [(later[1] - earlier[1]) * 1e3 for earlier, later in pairs],
    }


def main() -> None:
    root, scratch, settings, rounds = Path(sys.argv[1]), Path(sys.argv[2]), SETTINGS[sys.argv[3]], int(sys.argv[4])
    definition = (HERE / "job.yaml").read_text()
    lava = Lava(root, scratch, **settings)
    try:
        lava.wait_end(lava.submit(definition))
        times = {**alone(lava, definition, rounds), **queued(lava, definition, rounds)}
    finally:
        lava.stop()
    print(json.dumps(times))


if __name__ == "__main__":
    main()
