# SPDX-License-Identifier: Apache-2.0
"""A board as on a desk: a virtual board started by the test itself, that the agent knows only as any real board, by its
OpenOCD configuration, its serial device and the commands that switch its supply."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.farm import BUILD, CHIP_OF_TYPE

SWITCH = """
import json, socket, sys
control = socket.socket(socket.AF_UNIX)
control.connect(sys.argv[1])
control.sendall(f"power {sys.argv[2]}\\n".encode())
sys.exit(0 if json.loads(control.makefile().readline())["ok"] else 1)
"""


class DeskBoard:
    def __init__(self, directory: Path, board_type: str, serial: str = "DESK0001") -> None:
        directory.mkdir(parents=True)
        self.board_type = board_type
        self.serial = serial
        self.process = subprocess.Popen(
            [
                *(str(BUILD / "bin/assay-vboard"), "--chip", CHIP_OF_TYPE[board_type]),
                *("--dir", str(directory), "--serial", serial, "--log-level", "warn"),
            ],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())

    def control(self, request: str) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(self.ready["control"])
            control.sendall(f"{request}\n".encode())
            return dict(json.loads(control.makefile().readline()))

    def openocd_args(self) -> list[str]:
        return [
            *("-c", "adapter driver st-link; st-link vid_pid 0x0483 0x374f"),
            *("-c", f"st-link backend tcp {self.ready['probe_port']}"),
            *("-c", f"adapter serial {self.serial}; transport select dapdirect_swd"),
        ]

    def switch(self, state: str) -> list[str]:
        return [sys.executable, "-c", SWITCH, str(self.ready["control"]), state]

    def rack_entry(self, name: str, **more: Any) -> dict[str, Any]:
        return {
            "name": name,
            "type": self.board_type,
            "openocd": {"args": self.openocd_args()},
            "probe-serial": self.serial,
            "console": {"device": self.ready["console"], "baud": 115200},
            "power": {"on": self.switch("on"), "off": self.switch("off")},
            **more,
        }

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(180)
