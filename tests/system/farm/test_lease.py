# SPDX-License-Identifier: Apache-2.0
"""A person at a leased board, with everything real: `assay lease` in a terminal, gdb-multiarch through the daemon."""

import contextlib
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.farm import BUILD, FIRMWARE, Farm, virtual_board
from tests.support.processes import wait_until

MICROPYTHON = Path("/usr/share/firmware-microbit-micropython/firmware.hex")
LIMIT_S = 180


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    farm = Farm(tmp_path_factory.mktemp("lease"), boards=[virtual_board("mb", "microbit")])
    try:
        yield farm.start()
    finally:
        farm.stop()


class Terminal:
    """`assay` in a terminal of its own."""

    def __init__(self, farm: Farm, *argv: str) -> None:
        self.said = b""
        ours, theirs = pty.openpty()
        self.fd = ours
        words = [str(BUILD / "bin/assay"), "--state-dir", str(farm.state), *argv]
        self.process = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, cwd=farm.dir)
        os.close(theirs)

    def until(self, pattern: bytes) -> None:
        """Reads on until what came since the last call has that in it."""
        end = time.monotonic() + LIMIT_S
        while not (found := re.search(pattern, self.said)):
            ready, _, _ = select.select([self.fd], [], [], max(0.0, end - time.monotonic()))
            assert ready, self.said
            self.said += os.read(self.fd, 65536)
        self.said = self.said[found.end() :]

    def type(self, keys: bytes) -> None:
        os.write(self.fd, keys)

    def ends(self) -> int:
        status = self.process.wait(LIMIT_S)
        os.close(self.fd)
        return status


def test_the_console_in_a_terminal(farm: Farm) -> None:
    terminal = Terminal(farm, "lease", "microbit", "--for", "5m", "--image", str(MICROPYTHON), "--why", "to try")
    terminal.until(rb"board mb is yours until \d")
    terminal.until(rb"this terminal is the board's console")
    terminal.until(rb">>> ")
    (lease,) = farm.get("leases")["leases"]
    assert (lease["state"], lease["board"], lease["clients"], lease["why"]) == ("held", "mb", 1, "to try")
    assert farm.boards()["mb"]["state"] == "leased"
    terminal.type(b"print(6 * 7)\r")
    terminal.until(rb"\n42\r")
    terminal.type(b"import this_is_not_there\x03\r~.")  # an interrupt is the board's, ~. is ours
    terminal.until(rb"is given back")
    assert terminal.ends() == 0
    job = farm.wait_job(lease["id"])
    assert (job["kind"], job["verdict"], job["cause"], job["text"]) == (
        "lease",
        "passed",
        "lease-ended",
        "given back by admin",
    )
    assert b"42" in farm.api("GET", f"runs/{lease['run']}/console").content
    farm.wait_idle()


def test_gdb_stops_at_main(farm: Farm) -> None:
    suite = FIRMWARE / "suite-microbit.elf"
    script = farm.dir / "script.gdb"
    script.write_text(
        "set remotetimeout 30\nbreak main\nmonitor reset halt\ncontinue\nprint/x $pc\nprint cleared\n"
        "print/x *(unsigned *)0xe000ed00\nstepi\ndetach\n"
    )
    asked = farm.cli("--json", "lease", "mb", "--for", "5m", "--image", suite, "--detached")
    number = json.loads(asked.stdout)["lease"]["id"]
    said = farm.cli("gdb", str(number), "--", "-nx", "-batch", "-x", script, suite)
    assert said.returncode == 0, said.stderr
    assert re.search(r"Breakpoint 1, (0x\w+ in )?main", said.stdout), said.stdout + said.stderr
    assert re.search(r"\$1 = 0x[0-9a-f]+\n\$2 = \{0 <repeats 64 times>\}\n\$3 = 0x410c\w+", said.stdout), (
        said.stdout + said.stderr
    )
    assert "held" in farm.cli("lease", "list").stdout
    ended = farm.cli("lease", "end", str(number))
    assert ended.returncode == 0 and "is given back" in ended.stdout
    assert farm.wait_job(number)["cause"] == "lease-ended"
    wait_until("no open lease", lambda: farm.cli("lease", "list").stdout == "no leases\n")


def test_a_monitor_command_in_disguise_runs_nothing_on_the_rack(farm: Farm) -> None:
    """OpenOCD's are Tcl. It takes "}Q" for "q", also at the beginning of a packet."""
    env = {**os.environ, "ASSAY_URL": farm.url, "ASSAY_TOKEN": farm.token}
    words: list[str | Path] = [BUILD / "bin/assay", "--json", "lease", "mb", "--for", "5m", "--gdb-port", "0"]
    client = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=env)
    try:
        assert client.stdout
        port = json.loads(client.stdout.readline())["gdb_port"]
        body = b"}QRcmd," + f"exec touch {farm.dir}/made".encode().hex().encode()
        with socket.create_connection(("127.0.0.1", port), LIMIT_S) as gdb:
            gdb.sendall(b"+$?#3f")
            assert gdb.recv(100)
            gdb.sendall(b"$%s#%02x" % (body, sum(body) & 0xFF))
            with contextlib.suppress(ConnectionResetError):
                while gdb.recv(4096):
                    pass
        assert not (farm.dir / "made").exists()
    finally:
        client.terminate()
        client.communicate()
    wait_until("no open lease", lambda: farm.cli("lease", "list").stdout == "no leases\n")


def test_a_daemon_that_dies_in_the_middle(tmp_path: Path) -> None:
    """The agent holds on; the client comes back by itself; the same run goes on under the same fence."""
    farm = Farm(tmp_path)
    farm.start_daemon()
    farm.start_simulated(1)
    words = [
        str(BUILD / "bin/assay"),
        "--state-dir",
        str(farm.state),
        "--json",
        "lease",
        "simulated",
        "--console-port",
        "0",
    ]
    client: subprocess.Popen[bytes] | None = None
    try:
        wait_until("a board", lambda: [one for one in farm.boards().values() if one["state"] == "free"] or None)
        client = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=farm.dir)
        assert client.stdout
        told = json.loads(client.stdout.readline())
        before = farm.get(f"leases/{told['lease']}")["lease"]
        echo(told["console_port"], b"one\r")
        farm.end(farm.daemon, signal.SIGKILL)
        farm.start_daemon()
        wait_until("the client", lambda: farm.get(f"leases/{told['lease']}")["lease"]["clients"] == 1)
        wait_until("the rack", lambda: farm.boards()[told["board"]]["state"] == "leased")
        after = farm.get(f"leases/{told['lease']}")["lease"]
        for field in ("run", "fence", "holder", "granted_at_us", "until_us", "state"):
            assert after[field] == before[field], field
        echo(told["console_port"], b"two\r")
        client.send_signal(signal.SIGINT)
        assert client.wait(LIMIT_S) == 0
        job = farm.wait_job(told["lease"])
        assert (job["cause"], job["text"]) == ("lease-ended", "given back by admin")
    finally:
        if client and client.poll() is None:
            client.kill()
        if client:
            client.communicate()
        farm.stop()


def echo(port: int, keys: bytes) -> None:
    """Until the board says it: a client that has just come back has no channel yet."""

    def said() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as console:
            console.settimeout(5)
            console.sendall(keys)
            came = b""
            while more := console.recv(4096):
                came += more
                if keys.strip() in came:
                    return True
        return False

    wait_until(f"{keys!r} to come back", lambda: said() or None)
