# SPDX-License-Identifier: Apache-2.0
"""The command line against the real daemon: what it says, and its exit statuses."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.farm import BUILD, Farm
from tests.support.rack_peer import RackPeer

Json = dict[str, Any]


def job_of(image: Path, **more: Any) -> Json:
    return {
        "name": "a job of the tests",
        "require": {"cases": ["Hello.boots"]},
        "retries": 0,
        "runs": [{"type": "peer", "image": image.name}],
        **more,
    }


def play(rack: RackPeer, verdict: str = "passed", cause: str = "all-required-seen") -> Json:
    """Works one assign off, from power-on to the verdict."""
    assign = rack.receive("assign")
    rack.step(assign, "power-on", 0)
    rack.step(assign, "flash", 1)
    rack.print(assign, b"TEST(Hello, boots) PASS\r\n")
    rack.event(
        assign,
        "case",
        group="Hello",
        name="boots",
        verdict="pass",
        message="",
        required=True,
        waived_ignore=False,
        offset=0,
        end=25,
        begun_at_us=1,
        ended_at_us=2,
    )
    rack.end(assign, verdict, cause)
    return assign


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """Runs act beside the body, and fails when it failed."""
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            act()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    yield
    thread.join(180)
    assert not thread.is_alive(), "the rack never came to its end"
    assert not failures, failures[0]


class Command(subprocess.Popen[bytes]):
    """As a context it is not waited for when the test has failed."""

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind:
            self.kill()
        super().__exit__(kind, value, trace)


def start_cli(farm: Farm, *argv: str | Path, **more: Any) -> Command:
    return Command(
        [str(word) for word in (BUILD / "bin/assay", "--state-dir", farm.state, *argv)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=farm.dir,
        **more,
    )


def read_until(process: subprocess.Popen[bytes], text: bytes) -> bytes:
    """Reads lines until one holds text; gives all of them."""
    assert process.stdout
    lines = b""
    while text not in lines:
        line = process.stdout.readline()
        assert line, f"it ended without {text!r}: {lines!r}"
        lines += line
    return lines


COMMANDS = [
    "submit",
    "jobs",
    "job",
    "queue",
    "run",
    "watch",
    "console",
    "cancel",
    "report",
    "boards",
    "suites",
    "lease",
    "reserve",
    "schedule",
    "bisect",
    "tokens",
    "farm",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(farm: Farm, command: str) -> None:
    for argv in (["help", command], [command, "--help"]):
        done = farm.cli(*argv)
        assert done.returncode == 0
        assert done.stdout.startswith(f"usage: assay {command}")
        assert "--url" in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 80
    assert re.search(rf"^  {command} ", farm.cli("--help").stdout, re.M)


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["nosuch"],
        ["jobs", "extra"],
        ["jobs", "--state", "bogus"],
        ["jobs", "--limit", "x"],
        ["job"],
        ["job", "0"],
        ["job", "999999"],
        ["run", "one"],
        ["run", "999999"],
        ["watch", "moon"],
        ["watch", "job", "999999"],
        ["watch", "run", "999999"],
        ["console", "999999"],
        ["console", "no-such-board"],
        ["cancel", "999999"],
        ["report", "999999"],
        ["report", "1", "--format", "pdf"],
        ["boards", "no-such-board"],
        ["boards", "no-such-board", "--wear"],
        ["boards", "--wear"],
        ["suites", "no-such-suite"],
        ["suites", "--put", "/nonexistent.yaml"],
        ["submit", "/nonexistent.yaml"],
        ["tokens", "remove", "no-such-token"],
        ["--bogus", "jobs"],
    ],
    ids=" ".join,
)
def test_bad_usage_is_status_2_and_said(farm: Farm, argv: list[str]) -> None:
    done = farm.cli(*argv)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith("assay: ")
    assert done.stdout == ""


def test_no_daemon_and_no_permission_are_status_5(farm: Farm, tmp_path: Path) -> None:
    nobody = subprocess.run(
        [BUILD / "bin/assay", "--url", "http://127.0.0.1:1", "jobs"],
        env={**os.environ, "ASSAY_TOKEN": "x"},
        capture_output=True,
        text=True,
    )
    assert nobody.returncode == 5
    assert "is it running?" in nobody.stderr
    empty = subprocess.run([BUILD / "bin/assay", "--state-dir", tmp_path, "jobs"], capture_output=True, text=True)
    assert empty.returncode == 5
    assert "--url" in empty.stderr
    wrong = tmp_path / "token"
    wrong.write_text("assay_not_this_one\n")
    for argv in (["jobs"], ["watch"], ["console", "1", "--follow"]):
        denied = subprocess.run(
            [BUILD / "bin/assay", "--url", farm.url, "--token-file", wrong, *argv],
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert denied.returncode == 5, argv


def test_a_viewer_may_look_and_not_submit(farm: Farm, rack: RackPeer, image: Path, tmp_path: Path) -> None:
    made = farm.cli("tokens", "add", "looker", "--role", "viewer")
    assert made.returncode == 0, made.stderr
    token = tmp_path / "token"
    token.write_text(made.stdout)
    as_viewer: list[str | Path] = [BUILD / "bin/assay", "--url", farm.url, "--token-file", token]
    assert subprocess.run([*as_viewer, "boards"], capture_output=True).returncode == 0
    job = farm.write_job(job_of(image))
    denied = subprocess.run([*as_viewer, "submit", job], capture_output=True, text=True)
    assert denied.returncode == 5, denied.stderr
    assert farm.cli("tokens", "remove", "looker").returncode == 0
    assert subprocess.run([*as_viewer, "boards"], capture_output=True).returncode == 5


def test_mistakes_in_a_job_file_are_told_with_their_line(farm: Farm, image: Path) -> None:
    bad = farm.dir / "bad.yaml"
    bad.write_text("name: x\nruns:\n  - type: peer\n    imag: smallest.bin\n")
    done = farm.cli("submit", bad)
    assert done.returncode == 2
    assert re.search(rf"^{re.escape(str(bad))}:4: ", done.stderr, re.M), done.stderr
    gone = farm.write_job(job_of(Path("nowhere.elf")), "gone.yaml")
    done = farm.cli("submit", gone)
    assert done.returncode == 2
    assert "runs[0].image" in done.stderr and "nowhere.elf" in done.stderr
    unknown = farm.write_job(job_of(image, runs=[{"type": "moonboard", "image": image.name}]), "unknown.yaml")
    done = farm.cli("submit", unknown)
    assert done.returncode == 2
    assert "moonboard" in done.stderr and "runs[0].type" in done.stderr


@pytest.mark.parametrize(
    ("verdict", "cause", "status"),
    [
        ("passed", "all-required-seen", 0),
        ("failed", "case-failed", 1),
        ("infrastructure", "probe", 3),
        ("inconclusive", "no-output", 3),
    ],
)
def test_wait_ends_with_the_verdict(
    farm: Farm, rack: RackPeer, image: Path, verdict: str, cause: str, status: int
) -> None:
    job = farm.write_job(job_of(image))
    with meanwhile(lambda: play(rack, verdict, cause)):
        done = farm.cli("submit", job, "--wait")
    assert done.returncode == status, done.stdout + done.stderr
    assert re.search(r"flash: ok in .*: done", done.stdout)
    assert re.search(rf"^\S+ job \d+ a job of the tests: {verdict}", done.stdout, re.M), done.stdout
    assert re.search(rf"^ *\d+ +\S {verdict} +p1 ", done.stdout, re.M), done.stdout
    number = re.search(r"^job (\d+): 1 run$", done.stdout, re.M)
    assert number
    assert farm.cli("report", number[1]).returncode == status
    assert verdict in farm.cli("jobs").stdout
    assert verdict in farm.cli("job", number[1]).stdout


def test_an_image_is_sent_only_once(farm: Farm, rack: RackPeer, image: Path) -> None:
    fresh = farm.dir / "fresh.bin"
    fresh.write_bytes(image.read_bytes() + os.urandom(16))
    job = farm.write_job(job_of(fresh))
    said = []
    for _ in range(2):
        with meanwhile(lambda: play(rack)):
            done = farm.cli("submit", job, "--wait")
        assert done.returncode == 0, done.stderr
        said.append("sending fresh.bin" in done.stderr)
    assert said == [True, False]


def test_json_is_one_value_on_stdout(farm: Farm, rack: RackPeer, image: Path) -> None:
    job = farm.write_job(job_of(image))
    with meanwhile(lambda: play(rack)):
        done = farm.cli("submit", job, "--wait", "--json")
    assert done.returncode == 0, done.stderr
    final = json.loads(done.stdout)
    assert (final["state"], final["verdict"]) == ("finished", "passed")
    run = final["runs"][0]["id"]
    for argv in (
        ["jobs"],
        ["job", str(final["id"])],
        ["run", str(run)],
        ["boards"],
        ["boards", "p1"],
        ["boards", "p1", "--wear"],
        ["farm"],
        ["suites"],
    ):
        assert json.loads(farm.cli(*argv, "--json").stdout), argv
    lines = farm.cli("watch", "run", str(run), "--json").stdout.splitlines()
    events = [json.loads(line) for line in lines]
    assert events[-1]["type"] == "run.finished"
    assert [event["seq"] for event in events] == sorted({event["seq"] for event in events})


def test_what_a_run_did_can_be_read_afterwards(farm: Farm, rack: RackPeer, image: Path) -> None:
    job = farm.write_job(job_of(image))
    with meanwhile(lambda: play(rack)):
        final = json.loads(farm.cli("submit", job, "--wait", "--json").stdout)
    number, run = str(final["id"]), str(final["runs"][0]["id"])
    told = farm.cli("run", run).stdout
    assert "Hello.boots" in told and "power-on" in told and image.name in told
    assert farm.cli("console", run).stdout == "TEST(Hello, boots) PASS\n"  # text mode reads \r\n as \n
    watched = farm.cli("watch", "job", number)
    assert watched.returncode == 0
    assert "flash: ok" in watched.stdout and "Hello.boots" not in watched.stdout, "what passed is not news"
    assert "pass Hello.boots" in farm.cli("watch", "run", run).stdout
    for report_format in ("text", "json", "junit"):
        out = farm.dir / f"report.{report_format}"
        assert farm.cli("report", number, "--format", report_format, "-o", out).returncode == 0
        text = out.read_text()
        if report_format == "json":
            assert json.loads(text)["verdict"] == "passed"
        elif report_format == "junit":
            assert ElementTree.fromstring(text).find(".//testcase") is not None
        else:
            assert "passed" in text
    pipe = farm.dir / "report.pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert farm.cli("report", number, "-o", pipe).returncode == 0
        assert b"passed" in os.read(reader, 65536)
    finally:
        os.close(reader)
    assert pipe.is_fifo(), "what is no file is written into, not put away"
    missing = farm.cli("report", number, "-o", "/nonexistent/report")
    assert missing.returncode == 2
    assert not [path for path in farm.dir.iterdir() if ".XXXXXX" in path.name]


def test_the_console_is_followed_byte_for_byte_to_its_end(farm: Farm, rack: RackPeer, image: Path) -> None:
    number = farm.submit(job_of(image))
    assign = rack.receive("assign")
    rack.step(assign, "power-on", 0)
    pieces = [bytes(range(256)), b"\r\n\x1b[31mred\x1b[0m", os.urandom(5000)]
    rack.print(assign, pieces[0])
    with start_cli(farm, "console", str(assign["run"]), "--follow") as follower:
        assert follower.stdout
        assert follower.stdout.read(256) == pieces[0]  # it comes before the run is over
        for piece in pieces[1:]:
            rack.print(assign, piece)
        assert follower.stdout.read(len(b"".join(pieces[1:]))) == b"".join(pieces[1:])
        rack.end(assign)
        assert follower.stdout.read() == b""
        assert follower.wait(180) == 0
    saved = start_cli(farm, "console", str(assign["run"]))
    assert saved.communicate(timeout=180)[0] == b"".join(pieces)
    farm.wait_job(number)
    assert start_cli(farm, "console", "p1").communicate(timeout=180)[0] == b"".join(pieces)


def test_a_boards_console_is_followed_over_its_runs(farm: Farm, rack: RackPeer, image: Path) -> None:
    with start_cli(farm, "console", "p1", "--follow") as follower:
        assert follower.stdout
        # What it ran last comes first; then what comes.
        for text in (b"this is run %d\r\n" % i for i in range(20)):
            number = farm.submit(job_of(image))
            assign = rack.receive("assign")
            rack.print(assign, text)
            while not (line := follower.stdout.readline()).endswith(text):
                assert line, "it ended"
            rack.end(assign)
            farm.wait_job(number)
        follower.send_signal(signal.SIGINT)
        assert follower.wait(180) == 0


def test_a_run_that_begins_as_its_board_is_being_followed_is_not_missed(
    farm: Farm, rack: RackPeer, image: Path
) -> None:
    for i in range(12):
        with start_cli(farm, "console", "p1", "--follow") as follower:
            assert follower.stdout
            number = farm.submit(job_of(image))
            assign = rack.receive("assign")
            rack.print(assign, b"as it begins %d\r\n" % i)
            read_until(follower, b"as it begins %d\r\n" % i)
            rack.end(assign)
            farm.wait_job(number)
            follower.send_signal(signal.SIGINT)
            assert follower.wait(180) == 0


def test_cancel_ends_waiting_and_running_jobs(farm: Farm, rack: RackPeer, image: Path) -> None:
    job = farm.write_job(job_of(image))
    running = start_cli(farm, "submit", job, "--wait")
    assign = rack.receive("assign")
    rack.step(assign, "power-on", 0)
    waiting = farm.submit(job_of(image))
    done = farm.cli("cancel", str(waiting), str(assign["job"]))
    assert done.returncode == 0, done.stderr
    rack.receive("cancel")
    rack.end(assign, "cancelled", "cancelled")
    assert running.wait(180) == 4
    assert farm.wait_job(waiting)["verdict"] == "cancelled"
    assert farm.cli("cancel", str(waiting)).returncode == 2
    running.communicate()


def test_a_run_that_waits_says_for_what(farm: Farm, rack: RackPeer, image: Path) -> None:
    number = farm.submit(job_of(image, runs=[{"type": "peer", "image": image.name, "count": 2}]))
    assign = rack.receive("assign")
    waiting = next(run["id"] for run in farm.job(number)["runs"] if run["id"] != assign["run"])
    why = "for a board of type peer: 1 running"
    assert why in farm.cli("job", str(number)).stdout
    assert why in farm.cli("run", str(waiting)).stdout
    farm.cli("cancel", str(number))
    rack.receive("cancel")
    rack.end(assign, "cancelled", "cancelled")


def test_a_reader_that_has_seen_enough_is_no_error(farm: Farm, rack: RackPeer) -> None:
    argv = [str(BUILD / "bin/assay"), "--state-dir", str(farm.state), "watch", "farm", "--after", "0"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watch:
        assert watch.stdout is not None and watch.stderr is not None
        assert watch.stdout.readline()
        watch.stdout.close()
        with RackPeer(farm.url, (farm.state / "agent.token").read_text().strip(), agent="passer-by") as peer:
            peer.hello(["passing"])  # something more to tell
        assert watch.wait(180) == -signal.SIGPIPE
        assert watch.stderr.read() == b""


def test_an_interrupt_leaves_the_job_to_itself(farm: Farm, rack: RackPeer, image: Path) -> None:
    waiter = start_cli(farm, "submit", farm.write_job(job_of(image)), "--wait")
    assign = rack.receive("assign")
    rack.step(assign, "power-on", 0)
    read_until(waiter, b"power-on")
    waiter.send_signal(signal.SIGINT)
    _, said = waiter.communicate(timeout=180)
    assert waiter.returncode == 130
    assert f"assay watch job {assign['job']}".encode() in said
    rack.end(assign)
    assert farm.wait_job(assign["job"])["verdict"] == "passed"


def test_an_interrupt_cancels_when_asked_to(farm: Farm, rack: RackPeer, image: Path) -> None:
    waiter = start_cli(farm, "submit", farm.write_job(job_of(image)), "--wait", "--cancel-on-interrupt")
    assign = rack.receive("assign")
    rack.step(assign, "power-on", 0)
    read_until(waiter, b"power-on")
    waiter.send_signal(signal.SIGTERM)
    rack.receive("cancel")
    rack.end(assign, "cancelled", "cancelled")
    waiter.communicate(timeout=180)
    assert waiter.returncode == 4


def test_waiting_outlives_a_daemon_that_is_killed(farm: Farm, image: Path) -> None:
    token = (farm.state / "agent.token").read_text().strip()
    with RackPeer(farm.url, token) as rack:
        rack.hello(["p1"])
        waiter = start_cli(farm, "submit", farm.write_job(job_of(image)), "--wait")
        assign = rack.receive("assign")
        rack.step(assign, "power-on", 0)
        rack.wait_ack(assign["run"], 2)
        before = read_until(waiter, b"power-on")
        farm.end(farm.daemon, signal.SIGKILL)
    farm.start_daemon()
    with RackPeer(farm.url, token) as rack:
        held = {"run": assign["run"], "fence": assign["fence"], "last": 2, "ended": False}
        welcome = rack.hello(["p1"], runs=[held])
        assert welcome["runs"][0]["have"] == 2
        rack.sent[assign["run"]] = 2
        rack.step(assign, "flash", 1)
        rack.end(assign)
        out, err = waiter.communicate(timeout=180)
    assert waiter.returncode == 0, out + err
    assert (before + out).count(b"power-on: ok") == 1, "told once, although the daemon came back"
    assert b"assayd is gone" in out and b"assayd is back" in out


class Terminal:
    """A command on a terminal of 100 columns, and all that it wrote there."""

    def __init__(self, farm: Farm, *argv: str | Path, **env: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.output = b""
        self.process = subprocess.Popen(
            [str(word) for word in (BUILD / "bin/assay", "--state-dir", farm.state, *argv)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=farm.dir,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **env},
        )
        os.close(slave)

    def read(self) -> bool:
        """Reads on; False at the end."""
        try:
            piece = os.read(self.master, 65536)
        except OSError:
            piece = b""
        self.output += piece
        return bool(piece)

    def read_until(self, text: str) -> None:
        while text not in self.plain():
            assert self.read(), f"it ended without {text!r}: {self.output!r}"

    def finish(self) -> int:
        while self.read():
            pass
        os.close(self.master)
        return self.process.wait(180)

    def plain(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", self.output.decode(errors="replace"))


def test_a_terminal_shows_progress_in_place(farm: Farm, rack: RackPeer, image: Path) -> None:
    terminal = Terminal(farm, "submit", farm.write_job(job_of(image)), "--wait")
    assign = rack.receive("assign")
    rack.step(assign, "power-on", 0)
    rack.event(assign, "step.begun", step="flash", phase="forward", row=1)
    terminal.read_until("flash        ━──────────")
    rack.end(assign)
    assert terminal.finish() == 0
    assert re.search(rb"\x1b\[\d+A", terminal.output), "painted over"
    assert "\x1b[32m✓" in terminal.output.decode()
    final = terminal.plain()
    assert re.search(r"✓ passed +p1", final[final.rindex("RUN") :])
    assert max(len(line) for line in final.split("\r\n")) <= 100


def test_no_color_is_obeyed(farm: Farm) -> None:
    plain = Terminal(farm, "farm", NO_COLOR="1")
    assert plain.finish() == 0
    assert b"\x1b" not in plain.output
    coloured = Terminal(farm, "farm")
    assert coloured.finish() == 0
    assert b"\x1b[32m" in coloured.output
