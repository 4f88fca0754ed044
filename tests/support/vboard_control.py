# SPDX-License-Identifier: Apache-2.0
"""Asks an assay-vboard for something by its control socket, whatever started it."""

import json
import os
import socket
from pathlib import Path
from typing import Any


def vboard_control(directory: Path, request: str) -> dict[str, Any]:
    """One request to the board whose directory this is; its path may be longer than a socket's name can be."""
    place = os.open(directory, os.O_PATH)
    try:
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(180)
            control.connect(f"/proc/self/fd/{place}/control")
            control.sendall(f"{request}\n".encode())
            return dict(json.loads(control.makefile().readline()))
    finally:
        os.close(place)
