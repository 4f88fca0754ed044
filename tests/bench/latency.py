# SPDX-License-Identifier: Apache-2.0
"""How long a client waits, measured on a running farm with idle virtual boards, all clocks being this machine's:

    ASSAY_BUILD_DIR=build/release build/venv/bin/python -m tests.bench.latency [--jobs N]

  submit to first step begun   from just before the POST to the step.begun stamp the agent gave
  end to next start            from a run's run.ended to the next run's first step.begun, on one board with a queue
  byte to client               from a console chunk's stamp (the agent read it off the UART) to its arrival at a
                               websocket

Prints median, p99 and, beside it, the physical limit taken in the same run: a commit's fdatasync and a loopback round
trip."""

import argparse
import contextlib
import itertools
import json
import os
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.farm import FIRMWARE, ROOT, Farm, virtual_board
from tests.system.farm.test_verdicts import suite_job


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def show(name: str, values_ms: list[float]) -> None:
    print(
        f"{name:30} median {statistics.median(values_ms):8.2f} ms   p99 {percentile(values_ms, 0.99):8.2f} ms"
        f"   max {max(values_ms):8.2f} ms   (n={len(values_ms)})"
    )


def fdatasync_ms(directory: Path) -> list[float]:
    times = []
    descriptor = os.open(directory / "sync", os.O_CREAT | os.O_WRONLY)
    for _ in range(100):
        os.write(descriptor, b"x" * 4096)
        begun = time.perf_counter()
        os.fdatasync(descriptor)
        times.append((time.perf_counter() - begun) * 1e3)
    os.close(descriptor)
    return times


def loopback_ms() -> list[float]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        peer, _ = server.accept()

        def echo() -> None:
            while data := peer.recv(64):
                peer.sendall(data)

        thread = threading.Thread(target=echo)
        thread.start()
        times = []
        for _ in range(200):
            begun = time.perf_counter()
            client.sendall(b"x")
            client.recv(64)
            times.append((time.perf_counter() - begun) * 1e3)
        client.close()
        thread.join()
        peer.close()
    return times


class Watcher:
    """Reads the live websocket in a thread and keeps what came, with the time it came."""

    def __init__(self, farm: Farm) -> None:
        self.events: list[dict[str, Any]] = []
        self.chunks: list[float] = []
        self.more = threading.Condition()
        self.live: ClientConnection = connect(
            farm.url.replace("http", "ws") + "/api/v1/live",
            subprotocols=["assay-live-1"],  # type: ignore[list-item]
            additional_headers={"Authorization": f"Bearer {farm.token}"},
        )
        self.live.send(json.dumps({"id": "f", "subscribe": "farm"}))
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def watch_job(self, number: int) -> None:
        self.live.send(json.dumps({"id": f"j{number}", "subscribe": f"job:{number}", "console": True}))

    def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            self._read_all()

    def _read_all(self) -> None:
        for text in self.live:
            now_us = time.time_ns() // 1000
            message = json.loads(text)
            with self.more:
                if message.get("id") == "f":
                    self.events += message.get("events", [])
                if "console" in message:
                    self.chunks.append((now_us - message["console"]["at_us"]) / 1e3)
                self.more.notify_all()

    def wait(self, kind: str, job: int) -> dict[str, Any]:
        with self.more:
            while True:
                for event in self.events:
                    if event["type"] == kind and event["job"] == job:
                        return event
                assert self.more.wait(60), f"no {kind} of job {job}"


def job_body(farm: Farm, count: int = 1) -> bytes:
    image = FIRMWARE / "suite-microbit.elf"
    sha = farm.api("POST", "images", params={"name": image.name}, data=image.read_bytes()).json()["sha256"]
    job = suite_job("suite", "microbit")
    job["runs"][0]["count"] = count
    return json.dumps(
        {"file": "bench.json", "text": json.dumps(job), "images": {job["runs"][0]["image"]: sha}}
    ).encode()


def post(farm: Farm, body: bytes) -> int:
    answer = farm.api("POST", "jobs", data=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["job"]["id"])


def submit_to_start(farm: Farm, watcher: Watcher, jobs: int) -> list[float]:
    body = job_body(farm)
    times = []
    for _ in range(jobs):
        farm.wait_idle()
        begun_us = time.time_ns() // 1000
        number = post(farm, body)
        watcher.watch_job(number)
        first = watcher.wait("step.begun", number)
        times.append((first["at_us"] - begun_us) / 1e3)
        watcher.wait("job.finished", number)
    return times


def end_to_next(farm: Farm, watcher: Watcher, runs: int) -> list[float]:
    number = post(farm, job_body(farm, runs))
    watcher.wait("job.finished", number)
    done = farm.job(number)
    spans = sorted((run["started_at_us"], run["finished_at_us"]) for run in done["runs"])
    return [(later[0] - earlier[1]) / 1e3 for earlier, later in itertools.pairwise(spans)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=40)
    arguments = parser.parse_args()
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        show("limit: fdatasync of 4 KiB", fdatasync_ms(directory))
        show("limit: loopback round trip", loopback_ms())
        farm = Farm(directory, boards=[virtual_board("b", "microbit")]).start()
        try:
            watcher = Watcher(farm)
            show("submit to first step begun", submit_to_start(farm, watcher, arguments.jobs))
            show("end of a run to next start", end_to_next(farm, watcher, 10))
            show("console byte to client", watcher.chunks)
        finally:
            farm.stop()


if __name__ == "__main__":
    main()
