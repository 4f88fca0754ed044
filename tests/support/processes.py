# SPDX-License-Identifier: Apache-2.0
"""Waiting for conditions, and looking at a program's process tree through /proc."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


LOOKS = 100  # a machine that stood still for as long as one waits has shown nothing


def wait_until(what: str, condition: Callable[[], T | None], timeout_s: float = 180.0) -> T:
    """Polls until condition() is true-ish and returns it; fails by name when it never is."""
    end = time.monotonic() + timeout_s
    looks = 0
    while True:
        value = condition()
        if value:
            return value
        looks += 1
        if looks >= LOOKS and time.monotonic() > end:
            raise AssertionError(f"gave up after {timeout_s:g} s waiting for {what}")
        time.sleep(0.03)


def stat_fields(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text[text.rindex(")") + 2 :].split()


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    fields = stat_fields(pid)
    return fields is not None and fields[0] not in "ZX"


def descendants(pid: int) -> list[int]:
    """All processes below pid that are alive, nearest first."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = stat_fields(int(entry.name))
            if fields and fields[0] not in "ZX":
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    level = [pid]
    while level:
        level = [child for parent in level for child in parents.get(parent, [])]
        found += level
    return found


def command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def program(pid: int) -> str:
    """The name of the program a process runs: "openocd", "qemu-system-arm", "assay-vboard" …"""
    words = command(pid)
    return Path(words[0]).name if words else ""


def running_with(text: str) -> Iterator[int]:
    """Processes other than this one whose command line names text (a test's own directory)."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid() or not alive(int(entry.name)):
            continue
        if any(text in word for word in command(int(entry.name))):
            yield int(entry.name)


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
