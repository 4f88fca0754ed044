# SPDX-License-Identifier: Apache-2.0
"""Holds every #include to the may-use table of docs/architecture.md."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Which library a system header belongs to; headers not listed here are libc's and POSIX's.
LIBRARY_OF = {
    "jansson.h": "jansson",
    "yaml.h": "yaml",
    "sodium.h": "sodium",
    "libelf.h": "libelf",
    "gelf.h": "libelf",
    "uv.h": "uv",
    "libwebsockets.h": "lws",
    "sqlite3.h": "sqlite3",
    "zstd.h": "zstd",
    "curl/curl.h": "curl",
    "event2/buffer.h": "event",
    "event2/bufferevent.h": "event",
    "event2/event.h": "event",
    "event2/http.h": "event",
    "archive.h": "archive",
    "systemd/sd-daemon.h": "systemd",
}
# What the pure core must never see, beyond the libraries.
IMPURE = re.compile(r"^(sys/socket|netinet/|arpa/|poll|sys/epoll|pthread|unistd|fcntl|sys/stat|time)\b")


def may_use_table() -> dict[str, tuple[set[str], set[str]]]:
    table: dict[str, tuple[set[str], set[str]]] = {}
    for line in (ROOT / "docs/architecture.md").read_text().splitlines():
        row = re.match(r"\| `([\w/]+)` \|.*\| ([^|]*) \|$", line)
        if not row:
            continue
        folders, _, libraries = row.group(2).partition(" / " if " / " in row.group(2) else "/ ")
        table[row.group(1)] = (set(re.findall(r"`([\w/]+)`", folders)), set(libraries.split()))
    return table


def folder_of(path: str, folders: list[str]) -> str | None:
    owners = [folder for folder in folders if path.startswith(folder + "/")]
    return max(owners, key=len, default=None)


def sources() -> list[str]:
    out = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.c", "*.h"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for path in out.stdout.split() if path.startswith(("core/", "sim/", "daemon/", "agents/"))]


TABLE = may_use_table()


def allowed(owner: str, used: str) -> bool:
    if owner == used or used == "schema":
        return True
    if owner == "daemon":
        return not used.startswith(("daemon/cli", "agents"))
    folders = TABLE[owner][0]
    return any(used == folder or used.startswith(folder + "/") for folder in folders)


@pytest.mark.parametrize("path", sources())
def test_includes_follow_the_table(path: str) -> None:
    owner = folder_of(path, list(TABLE))
    assert owner is not None, f"{path}: its folder has no row in docs/architecture.md"
    wrong = []
    text = (ROOT / path).read_text()
    for number, line in enumerate(text.splitlines(), 1):
        include = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not include:
            continue
        name = include.group(2)
        if include.group(1) == '"' and "/" in name:
            used = folder_of(name, list(TABLE))
            if used is None or not allowed(owner, used):
                wrong.append(f"{path}:{number}: {owner} may not use {name}")
        elif include.group(1) == "<":
            library = LIBRARY_OF.get(name)
            if library and owner != "daemon" and library not in TABLE[owner][1]:
                wrong.append(f"{path}:{number}: {owner} may not use the library {library}")
            if owner.startswith("core/") and IMPURE.match(name):
                wrong.append(f"{path}:{number}: the core may not see <{name}>")
    assert not wrong, "\n".join(wrong)


def test_the_table_names_folders_that_exist() -> None:
    assert len(TABLE) > 15
    for folder in TABLE:
        assert (ROOT / folder).is_dir(), f"docs/architecture.md names {folder}, which does not exist"
