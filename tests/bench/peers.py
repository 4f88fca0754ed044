# SPDX-License-Identifier: Apache-2.0
"""How long work waits that could begin at once, in Assay and beside it in what others use for it, on this machine and
in one go:

    ASSAY_BUILD_DIR=build/release [chrt -r 10] build/venv/bin/python -m tests.bench.peers [--rounds N]

With chrt -r (as root) on a machine that has other work: all that is measured goes before it, on each side.

  submit to start   from the request to the stamp of the first thing done for it
  end to next       from a job's end to the stamp of the first thing done for the next one that waits for the same board

All do the least work there is: Assay a simulated board whose steps take no time, Buildbot one worker that runs `date`,
labgrid one place that is reserved and locked (it has no jobs: who waits is the client). Each is asked as it can be:
Buildbot by its API and labgrid by its client, and Assay by both, to be compared like with like. The others are
installed from PyPI, in the versions named below, into a directory that goes again. Ratios are of medians. LAVA has a
bench of its own: peers_lava.py."""

import argparse
import contextlib
import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

from tests.bench.latency import Watcher, post, show
from tests.support.farm import ROOT, Farm
from tests.support.processes import wait_until
from tests.support.rack_peer import peer_image

PACKAGES = ["buildbot==4.3.0", "buildbot-worker==4.3.0", "buildbot-www==4.3.0", "labgrid==26.0.1", "setuptools<81"]

MASTER = """
from buildbot.plugins import schedulers, steps, util, worker
factory = util.BuildFactory([steps.ShellCommand(command=["sh", "-c", {command!r}], name="work")])
c = BuildmasterConfig = dict(
    workers=[worker.Worker("board", "secret", max_builds=1)],
    protocols={{"pb": {{"port": "tcp:{pb}:interface=127.0.0.1"}}}},
    builders=[util.BuilderConfig(name="bench", workernames=["board"], factory=factory, collapseRequests=False)],
    schedulers=[schedulers.ForceScheduler(name="force", builderNames=["bench"])],
    www=dict(port="tcp:{web}:interface=127.0.0.1"),
    db_url="sqlite:///state.sqlite",
    buildbotNetUsageData=None,
)
"""

Times = dict[str, list[float]]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def running(*argv: str | Path, cwd: Path) -> Iterator[None]:
    with (cwd / f"{Path(argv[0]).name}.log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=cwd, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def now_us() -> int:
    return time.time_ns() // 1000


def last_job(farm: Farm) -> int:
    return max(int(entry["id"]) for entry in farm.get("jobs")["jobs"])


def assay(directory: Path, rounds: int) -> tuple[Times, Times]:
    """By the API and by the command line."""
    directory.mkdir()
    farm = Farm(directory)
    farm.start_daemon()
    try:
        farm.start_simulated(1)
        wait_free(farm)
        (directory / "peer.hex").write_bytes(peer_image())
        job = {"name": "bench", "require": {"tests": 1}, "runs": [{"type": "simulated", "image": "peer.hex"}]}
        path, watcher = farm.write_job(job), Watcher(farm)
        sha = farm.api("POST", "images?name=peer.hex", data=peer_image()).json()["sha256"]
        order = {"text": json.dumps(job), "images": {"peer.hex": sha}}

        def ask_program() -> int:
            done = farm.cli("submit", path)
            assert done.returncode == 0, done.stderr
            return last_job(farm)

        by_api = starts(farm, watcher, rounds, lambda: post(farm, json.dumps(order).encode()))
        by_cli = starts(farm, watcher, rounds, ask_program)
        job["runs"][0]["count"] = rounds + 1  # type: ignore[index]
        number = post(farm, json.dumps({**order, "text": json.dumps(job)}).encode())
        watcher.wait("job.finished", number)
        spans = sorted((run["started_at_us"], run["finished_at_us"]) for run in farm.job(number)["runs"])
    finally:
        farm.stop()
    nexts = {"end to next": gaps(spans)}
    return {"submit to start": by_api, **nexts}, {"submit to start": by_cli, **nexts}


def wait_free(farm: Farm) -> None:
    wait_until("the board to be free", lambda: [board["state"] for board in farm.boards().values()] == ["free"])


def starts(farm: Farm, watcher: Watcher, rounds: int, ask: Callable[[], int]) -> list[float]:
    times = []
    for _ in range(rounds):
        wait_free(farm)
        begun = now_us()
        number = ask()
        times.append((watcher.wait("step.begun", number)["at_us"] - begun) / 1e3)
        watcher.wait("job.finished", number)
    return times


def gaps(spans: list[tuple[int, int]]) -> list[float]:
    return [(later[0] - earlier[1]) / 1e3 for earlier, later in itertools.pairwise(spans)]


def buildbot(tools: Path, directory: Path, rounds: int) -> Times:
    stamps, pb, web = directory / "stamps", free_port(), free_port()
    master = directory / "master"
    master.mkdir(parents=True)
    command = f"b=$(date +%s%6N); echo $b $(date +%s%6N) >> {stamps}"
    (master / "master.cfg").write_text(MASTER.format(command=command, pb=pb, web=web))
    stamps.touch()

    def tool(*argv: str | Path) -> None:
        subprocess.run([tools / str(argv[0]), *argv[1:]], check=True, cwd=directory, stdout=subprocess.DEVNULL)

    tool("buildbot", "create-master", "--quiet", master)
    tool("buildbot", "upgrade-master", "--quiet", master)
    tool("buildbot-worker", "create-worker", directory / "worker", f"127.0.0.1:{pb}", "board", "secret")
    api = f"http://127.0.0.1:{web}/api/v2"
    order = {"jsonrpc": "2.0", "method": "force", "id": 1, "params": {"builderNames": ["bench"]}}

    def lines() -> list[tuple[int, int]]:
        return [(int(begun), int(ended)) for begun, ended in map(str.split, stamps.read_text().splitlines())]

    def is_up() -> bool:
        with contextlib.suppress(requests.RequestException):
            found = requests.get(f"{api}/workers", timeout=10).json()["workers"]
            return bool(found and found[0]["connected_to"])
        return False

    def ask() -> None:
        assert requests.post(f"{api}/forceschedulers/force", json=order, timeout=60).status_code == 200

    def wait_complete(count: int) -> None:
        query = f"{api}/builds?complete=true"
        wait_until(f"{count} builds", lambda: len(requests.get(query, timeout=60).json()["builds"]) >= count, 300)

    twistd: list[str | Path] = [tools / "twistd", "--nodaemon", "--pidfile=", "--no_save", "-y", "buildbot.tac"]
    with (
        running(*twistd, cwd=master),
        running(*twistd, cwd=directory / "worker"),
    ):
        wait_until("buildbot to be up", is_up, 120)
        starts = []
        for number in range(1, rounds + 1):
            begun = now_us()
            ask()
            wait_complete(number)
            starts.append((lines()[-1][0] - begun) / 1e3)
        for _ in range(rounds):
            ask()
        wait_complete(2 * rounds)
    return {"submit to start": starts, "end to next": gaps(sorted(lines()[rounds:]))}


def labgrid(tools: Path, directory: Path, rounds: int) -> Times:
    directory.mkdir()
    address = f"127.0.0.1:{free_port()}"
    client = [str(tools / "labgrid-client"), "-x", address]

    def run(*argv: str, token: str = "") -> str:
        environment = {**os.environ, "LG_TOKEN": token}
        done = subprocess.run(
            [*client, *argv], capture_output=True, text=True, env=environment, check=True, cwd=directory
        )
        return done.stdout

    def is_up() -> bool:
        return subprocess.run([*client, "places"], capture_output=True, check=False, cwd=directory).returncode == 0

    def token_of(text: str) -> str:
        return text.split("LG_TOKEN=")[1].split()[0]

    reserve = ["reserve", "--shell", "--wait", "kind=bench"]

    def give_back(token: str) -> int:
        """When the place was free again."""
        run("-p", "board", "release", token=token)
        done = now_us()
        run("cancel-reservation", token)
        return done

    starts, nexts = [], []
    with running(tools / "labgrid-coordinator", "-l", address, cwd=directory):
        wait_until("labgrid's coordinator to be up", is_up, 60)
        run("-p", "board", "create")
        run("-p", "board", "set-tags", "kind=bench")
        for _ in range(rounds):
            begun = now_us()
            token = token_of(run(*reserve))
            run("-p", "+", "acquire", token=token)
            starts.append((now_us() - begun) / 1e3)
            second = subprocess.Popen([*client, *reserve], stdout=subprocess.PIPE, text=True, cwd=directory)
            wait_until("the second to wait", lambda: run("reservations").count("waiting") == 1, 60)
            freed = give_back(token)
            assert second.stdout
            token = token_of(second.stdout.read())
            assert second.wait(60) == 0
            run("-p", "+", "acquire", token=token)
            nexts.append((now_us() - freed) / 1e3)
            give_back(token)
    return {"submit to start": starts, "end to next": nexts}


def install(directory: Path) -> Path:
    tools = directory / "bin"
    if not (tools / "labgrid-client").exists():
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        subprocess.run([tools / "pip", "install", "--quiet", *PACKAGES], check=True)
    return tools


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--tools", type=Path, help="a directory to install the others into, or where they are already")
    arguments = parser.parse_args()
    rounds = arguments.rounds
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        tools = install((arguments.tools or here / "venv").resolve())
        by_api, by_cli = assay(here / "assay", rounds)
        times = {
            "Assay by its API": (by_api, by_api),
            "Assay by `assay submit`": (by_cli, by_cli),
            "Buildbot by its API": (buildbot(tools, here / "buildbot", rounds), by_api),
            "labgrid by labgrid-client": (labgrid(tools, here / "labgrid", rounds), by_cli),
        }
    for what in by_api:
        print(what)
        for who, (measured, ours) in times.items():
            show(f"  {who}", measured[what])
            if measured is not ours:
                print(f"    {statistics.median(measured[what]) / statistics.median(ours[what]):.0f} times Assay's")


if __name__ == "__main__":
    main()
