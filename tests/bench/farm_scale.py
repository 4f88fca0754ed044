# SPDX-License-Identifier: Apache-2.0
"""What one daemon carries: a real assayd, and racks of simulated boards that speak the real protocol to it.

    ASSAY_BUILD_DIR=build/release build/venv/bin/python -m tests.bench.farm_scale [--boards N] [--seconds S] [PART…]

  throughput   every board always has a run; the boards take no time at all, so the daemon (and this machine, which
               carries racks and daemon both) is what limits. Each run is 26 step events, a console and 4 cases, judged,
               and durable when it is counted
  latency      a tenth of the boards busy at any moment, one job with one run at a time at a steady rate: from just
               before the POST to the step.begun stamp the rack gave; by turns with no viewer and with --viewers of
               them, so that a disk or machine that is slow for a while is slow for both
  startup      a database with a million finished runs: from the program's start until it serves

Also the daemon's memory. The racks' own state is kept in memory (/dev/shm): it is not theirs to be measured. --perf
records the daemon while it is under load (perf must be there). --against takes turns with the programs of another build
directory and tells both, and how they compare: processor time for a run is comparable also when the machine has other
work, runs a second are not."""

import argparse
import contextlib
import http.client
import json
import multiprocessing
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.viewers import read_all
from tests.support.farm import BUILD, Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image

TEXT = (
    "name: scale\nretries: 0\nrequire: {{tests: 4}}\nruns:\n  - {{type: simulated, image: peer.hex, count: {count}}}\n"
)
SCALE_RUNS = 1_000_000
JOB_RUNS = 1000
TURNS = 8


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident now, and at most so far."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024, int(fields["VmHWM"].split()[0]) / 1024


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Scale:
    """A farm with simulated boards."""

    def __init__(self, directory: Path, racks: Path, boards: int, script: dict[str, Any]) -> None:
        self.farm = Farm(directory)
        self.farm.agent_state = racks
        self.boards = boards
        self.script = script

    def start(self) -> None:
        self.farm.start_daemon("--log-level", "warn")
        begun = time.perf_counter()
        self.farm.start_simulated(self.boards, self.script, "--log-level", "warn")
        wait_until("all boards to be free", self.all_idle, 120)
        self.ready_s = time.perf_counter() - begun
        kept = self.farm.api("POST", "images?name=peer.hex", data=peer_image()).json()
        self.images = {"peer.hex": kept["sha256"]}

    def all_idle(self) -> bool:
        return int(self.farm.get("farm")["boards"]["free"]) == self.boards

    def pids(self) -> tuple[int, int]:
        assert self.farm.daemon and self.farm.agent
        return self.farm.daemon.pid, self.farm.agent.pid

    def body(self, count: int) -> bytes:
        return json.dumps({"text": TEXT.format(count=count), "images": self.images}).encode()

    def rows(self, sql: str, *values: int) -> list[tuple[int, ...]]:
        with contextlib.closing(sqlite3.connect(f"file:{self.farm.state}/assay.db?mode=ro", uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def finished(self) -> int:
        return self.rows("SELECT count(*) FROM run WHERE state = 'finished'")[0][0]


@contextlib.contextmanager
def scale(boards: int, script: dict[str, Any]) -> Iterator[Scale]:
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory(dir="/dev/shm") as racks:
        made = Scale(Path(here), Path(racks), boards, script)
        try:
            made.start()
            yield made
        finally:
            made.farm.stop()


@contextlib.contextmanager
def viewers(farm: Farm, count: int) -> Iterator[int]:
    """That many of them look at the whole farm, read by a process of their own, whose number this gives; 0: none."""
    if not count:
        yield 0
        return
    here, there = multiprocessing.Pipe()
    child = multiprocessing.Process(target=read_all, args=(farm.port, farm.token, ["farm"], count, there), daemon=True)
    child.start()
    assert here.poll(120) and here.recv() == count
    try:
        assert child.pid
        yield child.pid
    finally:
        here.send(0)
        child.join(10)


@contextlib.contextmanager
def perf(pid: int, output: str) -> Iterator[None]:
    if not output:
        yield
        return
    recorder = subprocess.Popen(["perf", "record", "-q", "-g", "-F", "499", "-p", str(pid), "-o", output])
    try:
        yield
    finally:
        recorder.terminate()
        recorder.wait(60)


def throughput(boards: int, seconds: float, perf_file: str) -> dict[str, float]:
    with scale(boards, {"rack-boards": 500}) as made:
        daemon, agent = made.pids()
        print(f"{boards} boards connected and brought up in {made.ready_s:.1f} s, daemon {memory_mb(daemon)[0]:.0f} MB")
        stop = threading.Event()

        def feed() -> None:
            submitted = 0
            while not stop.is_set():
                if submitted - made.finished() < boards + 5 * JOB_RUNS:
                    answer = made.farm.api("POST", "jobs", data=made.body(JOB_RUNS))
                    assert answer.status_code == 201, answer.text
                    submitted += JOB_RUNS
                else:
                    time.sleep(0.1)

        feeder = threading.Thread(target=feed)
        feeder.start()
        try:
            wait_until("load to be on", lambda: made.finished() >= boards, 600)
            with perf(daemon, perf_file):
                first, begun = made.finished(), time.monotonic()
                busy, busy_racks = processor_s(daemon), processor_s(agent)
                # The boards began together, so they end together: only whole waves of them tell of the rate.
                wait_until(
                    "whole waves of runs",
                    lambda: made.finished() >= first + boards and time.monotonic() >= begun + seconds,
                    600,
                )
                spent, count = time.monotonic() - begun, made.finished() - first
                busy, busy_racks = processor_s(daemon) - busy, processor_s(agent) - busy_racks
        finally:
            stop.set()
            feeder.join()
        now, most = memory_mb(daemon)
        print(
            f"throughput: {count / spent:.0f} runs/s ({count} in {spent:.1f} s), daemon {busy / spent * 100:.0f} % of a"
            f" core, {busy / count * 1e3:.2f} ms a run; racks {busy_racks / spent * 100:.0f} %,"
            f" {busy_racks / count * 1e3:.2f} ms a run; daemon {now:.0f} MB, at most {most:.0f} MB;"
            f" racks {memory_mb(agent)[0]:.0f} MB"
        )
        return {
            "runs a second": count / spent,
            "daemon, ms a run": busy / count * 1e3,
            "racks, ms a run": busy_racks / count * 1e3,
            "daemon, at most MB": most,
        }


def against(other: str, boards: int, seconds: float, rounds: int) -> None:
    """Turn by turn, each with a daemon and racks of its own build: what the machine does meanwhile meets both."""
    found: dict[str, list[dict[str, float]]] = {other: [], str(BUILD): []}
    for _ in range(rounds):
        for build, figures in found.items():
            argv = [sys.executable, "-m", "tests.bench.farm_scale", "throughput", "--figures"]
            argv += ["--boards", str(boards), "--seconds", str(seconds)]
            done = subprocess.run(argv, env={**os.environ, "ASSAY_BUILD_DIR": build}, capture_output=True, check=True)
            figures.append(json.loads(done.stdout.splitlines()[-1]))
    for name in found[other][0]:
        then, now = (statistics.median(each[name] for each in figures) for figures in found.values())
        print(f"{name:20} {then:8.2f} before, {now:8.2f} now: {now / then * 100:.0f} %")


class Client(threading.Thread):
    """Submits jobs of one run at its times, over one connection."""

    def __init__(self, made: Scale, times: list[float]) -> None:
        super().__init__()
        self.made, self.times = made, times
        self.posted: dict[int, tuple[int, float]] = {}  # job: when, and how long its answer took

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.made.farm.port)
        headers = {"Authorization": f"Bearer {self.made.farm.token}"}
        body = self.made.body(1)
        for at in self.times:
            time.sleep(max(0.0, at - time.monotonic()))
            begun_us = time.time_ns() // 1000
            connection.request("POST", "/api/v1/jobs", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 201, text
            self.posted[json.loads(text)["job"]["id"]] = begun_us, (time.time_ns() // 1000 - begun_us) / 1e3


def fdatasync_ms(directory: Path) -> list[float]:
    """What the disk takes for 4 KiB: nothing that is durable starts in less."""
    took = []
    with (directory / "fdatasync").open("wb", buffering=0) as file:
        for _ in range(200):
            file.write(bytes(4096))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - begun) * 1e3)
    return took


@dataclass
class Sample:
    """What a while of submitting showed; more of the same is added to it."""

    waits_ms: list[float] = field(default_factory=list)  # from the POST to the start
    answers_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0
    daemon_s: float = 0.0  # processor time, as the next one
    readers_s: float = 0.0
    memory_mb: float = 0.0
    p99s_ms: list[float] = field(default_factory=list)  # of the turns' waits: one bad moment spoils only its own

    def add(self, other: "Sample") -> None:
        self.p99s_ms.append(percentile(other.waits_ms, 0.99))
        self.waits_ms += other.waits_ms
        self.answers_ms += other.answers_ms
        self.seconds += other.seconds
        self.daemon_s += other.daemon_s
        self.readers_s += other.readers_s
        self.memory_mb = max(self.memory_mb, other.memory_mb)

    def tell(self, rate: float, count: int) -> None:
        waits, answers = self.waits_ms, self.answers_ms
        readers = f"; readers (nice 19) {self.readers_s / self.seconds * 100:.0f} %" if count else ""
        print(
            f"latency: {count:5} viewers, {rate:.0f} jobs/s: submit to start median {percentile(waits, 0.5):7.2f} ms, "
            f"p99 {percentile(waits, 0.99):7.2f} ms; answer median {percentile(answers, 0.5):.2f} ms, "
            f"p99 {percentile(answers, 0.99):.2f} ms (n={len(waits)}); daemon "
            f"{self.daemon_s / self.seconds * 100:.0f} % of a core, {self.memory_mb:.0f} MB{readers}"
        )


def measure_latency(made: Scale, rate: float, seconds: float, count: int) -> Sample:
    clients = 4
    daemon, _ = made.pids()
    with viewers(made.farm, count) as readers:
        start = time.monotonic() + 0.5
        busy, reading = processor_s(daemon), processor_s(readers) if readers else 0.0
        threads = [
            Client(made, [start + (i * clients + k) / rate for i in range(int(rate * seconds) // clients)])
            for k in range(clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        busy, reading = processor_s(daemon) - busy, processor_s(readers) - reading if readers else 0.0
        posted = {job: when for thread in threads for job, when in thread.posted.items()}
        last = max(posted)
        wait_until(
            "all runs to end",
            lambda: made.rows("SELECT count(*) FROM job WHERE id <= ? AND state <> 'finished'", last)[0][0] == 0,
            120,
        )
    waits = [
        (started - posted[job][0]) / 1e3
        for job, started in made.rows("SELECT job, started_at_us FROM run WHERE job >= ?", min(posted))
        if job in posted
    ]
    return Sample(waits, [took for _, took in posted.values()], seconds, busy, reading, memory_mb(daemon)[0])


def latency(boards: int, seconds: float, rate: float, count: int, perf_file: str) -> None:
    busy_s = boards / 10 / rate
    alone, watched = Sample(), Sample()
    with scale(boards, {"steps": {"capture": {"uniform": ["100ms", f"{int(busy_s * 2000)}ms"]}}}) as made:
        measure_latency(made, rate, 2, 0)
        with perf(made.pids()[0], perf_file):
            for _ in range(TURNS):
                alone.add(measure_latency(made, rate, seconds / TURNS, 0))
                watched.add(measure_latency(made, rate, seconds / TURNS, count))
        disk = fdatasync_ms(made.farm.dir)
        alone.tell(rate, 0)
        watched.tell(rate, count)
        print(f"the disk's fdatasync then: median {percentile(disk, 0.5):.2f} ms, p99 {percentile(disk, 0.99):.2f} ms")
        share = percentile(watched.waits_ms, 0.99) / percentile(alone.waits_ms, 0.99)
        turns = statistics.median(watched.p99s_ms) / statistics.median(alone.p99s_ms)
        print(
            f"latency: p99 with {count} viewers is {share * 100:.0f} % of that with none; median of the turns' p99 "
            f"{statistics.median(alone.p99s_ms):.2f} ms alone, {statistics.median(watched.p99s_ms):.2f} ms watched "
            f"({turns * 100:.0f} %)"
        )


# Every row but its number as the one run that was really done.
MULTIPLY = """
CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {last}) SELECT i FROM n;
CREATE TEMP TABLE one_job AS SELECT * FROM job;
CREATE TEMP TABLE one_run AS SELECT * FROM run;
INSERT INTO job ({job_columns}) SELECT {job_values} FROM one_job, n WHERE n.i < {jobs};
INSERT INTO run ({run_columns}) SELECT {run_values} FROM one_run, n;
"""


def columns(db: sqlite3.Connection, table: str, changed: dict[str, str]) -> tuple[str, str]:
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    return ", ".join(names), ", ".join(changed.get(name, name) for name in names)


def multiply(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as db:
        job_columns, job_values = columns(db, "job", {"id": "n.i + 1"})
        run_columns, run_values = columns(
            db, "run", {"id": "n.i + 1", "job": f"n.i / {JOB_RUNS} + 1", "number": f"n.i % {JOB_RUNS}"}
        )
        db.executescript(
            "BEGIN;"
            + MULTIPLY.format(
                last=SCALE_RUNS - 1,
                jobs=SCALE_RUNS // JOB_RUNS,
                job_columns=job_columns,
                job_values=job_values,
                run_columns=run_columns,
                run_values=run_values,
            )
            + "COMMIT;"
        )


def startup() -> None:
    with tempfile.TemporaryDirectory() as here:
        farm = Farm(Path(here))
        farm.start_daemon()
        try:
            farm.start_simulated(1)
            wait_until("the board to be free", lambda: farm.get("farm")["boards"]["free"] == 1, 60)
            kept = farm.api("POST", "images?name=peer.hex", data=peer_image()).json()
            made = farm.api("POST", "jobs", json={"text": TEXT.format(count=1), "images": {"peer.hex": kept["sha256"]}})
            farm.wait_job(made.json()["job"]["id"])
            farm.end(farm.agent)
            farm.end(farm.daemon)
            multiply(farm.state / "assay.db")
            times = []
            for _ in range(3):
                begun = time.perf_counter()
                farm.start_daemon()
                times.append(time.perf_counter() - begun)
                assert farm.daemon
                now, _ = memory_mb(farm.daemon.pid)
                farm.end(farm.daemon)
            size = (farm.state / "assay.db").stat().st_size / 1e6
            print(
                f"startup: {SCALE_RUNS} finished runs ({size:.0f} MB): {', '.join(f'{each:.2f}' for each in times)} s, "
                f"then {now:.0f} MB"
            )
        finally:
            farm.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["throughput", "latency", "startup"])
    parser.add_argument("--boards", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=100, help="latency: jobs a second")
    parser.add_argument("--viewers", type=int, default=1000)
    parser.add_argument("--perf", default="", help="file for perf record")
    parser.add_argument("--against", default="", metavar="BUILD_DIR", help="throughput: in turns with that build")
    parser.add_argument("--rounds", type=int, default=3, help="with --against: how often each")
    parser.add_argument("--figures", action="store_true", help="throughput: also as JSON, on the last line")
    arguments = parser.parse_args()

    def throughput_part() -> None:
        if arguments.against:
            against(arguments.against, arguments.boards, arguments.seconds, arguments.rounds)
            return
        figures = throughput(arguments.boards, arguments.seconds, arguments.perf)
        if arguments.figures:
            print(json.dumps(figures))

    parts: dict[str, Callable[[], None]] = {
        "throughput": throughput_part,
        "latency": lambda: latency(
            arguments.boards, arguments.seconds, arguments.rate, arguments.viewers, arguments.perf
        ),
        "startup": startup,
    }
    for part in arguments.parts:
        parts[part]()


if __name__ == "__main__":
    main()
