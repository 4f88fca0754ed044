# SPDX-License-Identifier: Apache-2.0
"""A virtual board and an OpenOCD as processes that a test holds in its hands."""

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

# cpu, flash base, flash size, RAM size
MCU = {
    "nrf51": ("cortex-m0", 0, 0x40000, 0x4000),
    "stm32f405": ("cortex-m4", 0x08000000, 0x100000, 0x20000),
    "mps2-an385": ("cortex-m3", 0, 0x400000, 0x400000),
}
FLASH_CHIPS = ["nrf51", "stm32f405"]
LIMIT = 180.0  # seconds; generous, never what is measured

_MPS2 = """source [find target/swj-dp.tcl]
swj_newdap mps2 cpu -irlen 4 -expected-id 0x2ba01477
dap create mps2.dap -chain-position mps2.cpu
target create mps2.cpu cortex_m -dap mps2.dap
mps2.cpu configure -work-area-phys 0x20300000 -work-area-size 0x10000 -work-area-backup 0
adapter speed 4000
cortex_m reset_config sysresetreq
"""
_TARGET = {
    "nrf51": "source [find target/nrf51.cfg]\n",
    "stm32f405": "source [find target/stm32f4x.cfg]\n",
    "mps2-an385": _MPS2,
}


class Board:
    def __init__(self, program: Path, chip: str, directory: Path, serial: str, options: tuple[str, ...] = ()) -> None:
        self.chip, self.dir, self.serial = chip, directory, serial
        self.process = subprocess.Popen(
            [
                str(program),
                "--chip",
                chip,
                "--dir",
                str(directory),
                "--serial",
                serial,
                "--log-level",
                "warn",
                *options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"no ready line, exit status {self.process.wait(LIMIT)}"
        self.ready: dict[str, Any] = json.loads(line)
        self.port = int(self.ready["probe_port"])
        self.console = -1
        if self.ready["console"].startswith("/"):
            self.console = os.open(self.ready["console"], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.received = b""

    def control(self, request: str) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(LIMIT)
            # the name of a socket has 107 bytes at most: go there by descriptor
            folder = os.open(self.dir, os.O_PATH)
            try:
                s.connect(f"/proc/self/fd/{folder}/control")
            finally:
                os.close(folder)
            s.sendall(request.encode() + b"\n")
            with s.makefile() as f:
                answer: dict[str, Any] = json.loads(f.readline())
        return answer

    def power(self, what: str) -> None:
        answer = self.control(f"power {what}")
        assert answer["ok"], answer

    def status(self) -> dict[str, Any]:
        return self.control("status")

    def wait_status(self, **wanted: Any) -> dict[str, Any]:
        """Until every field has the wanted value."""
        end = time.monotonic() + LIMIT
        while True:
            status = self.status()
            if all(status.get(k) == v for k, v in wanted.items()):
                return status
            assert time.monotonic() < end, f"wanted {wanted}, have {status}"
            time.sleep(0.01)

    def wait_console(self, text: bytes) -> bytes:
        """Reads until text has come; returns all up to and with it, and keeps the rest."""
        end = time.monotonic() + LIMIT
        while text not in self.received:
            left = end - time.monotonic()
            assert left > 0, f"no {text!r} in {self.received[-500:]!r}; {self.status()}"
            if select.select([self.console], [], [], left)[0]:
                self.received += os.read(self.console, 65536)
        at = self.received.index(text) + len(text)
        head, self.received = self.received[:at], self.received[at:]
        return head

    def stop(self) -> None:
        if self.console >= 0:
            os.close(self.console)
            self.console = -1
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(LIMIT)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


class OpenOcd:
    """One OpenOCD, kept alive, driven through its Tcl port."""

    def __init__(self, board: Board, extra: tuple[str, ...] = (), init: bool = True, gdb: bool = False) -> None:
        self.log = tempfile.TemporaryFile()  # noqa: SIM115
        script = (
            f"adapter driver st-link\nst-link vid_pid 0x0483 0x374f\nst-link backend tcp {board.port}\n"
            f"transport select dapdirect_swd\n{_TARGET[board.chip]}"
            f"tcl_port 0\ntelnet_port disabled\n{'gdb_port 0' if gdb else 'gdb_port disabled'}\n"
            "gdb_memory_map enable\n"
        )
        argv = ["openocd", "-c", script]
        for command in (*extra, "init" if init else "", "poll" if init else ""):
            if command:
                argv += ["-c", command]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.socket: socket.socket | None = None

    def text(self) -> str:
        self.log.flush()
        return os.pread(self.log.fileno(), 1 << 20, 0).decode(errors="replace")

    def port(self, what: str) -> int:
        """Where it listens for tcl, gdb or rtt, as it says itself."""
        end = time.monotonic() + LIMIT
        marker = "Listening on port "
        while True:
            for line in self.text().splitlines():
                if marker in line and f"for {what} connections" in line:
                    return int(line.split(marker)[1].split()[0])
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < end, self.text()
            time.sleep(0.005)

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port("tcl")), LIMIT)

    def tcl(self, command: str) -> str:
        if not self.socket:
            self.connect()
        assert self.socket
        self.socket.sendall(command.encode() + b"\x1a")
        answer = b""
        while not answer.endswith(b"\x1a"):
            chunk = self.socket.recv(65536)
            assert chunk, self.text()
            answer += chunk
        return answer[:-1].decode(errors="replace")

    def run(self, command: str) -> str:
        """The command's output; fails the test when the command fails."""
        caught = f"catch {{capture {{{command}}}}} out"
        answer = self.tcl(f'if {{[{caught}]}} {{set r "FAILED $out"}} else {{set r "OK $out"}}')
        assert answer.startswith("OK"), f"{command}: {answer}\n{self.text()[-3000:]}"
        return answer[3:]

    def fails(self, command: str) -> str:
        """The error's text; fails the test when the command succeeds."""
        answer = self.tcl(f'if {{[catch {{{command}}} out]}} {{set r "FAILED $out"}} else {{set r "OK $out"}}')
        assert answer.startswith("FAILED"), f"{command} succeeded: {answer}"
        return answer[7:]

    def words(self, address: int, count: int = 1) -> list[int]:
        return [int(w, 0) for w in self.run(f"read_memory {address:#x} 32 {count}").split()]

    def word(self, address: int) -> int:
        return self.words(address)[0]

    def reg(self, name: str) -> int:
        return int(self.run(f"get_reg -force {name}").split()[1], 0)

    def set_reg(self, name: str, value: int) -> None:
        self.run(f"set_reg {{{name} {value:#x}}}")

    def load(self, board: Board, image: Path) -> None:
        """Flashes, or loads into RAM where the board has no flash, and leaves the core halted at its reset vector."""
        if board.chip == "mps2-an385":
            self.run(f"reset halt; load_image {image}; verify_image {image}; reset halt")
        else:
            self.run(f"program {image} verify")
            self.run("reset halt")

    def load_and_run(self, board: Board, image: Path) -> None:
        self.load(board, image)
        self.run("resume")

    def stop(self) -> None:
        if self.socket:
            self.socket.close()
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(LIMIT)
        self.log.close()


def symbol(image: Path, name: str) -> int:
    out = subprocess.run(["arm-none-eabi-nm", str(image)], capture_output=True, text=True, check=True).stdout
    return next(int(line.split()[0], 16) for line in out.splitlines() if line.split()[-1] == name)


def is_locked(path: Path) -> bool:
    with path.open("r+b") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
