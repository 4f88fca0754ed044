# SPDX-License-Identifier: Apache-2.0
"""A whole farm in a directory of its own: the real assayd, assay-agent and assay, on a free port."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.support.processes import descendants, kill, program, running_with, wait_until

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ASSAY_BUILD_DIR", ROOT / "build" / "dev")).resolve()
FIRMWARE = BUILD / "firmware"
IMAGES = BUILD / "images"
Json = dict[str, Any]

# The end of a job whose image comes to its last line by itself: these only bound a hang, so they are as generous as a
# slow machine may need. An image that is to be found silent is waited for as long, and so gets less: enough for a
# machine that takes ten times as long between two lines of the console.
PATIENT: Json = {"silence": "60s", "limit": "5m"}
UNTIL_SILENT: Json = {"silence": "10s", "limit": "5m"}

CHIP_OF_TYPE = {"microbit": "nrf51", "netduinoplus2": "stm32f405", "mps2-an385": "mps2-an385"}


def virtual_board(name: str, board_type: str, **more: Any) -> Json:
    """A rack file's entry for a virtual board; more is merged over it."""
    return {"name": name, "type": board_type, "virtual": {"chip": CHIP_OF_TYPE[board_type]}, **more}


def held_port() -> socket.socket:
    """A port of the loopback that is kept: whoever asks for any port gets another, also while nobody listens there. A
    program that is told its number may listen on it, as it sets SO_REUSEADDR too and this one never listens."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


class Farm:
    """Programs are started and ended by their own pids; stop() leaves nothing behind."""

    def __init__(self, directory: Path, boards: list[Json] | None = None, rack: Json | None = None) -> None:
        self.dir = directory
        self.state = directory / "farm"
        self.agent_state = directory / "agent"
        self.rack_file = directory / "rack.yaml"
        self.rack_file.write_text(yaml.safe_dump(rack or {"rack": "rack1", "boards": boards or []}))
        self.held = held_port()
        self.port = int(self.held.getsockname()[1])
        self.daemon: subprocess.Popen[bytes] | None = None
        self.agent: subprocess.Popen[bytes] | None = None
        self.session = requests.Session()

    # --- programs ---

    def _spawn(self, log: str, *argv: str | Path) -> subprocess.Popen[bytes]:
        with (self.dir / log).open("ab") as out:
            return subprocess.Popen(
                [str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.dir
            )

    def start_daemon(self, *more: str) -> None:
        """Starts assayd, waits until it serves. A restart listens where it did before: agents find it."""
        info = self.state / "assayd.json"
        info.unlink(missing_ok=True)
        self.daemon = self._spawn(
            "assayd.log",
            BUILD / "bin/assayd",
            "--state-dir",
            self.state,
            "--listen",
            f"127.0.0.1:{self.port}",
            "--suites-dir",
            ROOT / "share/suites",
            "--web-dir",
            BUILD / "web",
            *more,
        )
        daemon = self.daemon

        def listening() -> Json | None:
            assert daemon.poll() is None, f"assayd ended: {self.log('assayd.log')}"
            with contextlib.suppress(FileNotFoundError, ValueError):
                return dict(json.loads(info.read_text()))
            return None

        found = wait_until("assayd to listen", listening)
        self.url = str(found["url"])
        self.port = int(self.url.rsplit(":", 1)[1].strip("/"))
        self.token = (self.state / "admin.token").read_text().strip()
        self.session.headers["Authorization"] = f"Bearer {self.token}"

    def start_agent(self, *more: str) -> None:
        self.agent = self._spawn(
            "agent.log",
            BUILD / "bin/assay-agent",
            "--rack",
            self.rack_file,
            "--daemon",
            self.url,
            "--token-file",
            self.state / "agent.token",
            "--state-dir",
            self.agent_state,
            "--types-dir",
            ROOT / "share/board-types",
            *more,
        )

    def start_simulated(self, boards: int, script: Json | None = None, *more: str) -> None:
        """Racks of that many simulated boards, as the script says; stop() ends them too."""
        file = self.dir / "script.yaml"
        file.write_text(yaml.safe_dump(script or {}))
        self.agent = self._spawn(
            "agent.log",
            BUILD / "bin/assay-agent",
            "--simulate",
            str(boards),
            "--script",
            file,
            "--daemon",
            self.url,
            "--token-file",
            self.state / "agent.token",
            "--state-dir",
            self.agent_state,
            *more,
        )

    def start(self) -> "Farm":
        self.start_daemon()
        self.start_agent()
        self.wait_idle()
        return self

    def end(self, process: subprocess.Popen[bytes] | None, number: signal.Signals = signal.SIGTERM) -> None:
        """Ends a program that may have ended already. On SIGTERM it must end well: a sanitizer's word fails too."""
        if process is None or process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(180)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
            raise AssertionError(f"process {process.args!r} did not end on {number.name}") from None
        if number == signal.SIGTERM and process.returncode != 0:
            logs = self.log("assayd.log") + self.log("agent.log")
            raise AssertionError(f"process {process.args!r} ended with {process.returncode}: {logs}")

    def stop(self) -> None:
        """Ends all; then nothing that names this farm's directory may be left running."""
        try:
            try:
                self.end(self.agent)
            finally:
                self.end(self.daemon)
            wait_until("children to be gone", lambda: not list(running_with(str(self.dir))))
        finally:
            self.agent = self.daemon = None
            for pid in running_with(str(self.dir)):
                kill(pid)
            self.held.close()

    def log(self, name: str, last: int = 3000) -> str:
        path = self.dir / name
        return path.read_text(errors="replace")[-last:] if path.exists() else "(no log)"

    def children(self, name: str, board: str = "") -> list[int]:
        """Processes of that name below the agent; with board, those whose command line names its folder."""
        assert self.agent is not None
        found = [pid for pid in descendants(self.agent.pid) if program(pid) == name]
        if board:
            named = set(running_with(f"/{board}/")) | set(running_with(f"/{board}"))
            found = [pid for pid in found if pid in named]
        return found

    # --- the farm as a client sees it ---

    def api(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, f"{self.url}/api/v1/{path}", timeout=300, **more)

    def get(self, path: str) -> Json:
        answer = self.api("GET", path)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text[:500]}"
        return dict(answer.json())

    def boards(self) -> dict[str, Json]:
        return {board["name"]: board for board in self.get("boards")["boards"]}

    def wait_idle(self, timeout_s: float = 300) -> None:
        names = [board["name"] for board in yaml.safe_load(self.rack_file.read_text())["boards"]]

        def all_idle() -> bool:
            assert self.agent is None or self.agent.poll() is None, f"agent ended: {self.log('agent.log')}"
            boards = self.boards()
            return all(name in boards and boards[name]["state"] == "free" for name in names)

        try:
            wait_until("all boards to be idle", all_idle, timeout_s)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.boards()} {self.log('agent.log')}") from None

    def cli(self, *argv: str | Path, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in (BUILD / "bin/assay", "--state-dir", self.state, *argv)],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
            cwd=self.dir,
        )

    def write_job(self, job: Json, name: str = "job.yaml") -> Path:
        path = self.dir / name
        path.write_text(yaml.safe_dump(job, sort_keys=False))
        return path

    def submit(self, job: Json) -> int:
        """Submits without waiting; returns the job's number."""
        done = self.cli("submit", self.write_job(job, f"job-{threading.get_ident()}.yaml"), "--json")
        assert done.returncode == 0, f"submit: {done.returncode} {done.stdout} {done.stderr}"
        return int(json.loads(done.stdout)["id"])

    def job(self, number: int) -> Json:
        """The job, and its runs with all their steps and cases."""
        job = self.get(f"jobs/{number}")
        return {**job, "runs": [self.get(f"runs/{run['id']}") for run in job["runs"]]}

    def wait_job(self, number: int, timeout_s: float = 600) -> Json:
        wanted = {run["board_type"] for run in self.get(f"jobs/{number}")["runs"]}

        def finished() -> Json | None:
            job = self.get(f"jobs/{number}")
            if job["state"] == "queued":
                states = {board["state"] for board in self.boards().values() if board["type"] in wanted}
                # Unless it was for how this job ended meanwhile.
                lost = states == {"quarantined"} and self.get(f"jobs/{number}")["state"] == "queued"
                assert not lost, "every board for it is quarantined"
            return self.job(number) if job["state"] == "finished" else None

        try:
            return wait_until(f"job {number} to finish", finished, timeout_s)
        except AssertionError as error:
            text = json.dumps(self.job(number))[:3000]
            raise AssertionError(f"{error}: {text}\n{self.log('agent.log')}\n{self.log('assayd.log')}") from None

    def run_job(self, job: Json, timeout_s: float = 600) -> Json:
        return self.wait_job(self.submit(job), timeout_s)
