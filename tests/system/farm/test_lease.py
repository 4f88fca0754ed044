# SPDX-License-Identifier: Apache-2.0
"""A person at a leased board, with everything real: `assay lease` in a terminal, gdb-multiarch through the daemon."""

import json
import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.farm import BUILD, FIRMWARE, Farm, virtual_board
from tests.support.processes import wait_until

MICROPYTHON = Path("/usr/share/firmware-microbit-micropython/firmware.hex")
LIMIT_S = 120


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
    assert re.search(r"\$1 = 0x[0-9a-f]+\n\$2 = \{0 <repeats 64 times>\}\n\$3 = 0x410c\w+", said.stdout), said.stdout + said.stderr
    assert "held" in farm.cli("lease", "list").stdout
    ended = farm.cli("lease", "end", str(number))
    assert ended.returncode == 0 and "is given back" in ended.stdout
    assert farm.wait_job(number)["cause"] == "lease-ended"
    wait_until("no open lease", lambda: farm.cli("lease", "list").stdout == "no leases\n")
