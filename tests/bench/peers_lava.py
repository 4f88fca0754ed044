# SPDX-License-Identifier: Apache-2.0
"""How long a job waits in Assay and in LAVA, with the same image (the reference suite for mps2-an385), the same QEMU
and one board each, on this machine and in one go:

    tests/bench/lava/build_root /var/tmp/lava/root
    ASSAY_BUILD_DIR=build/release build/venv/bin/python -m tests.bench.peers_lava /var/tmp/lava/root [--rounds N]

  submit to start          from just before the request to the stamp of the first thing the board's host does for it
                           (Assay: its first step; LAVA: its first action)
  submit to first result   ... until the host knows how the suite's first case ended: the board runs the image
  submit to verdict        ... until the job's end is on record
  end to next              from a run's end (Assay: its verdict; LAVA: the last line of lava-run) to the first thing
                           done for the next that waits for the same board
  result to next           from the first result of one to the first result of the next: all that a run takes

Assay is asked twice: by its API, as LAVA is, and by `assay submit`. LAVA runs as Debian installs it and with what a
lab can set (tests/bench/lava/session.py), each in a layer of its own beside the others, as most of their time is
waiting: it looks for work each 20 s. Its jobs come at any moment of these, and N should be 10 at least (20 minutes).
Ratios are of medians, to Assay's by the API. Wants root, for LAVA's own mounts and network."""

import argparse
import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.latency import Watcher, post, show
from tests.bench.lava.session import SETTINGS
from tests.bench.peers import Times, gaps, last_job, now_us
from tests.support.farm import FIRMWARE, ROOT, Farm, virtual_board

BOARD_TYPE = "mps2-an385"
IMAGE = FIRMWARE / f"suite-{BOARD_TYPE}.elf"


def alone(farm: Farm, watcher: Watcher, body: bytes | Path, rounds: int) -> Times:
    """One job at a time: bytes go to the API, a path to `assay submit`."""
    times: Times = {"submit to start": [], "submit to first result": [], "submit to verdict": []}
    for _ in range(rounds + 1):
        farm.wait_idle()
        begun = now_us()
        if isinstance(body, Path):
            done = farm.cli("submit", body)
            assert done.returncode == 0, done.stderr
            number = last_job(farm)
        else:
            number = post(farm, body)
        times["submit to start"].append((watcher.wait("step.begun", number)["at_us"] - begun) / 1e3)
        times["submit to first result"].append((watcher.wait("case.ended", number)["rack_at_us"] - begun) / 1e3)
        times["submit to verdict"].append((watcher.wait("job.finished", number)["at_us"] - begun) / 1e3)
    return {what: values[1:] for what, values in times.items()}


def queued(farm: Farm, watcher: Watcher, body: bytes, rounds: int) -> Times:
    """All handed in at once for the one board."""
    jobs = [post(farm, body) for _ in range(rounds + 1)]
    for number in jobs:
        watcher.wait("job.finished", number)
    spans = sorted((run["started_at_us"], run["finished_at_us"]) for job in jobs for run in farm.job(job)["runs"])
    found = [watcher.wait("case.ended", number)["rack_at_us"] for number in jobs]
    return {
        "end to next": gaps(spans),
        "result to next": [(later - earlier) / 1e3 for earlier, later in itertools.pairwise(found)],
    }


def assay(directory: Path, rounds: int) -> tuple[Times, Times]:
    """By the API and by the command line."""
    farm = Farm(directory, boards=[virtual_board("b", BOARD_TYPE)]).start()
    try:
        watcher = Watcher(farm)
        sha = farm.api("POST", "images", params={"name": IMAGE.name}, data=IMAGE.read_bytes()).json()["sha256"]
        job = {"name": "bench", "suite": "reference", "runs": [{"type": BOARD_TYPE, "image": str(IMAGE)}]}
        body = json.dumps({"file": "bench.json", "text": json.dumps(job), "images": {str(IMAGE): sha}}).encode()
        by_api = alone(farm, watcher, body, rounds)
        by_cli = alone(farm, watcher, farm.write_job(job), rounds)
        return {**by_api, **queued(farm, watcher, body, rounds)}, by_cli
    finally:
        farm.stop()


def lava(root: Path, settings: str, rounds: int) -> Times:
    own = ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child"]
    with tempfile.TemporaryDirectory(dir=root.parent) as scratch:
        session: list[str | Path] = [
            sys.executable,
            "-m",
            "tests.bench.lava.session",
            root,
            scratch,
            settings,
            str(rounds),
        ]
        done = subprocess.run([*own, *session], stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path, help="the directory that tests/bench/lava/build_root made")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--settings", action="append", choices=SETTINGS, help="of LAVA; all of them if not said")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    root = arguments.root.resolve()
    with tempfile.TemporaryDirectory() as name:
        by_api, by_cli = assay(Path(name), arguments.rounds)
    times = {"Assay": by_api, "Assay by `assay submit`": by_cli}
    shutil.copy(IMAGE, root / "var/tmp/suite.elf")
    with ThreadPoolExecutor() as pool:
        asked = {each: pool.submit(lava, root, each, arguments.rounds) for each in arguments.settings or SETTINGS}
    times |= {f"LAVA {settings}": measured.result() for settings, measured in asked.items()}
    for what, ours in by_api.items():
        print(what)
        for who, measured in times.items():
            if what in measured:
                ratio = statistics.median(measured[what]) / statistics.median(ours)
                show(f"  {who}", measured[what])
                if measured is not by_api:
                    print(f"    {ratio:.3g} times Assay's")


if __name__ == "__main__":
    main()
