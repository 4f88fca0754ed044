# SPDX-License-Identifier: Apache-2.0
"""assayd starts, stops, and says clearly why it cannot."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.farm import BUILD, Farm
from tests.support.processes import wait_until
from tests.system.daemon.conftest import DaemonMaker, peer_of, submit

ASSAYD = BUILD / "bin/assayd"


def run_assayd(*argv: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs an assayd that is expected to end by itself."""
    return subprocess.run(
        [str(word) for word in (ASSAYD, *argv)],
        capture_output=True,
        text=True,
        timeout=180,
        stdin=subprocess.DEVNULL,
    )


def test_serves_and_stops_cleanly(daemon: Farm) -> None:
    info = json.loads((daemon.state / "assayd.json").read_text())
    assert daemon.daemon is not None and info["pid"] == daemon.daemon.pid
    farm = daemon.get("farm")
    assert farm["degraded"] is None and farm["you"]["role"] == "admin"
    daemon.daemon.send_signal(signal.SIGTERM)
    assert daemon.daemon.wait(180) == 0
    assert not (daemon.state / "assayd.json").exists()
    daemon.daemon = None


def test_sigint_stops_too(daemon: Farm) -> None:
    assert daemon.daemon is not None
    daemon.daemon.send_signal(signal.SIGINT)
    assert daemon.daemon.wait(180) == 0
    daemon.daemon = None


def test_first_tokens_are_private_and_stay(daemon: Farm) -> None:
    files = [daemon.state / "admin.token", daemon.state / "agent.token"]
    before = [path.read_text() for path in files]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
    assert stat.S_IMODE(daemon.state.stat().st_mode) == 0o700
    daemon.end(daemon.daemon)
    daemon.start_daemon()
    assert [path.read_text() for path in files] == before
    assert daemon.get("farm")["you"]["name"] == "admin"


def test_a_token_file_without_its_row_is_taken_over(tmp_path: Path) -> None:
    """What a crash between writing the file and keeping the token leaves behind."""
    farm = Farm(tmp_path)
    farm.state.mkdir(mode=0o700)
    (farm.state / "admin.token").write_text("assay_" + "5" * 64 + "\n")
    farm.start_daemon()
    try:
        assert farm.token == "assay_" + "5" * 64
        assert farm.get("farm")["you"]["role"] == "admin"
    finally:
        farm.stop()


def test_second_daemon_on_one_directory(daemon: Farm) -> None:
    done = run_assayd("--state-dir", daemon.state, "--listen", "127.0.0.1:0")
    assert done.returncode == 2
    assert daemon.daemon is not None and str(daemon.daemon.pid) in done.stderr, done.stderr
    assert daemon.get("farm")["degraded"] is None


def test_lock_of_a_dead_daemon_is_no_obstacle(daemon: Farm) -> None:
    number = submit_somewhere(daemon)
    assert daemon.daemon is not None
    daemon.daemon.kill()
    daemon.daemon.wait(180)
    daemon.start_daemon()
    assert daemon.job(number)["id"] == number


def submit_somewhere(daemon: Farm) -> int:
    with peer_of(daemon) as peer:
        peer.hello(["b1"])
        return submit(daemon)


def test_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_assayd("--state-dir", tmp_path / "state", "--listen", f"127.0.0.1:{port}")
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr and "in use" in done.stderr
    assert not (tmp_path / "state" / "assayd.json").exists()


@pytest.mark.parametrize("place", ["/proc/assay", "/sys/assay", "FILE/state"])
def test_state_directory_that_cannot_be(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    directory = place.replace("FILE", str(tmp_path / "file"))
    done = run_assayd("--state-dir", directory, "--listen", "127.0.0.1:0")
    assert done.returncode == 2
    assert directory in done.stderr, done.stderr


NOBODY = 65534


@pytest.fixture
def nobodys_place() -> Iterator[Path]:
    """A folder that somebody who is not root can reach, with a state directory of theirs and the program."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # where TMPDIR points may be for this user alone
        place = Path(name)
        place.chmod(0o755)
        shutil.copy(ASSAYD, place / "assayd")
        (place / "state").mkdir()
        os.chown(place / "state", NOBODY, NOBODY)
        yield place


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("folder", [".", "console", "images", "artefacts", "evidence", "keys", "new/state"])
def test_another_users_state_directory(nobodys_place: Path, folder: str) -> None:
    """Whatever it is that may not be written, it is said at the start, not when the first job needs it."""
    state = nobodys_place / "state"
    if folder == "new/state":
        state = nobodys_place / folder
        named = nobodys_place / "new"
    else:
        named = state / folder
        named.mkdir(mode=0o700, exist_ok=True)
        os.chown(named, 0, 0)
        named.chmod(0o700)
    done = subprocess.run(
        [nobodys_place / "assayd", "--state-dir", state, "--listen", "127.0.0.1:0"],
        capture_output=True,
        text=True,
        timeout=180,
        stdin=subprocess.DEVNULL,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
    )
    assert done.returncode == 2, done.stderr
    assert f"{named}" in done.stderr and "Permission denied" in done.stderr, done.stderr


def test_newer_database(daemon: Farm) -> None:
    daemon.end(daemon.daemon)
    daemon.daemon = None
    with sqlite3.connect(daemon.state / "assay.db") as database:
        database.execute("PRAGMA user_version = 4711")
    done = run_assayd("--state-dir", daemon.state, "--listen", "127.0.0.1:0")
    assert done.returncode == 2 and "4711" in done.stderr and "newer" in done.stderr, done.stderr


def test_damaged_database(daemon: Farm) -> None:
    daemon.end(daemon.daemon)
    daemon.daemon = None
    (daemon.state / "assay.db").write_bytes(b"this is no database" * 1000)
    done = run_assayd("--state-dir", daemon.state, "--listen", "127.0.0.1:0")
    assert done.returncode == 2 and "assay.db" in done.stderr, done.stderr


def test_database_with_damaged_pages(daemon: Farm) -> None:
    submit_somewhere(daemon)
    daemon.end(daemon.daemon)
    daemon.daemon = None
    path = daemon.state / "assay.db"
    assert not path.with_name("assay.db-wal").exists(), "a daemon that ended well leaves one file"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    done = run_assayd("--state-dir", daemon.state, "--listen", "127.0.0.1:0")
    assert done.returncode == 2 and "assay.db is damaged" in done.stderr, done.stderr
    path.write_bytes(whole)
    daemon.start_daemon()
    assert len(daemon.get("jobs")["jobs"]) == 1


def test_database_of_another_program(daemon: Farm) -> None:
    daemon.end(daemon.daemon)
    daemon.daemon = None
    (daemon.state / "assay.db").unlink()
    with sqlite3.connect(daemon.state / "assay.db") as database:
        database.execute("CREATE TABLE theirs (x)")
    done = run_assayd("--state-dir", daemon.state, "--listen", "127.0.0.1:0")
    assert done.returncode == 2 and "another program" in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--nonsense"], "--nonsense"),
        (["--listen"], "a value is expected"),
        (["--listen", "nowhere"], "ADDRESS:PORT"),
        (["--listen", "::1:80"], "brackets"),
        (["--live-ring", "3"], "--live-ring"),
        (["--agent-grace", "soon"], "--agent-grace"),
        (["--log-level", "loud"], "--log-level"),
        (["--config", "/nonexistent/assayd.yaml"], "/nonexistent/assayd.yaml"),
        (["stray"], "stray"),
    ],
)
def test_bad_command_lines(tmp_path: Path, argv: list[str], expected: str) -> None:
    done = run_assayd("--state-dir", tmp_path / "state", *argv)
    assert done.returncode == 2 and expected in done.stderr, done.stderr


def test_bad_configuration_file(tmp_path: Path) -> None:
    path = tmp_path / "assayd.yaml"
    path.write_text("listen: 127.0.0.1:0\nlive-rings: 100\nagent-grace: soon\n")
    done = run_assayd("--config", path, "--state-dir", tmp_path / "state")
    assert done.returncode == 2
    assert f"{path}:2" in done.stderr and "live-ring" in done.stderr


def test_bad_value_in_a_configuration_file(tmp_path: Path) -> None:
    path = tmp_path / "assayd.yaml"
    path.write_text("# a comment\nagent-grace: soon\nlog-level: loud\n")
    done = run_assayd("--config", path, "--state-dir", tmp_path / "state")
    assert done.returncode == 2
    assert f"{path}:2" in done.stderr and f"{path}:3" in done.stderr, done.stderr


def test_configuration_file_and_command_line(make_daemon: DaemonMaker, tmp_path: Path) -> None:
    path = tmp_path / "assayd.yaml"
    path.write_text("agent-grace: 5s\nlog-level: error\nlive-ring: 64\n")
    daemon = make_daemon("--config", str(path), "--log-level", "info")
    wait_until("the log to say so", lambda: "serving on" in daemon.log("assayd.log"))


def test_help_names_every_option() -> None:
    for wish in ("--help", "--help-man", "--version"):
        done = run_assayd(wish)
        assert done.returncode == 0 and done.stdout and not done.stderr
    help_text = run_assayd("--help").stdout
    assert "--state-dir" in help_text and "127.0.0.1:7180" in help_text


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_listens_on_ipv6(make_daemon: DaemonMaker) -> None:
    daemon = make_daemon("--listen", "[::1]:0")
    assert daemon.url.startswith("http://[::1]:")
    assert daemon.get("farm")["id"]
