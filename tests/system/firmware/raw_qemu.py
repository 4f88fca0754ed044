# SPDX-License-Identifier: Apache-2.0
"""A board on bare QEMU, without probe or farm: QEMU loads the image, its standard output is the console."""

import json
import os
import re
import selectors
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

LIMIT_S = 240.0  # generous: only a broken image or a dead machine gets there


class Qemu:
    """Use as a context manager; the machine is ended on the way out."""

    def __init__(self, machine: str, image: Path, nic: str = "none", address: int | None = None) -> None:
        self.text = ""
        self._directory = tempfile.TemporaryDirectory(prefix="assay-qemu-")
        monitor = Path(self._directory.name) / "qmp"
        loader = f"loader,file={image}"
        if address is not None:
            loader += f",addr={address:#x},force-raw=on"
        command = ["qemu-system-arm", "-M", machine, "-display", "none", "-nodefaults", "-nic", nic]
        command += ["-icount", "shift=5,sleep=on", "-serial", "stdio", "-device", loader]
        command += ["-qmp", f"unix:{monitor},server=on,wait=off"]
        self._monitor_path = monitor
        self._errors = (Path(self._directory.name) / "stderr").open("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors)
        assert self.process.stdout
        self._output = self.process.stdout.fileno()
        os.set_blocking(self._output, False)

    def __enter__(self) -> "Qemu":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()
        self._errors.close()
        self._directory.cleanup()

    @property
    def errors(self) -> str:
        """What QEMU itself complained of."""
        self._errors.seek(0)
        return self._errors.read()

    def read_more(self, wait_s: float) -> bool:
        """Adds what the console printed to text; false when nothing came for wait_s, or QEMU has ended."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            if not selector.select(wait_s):
                return False
        data = os.read(self._output, 65536)
        self.text += data.decode("latin-1")
        return bool(data)

    def read_until(self, pattern: str, limit_s: float = LIMIT_S) -> str:
        """The console's text from the start, once pattern is in it."""
        wanted = re.compile(pattern, re.DOTALL)
        end = time.monotonic() + limit_s
        while not wanted.search(self.text):
            left = end - time.monotonic()
            if left <= 0 or not self.read_more(left):
                raise AssertionError(f"{pattern!r} was not printed; console:\n{self.text}\nQEMU: {self.errors}")
        return self.text

    def read_to_end(self, limit_s: float = LIMIT_S) -> str:
        """Waits for QEMU to end by itself."""
        end = time.monotonic() + limit_s
        while self.read_more(max(0.0, end - time.monotonic())):
            pass
        self.process.wait(max(0.1, end - time.monotonic()))
        return self.text

    def monitor(self, command: str) -> str:
        """The answer of QEMU's human monitor to one command."""
        with socket.socket(socket.AF_UNIX) as connection:
            self._reach(connection)
            with connection.makefile("rw") as stream:
                self._ask(stream, None)
                self._ask(stream, {"execute": "qmp_capabilities"})
                request = {"execute": "human-monitor-command", "arguments": {"command-line": command}}
                return str(self._ask(stream, request)["return"])

    def _reach(self, connection: socket.socket) -> None:
        """Connects to the monitor, which a machine that has only just been started may not have yet."""
        end = time.monotonic() + LIMIT_S
        while True:
            try:
                return connection.connect(str(self._monitor_path))
            except (FileNotFoundError, ConnectionRefusedError):
                assert self.process.poll() is None and time.monotonic() < end, f"no monitor: {self.errors}"
                time.sleep(0.03)

    @staticmethod
    def _ask(stream: Any, request: dict[str, Any] | None) -> dict[str, Any]:
        if request:
            stream.write(json.dumps(request) + "\n")
            stream.flush()
        while True:
            answer: dict[str, Any] = json.loads(stream.readline())
            if "event" not in answer:
                return answer

    def exception(self) -> int:
        """The number of the exception that the core handles now; 0 in thread mode."""
        found = re.search(r"XPSR=([0-9a-f]{8})", self.monitor("info registers"))
        assert found
        return int(found.group(1), 16) & 0x1FF
