# SPDX-License-Identifier: Apache-2.0
"""What the plan carries: assay-sim with farms of 100 to 100,000 boards and a million jobs each.

    ASSAY_BUILD_DIR=build/release build/venv/bin/python -m tests.bench.sim_scale [--jobs N] [BOARDS…]

50 organisations of 4 members, 25 board types (fewer on small farms), 200 streams of jobs, runs of 5 minutes
(lognormal, sigma 0.7) with images. Of each organisation's four streams one is preemptible and of a low priority, one
urgent, and one asks for two boards at once. Once with 85 % of the boards' time asked for, once with 150 %, when what
waits grows until the last job has come."""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

BUILD = Path(os.environ.get("ASSAY_BUILD_DIR", "build/release"))
ORGS = 50
MEDIAN_S = 300
MEAN_S = MEDIAN_S * 1.2776  # of a lognormal with sigma 0.7
# Runs a job, and what its stream is like.
STREAMS: list[tuple[int, dict[str, Any]]] = [
    (1, {"priority": 50}),
    (1, {"priority": 70}),
    (1, {"priority": 10, "preemptible": True}),
    (2, {"priority": 50, "together": True}),
]


def load_of(boards: int, jobs: int, asked: float) -> dict[str, Any]:
    types = max(1, min(25, boards // 20))
    count = ORGS * len(STREAMS)
    runs_a_job = sum(runs for runs, _ in STREAMS) / len(STREAMS)
    between_s = count * runs_a_job * MEAN_S / (asked * boards)
    streams = [
        {
            "name": f"jobs-{org}-{kind}",
            "organisation": f"org-{org}",
            "arrivals": {"mean": f"{max(1, round(between_s * 1000))}ms"},
            "boards": {"type": f"type-{(org + kind) % types}", "count": runs},
            "takes": {"median": f"{MEDIAN_S}s", "sigma": 0.7},
            "limit": "1h",
            "images": 50,
            "flash": "10s",
            **more,
        }
        for org in range(ORGS)
        for kind, (runs, more) in enumerate(STREAMS)
    ]
    return {
        "name": f"boards-{boards}-asked-{asked:g}",
        "horizon": f"{round(jobs / count * between_s * 1000)}ms",
        "organisations": [{"name": f"org-{org}", "weight": 100 * (1 + org % 3), "members": 4} for org in range(ORGS)],
        "boards": [
            {
                "name": f"group-{i}",
                "type": f"type-{i}",
                "count": boards // types,
                "hosts": max(1, boards // types // 25),
            }
            for i in range(types)
        ],
        "jobs": streams,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("boards", type=int, nargs="*", default=[100, 1000, 10_000, 100_000])
    options = parser.parse_args()
    print(f"{'boards':>7} {'asked':>6} {'jobs':>8} {'runs':>8} {'waiting':>8} {'in use':>7} {'Jain':>7}", end=" ")
    print(f"{'decisions':>10} {'us each':>8} {'p50 us':>7} {'p99 us':>7} {'max ms':>7}", end=" ")
    print(f"{'seconds':>8} {'cpu s':>6} {'MB':>6}")
    for asked in (0.85, 1.5):
        for boards in options.boards:
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                json.dump(load_of(boards, options.jobs, asked), file)
                file.flush()
                done = subprocess.run([BUILD / "bin/assay-sim", file.name, "--json"], check=True, capture_output=True)
            (result,) = json.loads(done.stdout)
            machine = result["machine"]
            print(f"{boards:7} {asked:6.0%} {result['jobs']:8} {result['finished']:8}", end=" ")
            print(f"{max(result['slices']['waiting']):8.0f} {result['utilisation']:7.1%}", end=" ")
            print(f"{result['fairness']:7.4f} {result['decisions']:10}", end=" ")
            print(f"{machine['plan_ns'] / result['decisions'] / 1e3:8.2f}", end=" ")
            print(f"{machine['decision_p50_ns'] / 1e3:7.2f} {machine['decision_p99_ns'] / 1e3:7.2f}", end=" ")
            print(f"{machine['decision_max_ns'] / 1e6:7.2f} {machine['elapsed_ns'] / 1e9:8.1f}", end=" ")
            print(f"{machine['processor_ns'] / 1e9:6.1f} {machine['memory_bytes'] / 1e6:6.0f}", flush=True)


if __name__ == "__main__":
    main()
