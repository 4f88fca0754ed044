# SPDX-License-Identifier: Apache-2.0
"""Whether a rack that hangs delays the others: three racks of simulated boards, jobs for the second and third one at a
steady rate, from just before the POST to the step.begun stamp the rack gave; first with the first rack well, then with
it deaf: it takes every assign and never answers, and all its boards have one.

    ASSAY_BUILD_DIR=build/release build/venv/bin/python -m tests.bench.deaf [--jobs N]"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from tests.bench.latency import Watcher, percentile, post, show
from tests.support.farm import Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image

RACK_BOARDS = 20
EVERY_S = 0.01


def body(farm: Farm, runs: str) -> bytes:
    kept = farm.api("POST", "images?name=peer.hex", data=peer_image()).json()
    text = f"name: deaf\nretries: 0\nrequire: {{tests: 4}}\nruns:\n{runs}"
    return json.dumps({"text": text, "images": {"peer.hex": kept["sha256"]}}).encode()


def starts_ms(farm: Farm, jobs: int) -> list[float]:
    """On each board of the second and third rack in turn."""
    watcher = Watcher(farm)
    names = [f"sim{rack}-{board}" for rack in (2, 3) for board in range(1, RACK_BOARDS + 1)]
    bodies = [body(farm, f"  - {{board: {name}, image: peer.hex}}\n") for name in names]
    times = []
    for i in range(jobs):
        begun_us = time.time_ns() // 1000
        job = post(farm, bodies[i % len(bodies)])
        times.append((watcher.wait("step.begun", job)["at_us"] - begun_us) / 1e3)
        time.sleep(EVERY_S)
    watcher.live.close()
    watcher.thread.join()
    return times


def measure(jobs: int, deaf: bool) -> list[float]:
    script = {"rack-boards": RACK_BOARDS, "racks": [{"rack": 1, "fault": "deaf"}] if deaf else []}
    with tempfile.TemporaryDirectory() as directory:
        farm = Farm(Path(directory))
        farm.start_daemon("--log-level", "warn")
        try:
            farm.start_simulated(3 * RACK_BOARDS, script, "--log-level", "warn")
            wait_until("all boards", lambda: farm.get("farm")["boards"].get("free") == 3 * RACK_BOARDS, 60)
            if deaf:
                wanted = "".join(f"  - {{board: sim1-{i + 1}, image: peer.hex}}\n" for i in range(RACK_BOARDS))
                stuck = post(farm, body(farm, wanted))
                runs = f"jobs/{stuck}"
                wait_until("its runs", lambda: all(one["state"] == "assigned" for one in farm.get(runs)["runs"]))
            starts_ms(farm, 50)
            return starts_ms(farm, jobs)
        finally:
            farm.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=500)
    jobs = parser.parse_args().jobs
    well, deaf = measure(jobs, False), measure(jobs, True)
    show("submit to start, all well", well)
    show("submit to start, one deaf", deaf)
    print(f"p99 with a deaf rack over p99 without: {percentile(deaf, 0.99) / percentile(well, 0.99):.2f}")


if __name__ == "__main__":
    main()
